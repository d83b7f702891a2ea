"""Public reads go to the replica while it is well; nobody notices when it isn't."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from urllib.request import urlopen

import pytest
from django.conf import settings as configured
from django.db import connection, connections
from prometheus_client import REGISTRY
from pytest_django.fixtures import Settings
from rest_framework.test import APIClient

from commerce.catalog.models import Product, Variant
from commerce.catalog.shelf import keeping
from commerce.catalog.shelf.snapshot import in_snapshot
from commerce.core.breaker import circuit
from commerce.core.procedures import call
from commerce.core.replica import reading
from commerce.core.replica.reads import read
from commerce.core.replica.routing import REPLICA
from tests.concurrency.web import Answer, Client, Web, serving, together
from tests.shop.adding import adding
from tests.shop.builder import Shop
from tests.shop.replicas import OwnReplica

PUBLIC = ["products", "products/{slug}", "search?q=product"]
INSTEAD, PRIMARY = "primary instead", "primary"
READS = 8
SERVED = re.compile(r'public_reads_total\{server="([a-z ]+)"\} ([0-9.]+)')


def served(server: str) -> float:
    """How many public reads it answered."""
    return REGISTRY.get_sample_value("public_reads_total", {"server": server}) or 0.0


def price(path: str) -> str:
    """The price that the page or the first card shows."""
    answer = APIClient().get(f"/api/v1/{path}")
    assert answer.status_code == 200, answer.content
    body = answer.json()
    return str(body["results"][0]["price"] if "results" in body else body["price"])


@pytest.mark.parametrize("path", PUBLIC)
def test_public_reads_go_to_the_replica(behind: Variant, path: str) -> None:
    before = served(REPLICA)

    shown = price(path.format(slug=behind.product.slug))

    assert (shown, served(REPLICA) - before) == ("500.00", 1)


@pytest.mark.parametrize("path", PUBLIC)
def test_a_replica_too_far_behind_is_not_read(
    behind: Variant, settings: Settings, path: str
) -> None:
    settings.REPLICA_LAG_MAX_SECONDS = 0.0
    before = served(PRIMARY)

    shown = price(path.format(slug=behind.product.slug))

    assert (shown, served(PRIMARY) - before) == ("650.00", 1)


def test_a_replica_that_has_caught_up_is_read_again(
    behind: Variant, replica: OwnReplica, settings: Settings
) -> None:
    settings.REPLICA_LAG_MAX_SECONDS = 0.0
    assert price("products") == "650.00"
    replica.go_on()
    before = served(REPLICA)

    assert (price("products"), served(REPLICA) - before) == ("650.00", 1)


def test_own_writes_are_read_back_while_the_replica_is_behind(behind: Variant, shop: Shop) -> None:
    client = APIClient()
    body = {"variant_id": str(behind.id), "quantity": 2}

    added = client.post("/api/v1/cart/items", body)
    cart = client.get("/api/v1/cart", headers={"X-Cart-Token": added["X-Cart-Token"]})

    assert added.status_code == 201, added.json()
    for answer in (added, cart):
        lines = answer.json()["items"]
        assert [(one["quantity"], one["unit_price"]) for one in lines] == [(2, "650.00")]


@pytest.mark.parametrize("connected", [True, False])
@pytest.mark.parametrize("what", ["kill", "hang"])
def test_a_replica_that_is_gone_costs_no_answer(
    doomed: Callable[[str], Variant], what: str, *, connected: bool
) -> None:
    assert price("products") == "500.00"
    if not connected:
        connections[REPLICA].close()
    variant = doomed(what)
    Variant.objects.filter(pk=variant.pk).update(price="650.00")
    before = served(INSTEAD), served(REPLICA)

    shown = [price("products") for _ in range(6)]

    assert shown == ["650.00"] * 6
    assert (served(INSTEAD) - before[0], served(REPLICA) - before[1]) == (6, 0)
    assert circuit(REPLICA).state == "open"


def test_a_hung_replica_that_goes_on_is_read_again(
    doomed: Callable[[str], Variant], replica: OwnReplica, settings: Settings
) -> None:
    doomed("hang")
    assert [price("products") for _ in range(3)] == ["500.00"] * 3
    replica.recover()
    settings.REPLICA_TIMEOUT_SECONDS = 10.0
    replica.forget()
    before = served(REPLICA)

    assert (price("products"), served(REPLICA) - before) == ("500.00", 1)


def test_a_server_that_follows_nobody_is_not_read(
    replica: OwnReplica, shop: Shop, settings: Settings
) -> None:
    shop.variant("500.00")
    keeping.rebuild()
    connections[REPLICA].close()
    connections[REPLICA].settings_dict["HOST"] = connection.settings_dict["HOST"]
    before = served(PRIMARY)

    assert (price("products"), served(PRIMARY) - before) == ("500.00", 1)


def test_a_refusal_is_an_answer_of_the_replica(replica: OwnReplica) -> None:
    before = served(REPLICA)

    answers = [APIClient().get("/api/v1/products/none") for _ in range(3)]

    assert [(one.status_code, one.json()["code"]) for one in answers] == [
        (404, "product_not_found")
    ] * 3
    assert (served(REPLICA) - before, circuit(REPLICA).state) == (3, "closed")


def test_what_the_replica_cannot_do_the_primary_is_asked(replica: OwnReplica) -> None:
    def question() -> str:
        with reading().cursor() as cursor:
            cursor.execute("CREATE TEMPORARY TABLE only_a_primary (id int) ON COMMIT DROP")
        return reading().alias

    assert read(question) == "default"


def test_procedures_and_writes_stay_on_the_primary(replica: OwnReplica, shop: Shop) -> None:
    variant, user = shop.variant("500.00"), shop.user()
    replica.catch_up()

    def question() -> tuple[str, str | None]:
        product = Product.objects.get(pk=variant.product_id)
        product.popularity = 7
        product.save()
        call("add_to_cart", **adding(variant, p_user_id=user.pk))
        return reading().alias, product._state.db

    assert read(question) == (REPLICA, "default")
    assert Product.objects.get(pk=variant.product_id).popularity == 7


def test_a_list_is_read_in_one_picture_of_the_replica(replica: OwnReplica) -> None:
    def picture() -> tuple[str, str, str]:
        with reading().cursor() as cursor:
            cursor.execute(
                "SELECT current_setting('transaction_isolation'), "
                "current_setting('transaction_read_only'), pg_is_in_recovery()::text"
            )
            found: tuple[str, str, str] = cursor.fetchone()
        return found

    assert read(lambda: in_snapshot(picture)) == ("repeatable read", "on", "true")


def test_nothing_of_a_session_is_left_on_a_connection(replica: OwnReplica) -> None:
    """PgBouncer gives the next transaction to whoever comes."""
    sent: list[str] = []

    def note(execute: object, sql: str, *rest: object) -> object:
        sent.append(sql)
        return execute(sql, *rest)  # type: ignore[operator]

    def question() -> bool:
        with reading().execute_wrapper(note):
            in_snapshot(lambda: reading().cursor().execute("SELECT 1"))
        return bool(reading().settings_dict["DISABLE_SERVER_SIDE_CURSORS"])

    assert read(question)
    assert not [one for one in sent if one.startswith("SET")]


def test_without_a_replica_nobody_is_asked_about_one(shop: Shop) -> None:
    assert REPLICA not in configured.DATABASES

    def question() -> str:
        return reading().alias

    before = served(PRIMARY), served(REPLICA), served(INSTEAD)
    assert read(question) == "default"
    assert (served(PRIMARY), served(REPLICA), served(INSTEAD)) == before


def served_by(web: Web) -> dict[str, float]:
    """How many public reads each server answered, in all processes."""
    with urlopen(f"http://127.0.0.1:{web.port}/metrics", timeout=30) as answer:
        text = answer.read().decode()
    return {server: float(count) for server, count in SERVED.findall(text)}


def test_browsing_goes_on_when_the_replica_hangs(
    replica: OwnReplica, shop: Shop, tmp_path: Path
) -> None:
    shop.variant("500.00")
    keeping.rebuild()
    replica.catch_up()
    (tmp_path / "metrics").mkdir()
    environment = {
        "DATABASE_REPLICA_URL": replica.url,
        "REPLICA_LAG_MAX_SECONDS": "3600",
        "REPLICA_WATCH_SECONDS": "3600",
        "REPLICA_TIMEOUT_SECONDS": "3",
        "BREAKER_SECONDS": "3600",
        "PAGE_CACHE": "false",
        "PROMETHEUS_MULTIPROC_DIR": str(tmp_path / "metrics"),
    }

    with serving(tmp_path, **environment) as web:
        app = Client(web.port)

        def read() -> Answer:
            return app.ask("GET", "products")

        well, by = [read() for _ in range(READS)], served_by(web)
        replica.hang()
        try:
            hung, by_then = together([read] * READS * 5), served_by(web)
        finally:
            replica.recover()

    assert {one.status for one in [*well, *hung]} == {200}
    assert by == {"replica": READS}
    assert by_then["replica"] == READS
    assert sum(by_then.values()) == READS * 6
