"""Redis answers who repeats a request again and again, and whatever is in it changes no answer."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django.fixtures import Settings
from rest_framework.test import APIClient

from commerce.accounts.models import User
from commerce.core.models import IdempotencyKey
from commerce.inventory.models import StockDocument
from commerce.orders.models import Order
from tests.api.checking_out import check_out
from tests.api.conftest import Api
from tests.shop.builder import Shop
from tests.shop.outages import OwnRedis

PATH = "/api/v1/inventory/receipts"
Poison = Callable[[bytes, bytes], bytes]


class Desk:
    """A clerk who books the same receipt under the same key."""

    def __init__(self, shop: Shop, api: Api, redis: OwnRedis) -> None:
        self.client: APIClient = api(shop.staff())
        self.redis = redis.client
        self.variant = shop.variant(stock=0)
        self.shop = shop
        self.key = shop.key()

    def book(self, quantity: int = 5, key: str = "") -> Any:
        """The answer to a receipt."""
        lines = [{"sku": self.variant.sku, "warehouse": "BLR", "quantity": quantity}]
        body = {"reference": key or self.key, "lines": lines}
        return self.client.post(PATH, body, headers={"Idempotency-Key": key or self.key})

    def book_twice(self, key: str = "") -> Any:
        """The answer to a receipt whose repetition brought it to Redis."""
        first = self.book(key=key)
        assert same(first, self.book(key=key))
        return first

    @property
    def name(self) -> bytes:
        """The name of the only entry."""
        (name,) = self.redis.keys("shop:answer:*")
        assert isinstance(name, bytes)
        return name

    @property
    def entry(self) -> bytes:
        """The only entry."""
        entry = self.redis.get(self.name)
        assert isinstance(entry, bytes)
        return entry


@pytest.fixture
def desk(shop: Shop, api: Api, redis: OwnRedis) -> Desk:
    """A clerk at this test's Redis."""
    return Desk(shop, api, redis)


def same(first: Any, second: Any) -> bool:
    """Whether the second answer is the first, told again."""
    replayed = second.headers.get("Idempotent-Replayed")
    return (second.status_code, second.content, replayed) == (201, first.content, "true")


def test_an_answer_that_nobody_asks_for_again_stays_out_of_redis(desk: Desk) -> None:
    desk.book()

    assert desk.redis.keys("shop:answer:*") == []


def again_and_again(client: APIClient, path: str, body: Any, headers: dict[str, str]) -> Any:
    """The answer to a request that was sent twice."""
    first, second = (client.post(path, body, headers=headers) for _ in range(2))
    assert second.content == first.content
    return first


def test_a_second_repetition_asks_the_database_only_who_it_is(desk: Desk) -> None:
    first = desk.book_twice()

    with CaptureQueriesContext(connection) as queries:
        second = desk.book()

    assert same(first, second)
    assert {
        word for one in queries for word in (one["sql"] or "").split() if "idempotency" in word
    } == set()
    assert [one for one in queries if "CALL" in (one["sql"] or "")] == []


def test_another_request_under_the_key_is_refused_without_the_database(desk: Desk) -> None:
    desk.book_twice()

    with CaptureQueriesContext(connection) as queries:
        other = desk.book(quantity=6)

    assert (other.status_code, other.json()["code"]) == (422, "key_reused")
    assert other.json()["context"] == {"procedure": "increase_inventory"}
    assert [one for one in queries if "idempotency_keys" in (one["sql"] or "")] == []


def of_another_version(entry: bytes, other: bytes) -> bytes:
    return b"2" + entry[1:]


def with_another_status(entry: bytes, other: bytes) -> bytes:
    return entry.replace(b".201.", b".200.")


def with_another_body(entry: bytes, other: bytes) -> bytes:
    return entry.replace(b'"quantity":5', b'"quantity":9')


