"""SQL in any parameter is text: it runs nowhere, finds nothing more and breaks nothing.

A payload that reached the database as SQL would move a sequence, which no rollback takes back.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.urls import reverse
from drf_spectacular.generators import SchemaGenerator

from tests.api.conftest import Api
from tests.security.calls import CALLS, Call
from tests.security.cast import Cast, every_row
from tests.security.matrix import LINES, Line
from tests.shop.builder import Shop

MOVE = "(SELECT nextval('injected'))"
PAYLOADS = (
    "'",
    "' OR '1'='1",
    f"' || {MOVE} || '",
    f"1 OR {MOVE} > 0",
    "x'); SELECT nextval('injected'); --",
    f"-price, {MOVE}",
    f"\\'; SELECT {MOVE}; --",
    "%' OR 1=1 --",
    "1; SELECT pg_sleep(60)",
    "${jndi:x} {{7*7}} %s %(a)s {0}",
)
HEADERS = ("X-Cart-Token", "Idempotency-Key", "Accept-Language", "X-Request-ID")


@pytest.fixture
def moved(shop: Shop) -> Iterator[Any]:
    """Says whether anything has run a payload."""

    def told() -> bool:
        with connection.cursor() as cursor:
            cursor.execute("SELECT is_called FROM injected")
            return bool(cursor.fetchone()[0])

    with connection.cursor() as cursor:
        cursor.execute("DROP SEQUENCE IF EXISTS injected; CREATE SEQUENCE injected")
    yield told
    with connection.cursor() as cursor:
        cursor.execute("DROP SEQUENCE injected")


def parameters() -> list[tuple[str, str]]:
    """Every (path, query parameter) of the contract."""
    generator: Any = SchemaGenerator
    document = generator().get_schema(request=None, public=True)
    return [
        (path, one["name"])
        for path, methods in document["paths"].items()
        for one in methods.get("get", {}).get("parameters", [])
        if one["in"] == "query" and "{" not in path
    ]


def test_payload_that_ran_would_be_seen(moved: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT '{PAYLOADS[2]}'")

    assert moved() is True


def test_no_query_parameter_is_run(shop: Shop, shelved: Api, moved: Any) -> None:
    for _ in range(3):
        shop.variant()
    client = shelved(shop.user())
    listed = client.get("/api/v1/products").json()
    known = {one["id"] for one in listed["results"]}
    tried = parameters()

    assert {name for path, name in tried if path == "/api/v1/products"} >= {"sort", "cursor"}
    for path, name in tried:
        for payload in PAYLOADS:
            others = {"q": "product"} if "search" in path else {}
            answer = client.get(path, {**others, name: payload})
            assert answer.status_code in {200, 400, 404}, (path, name, payload)
            if path == "/api/v1/products" and answer.status_code == 200:
                assert {one["id"] for one in answer.json()["results"]} <= known
    assert moved() is False


def test_no_part_of_an_address_is_run(shop: Shop, api: Api, moved: Any) -> None:
    client = api(shop.user())
    before = every_row()
    for payload in PAYLOADS:
        part = quote(payload, safe="")
        for path in ("products", "serviceability", "orders", "addresses", "cart/items"):
            answer = client.get(f"/api/v1/{path}/{part}")
            assert answer.status_code in {400, 404, 405}, (path, payload)
        assert client.post(f"/api/v1/payments/webhooks/{part}", {}).status_code in {401, 404}

    assert (moved(), every_row() == before) == (False, True)


def test_no_header_is_run(shop: Shop, api: Api, moved: Any) -> None:
    variant = shop.variant()
    for payload in PAYLOADS:
        for header in HEADERS:
            body = {"variant_id": str(variant.id), "quantity": 1}
            answer = api().post("/api/v1/cart/items", body, headers={header: payload})
            assert answer.status_code in {201, 400}, (header, payload)

    assert moved() is False


TEXTS = [line for line in LINES if line.method in {"POST", "PATCH"} and line.whose != "guest's"]


@pytest.mark.parametrize("line", TEXTS, ids=str)
def test_no_text_of_a_body_is_run(shop: Shop, api: Api, moved: Any, line: Line) -> None:
    cast = Cast(shop, api)
    role = "customer" if line.statuses["customer"] < 300 else "administrator"
    client = cast.client(role)
    call: Call = CALLS[line.method, line.route](cast, role, line.whose)

    for name, value in call.body.items():
        if isinstance(value, str):
            for payload in PAYLOADS[:6]:
                answer = call.send(
                    client, line.method, line.route, body={**call.body, name: payload}
                )
                assert answer.status_code < 500, (name, payload)
    assert moved() is False


def test_no_parameter_of_the_admin_is_run(shop: Shop, moved: Any) -> None:
    client = Client()
    client.force_login(shop.staff())
    for model in admin.site._registry:
        url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        for name in ("q", "o", "id", "status__exact", "p"):
            answer = client.get(url, {name: PAYLOADS[2]})
            assert answer.status_code in {200, 302, 400}, (url, name)

    assert moved() is False