POISONS: dict[str, Poison] = {
    "nothing": lambda entry, other: b"",
    "no entry": lambda entry, other: b"\xff\x00{}",
    "cut short": lambda entry, other: entry[:-1],
    "only its head": lambda entry, other: entry[:70],
    "too long": lambda entry, other: entry + b" ",
    "another's answer": lambda entry, other: other,
    "another version": of_another_version,
    "another status": with_another_status,
    "another body": with_another_body,
    "signed by nobody": lambda entry, other: entry[:2] + b"0" * 64 + entry[66:],
}


@pytest.mark.parametrize("poison", POISONS.values(), ids=POISONS)
def test_a_poisoned_entry_changes_no_answer(desk: Desk, poison: Poison) -> None:
    desk.book_twice(key="another")
    other = desk.entry
    desk.redis.flushall()
    first, good = desk.book_twice(), desk.entry
    bad = poison(good, other)
    assert bad != good
    desk.redis.set(desk.name, bad)

    second = desk.book()

    assert same(first, second)
    assert desk.book(quantity=6).json()["code"] == "key_reused"
    assert StockDocument.objects.count() == 2
    assert desk.shop.inventory(desk.variant) == (10, 0)
    assert desk.entry == good


def test_an_entry_of_another_kind_changes_no_answer(desk: Desk) -> None:
    first = desk.book_twice()
    name = desk.name
    desk.redis.delete(name)
    desk.redis.rpush(name, "a list")

    assert same(first, desk.book())


def test_an_entry_signed_with_another_secret_counts_for_nothing(
    desk: Desk, settings: Settings
) -> None:
    first = desk.book_twice()
    foreign = desk.entry
    settings.SECRET_KEY = "another shop's"
    kept = json.dumps(first.json() | {"reason": "Kept in the database."})
    IdempotencyKey.objects.update(body=kept)
    desk.client.force_authenticate(User.objects.get(is_superuser=True))

    second = desk.book()

    assert first.content != second.content
    assert second.content == kept.encode()
    assert desk.entry != foreign


def test_a_lost_entry_is_made_again_from_the_database(desk: Desk) -> None:
    first, entry = desk.book_twice(), desk.entry
    desk.redis.flushall()

    second = desk.book()

    assert same(first, second)
    assert desk.entry == entry


def test_entries_live_for_as_long_as_is_set(desk: Desk, settings: Settings) -> None:
    settings.IDEMPOTENCY_REPLAY_SECONDS = 77

    desk.book_twice()

    assert 0 < desk.redis.ttl(desk.name) <= 77


def test_a_refusal_is_kept_nowhere(desk: Desk) -> None:
    desk.variant.sku = "NO-SUCH"

    answer = desk.book()

    assert answer.status_code == 404
    assert desk.redis.keys("*answer*") == []
    assert IdempotencyKey.objects.count() == 0


def test_an_answer_that_time_overtakes_is_kept_in_the_database_alone(
    shop: Shop, api: Api, redis: OwnRedis
) -> None:
    user = shop.user()
    shop.cart(user, {shop.variant(stock=5): 1})
    body = {"address_id": str(shop.address(user).id), "payment_method": "online"}

    headers = {"Idempotency-Key": shop.key()}
    answer, again = (api(user).post("/api/v1/checkout", body, headers=headers) for _ in range(2))

    assert answer.status_code == 201
    assert same(answer, again)
    assert IdempotencyKey.objects.get().body is not None
    assert redis.client.keys("*answer*") == []


def test_an_erased_persons_answers_leave_redis(shop: Shop, api: Api, redis: OwnRedis) -> None:
    user = shop.user(name="Asha Rao")
    shop.cart(user, {shop.variant(): 1})
    placing = check_out(api(user), shop, user)["placing"]
    headers = {"Idempotency-Key": shop.key()}
    order = again_and_again(api(user), "/api/v1/orders", placing, headers).json()
    path = f"/api/v1/orders/{order['id']}/cancel"
    again_and_again(api(user), path, {"reason": "x"}, {"Idempotency-Key": shop.key()})
    assert Order.objects.get().status == "cancelled"
    assert len(redis.client.keys("shop:answer:*")) == 2

    assert api(user).delete("/api/v1/me").status_code == 204

    assert redis.client.keys("shop:answer:*") == []
