"""Requests share a page only if the view reads the same from them; whoever is let in stays in."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest
from pytest_django.fixtures import Settings

from tests.caching.conftest import Reader
from tests.shop.builder import Shop

FROCK = "फ्रॉक"
BYTES = FROCK.encode().decode("latin-1")  # as WSGI hands over what was sent unquoted
MANY = 300  # more than the hosts that a process remembers
ASKED = ["search?q=", "search/suggest?q=", "products?brand="]


def unquoted(reader: Reader, address: str) -> Any:
    """A read whose query has the bytes themselves."""
    path, _, name = address.partition("?")
    return reader.client.get(f"/api/v1/{path}", QUERY_STRING=f"{name}{BYTES}")


@pytest.mark.parametrize("address", ASKED)
def test_bytes_of_a_text_are_not_the_text_that_looks_like_them(
    shop: Shop, reader: Reader, address: str
) -> None:
    reader.follow()
    unquoted(reader, address)

    assert reader.how(address + quote(BYTES)) == "rendered"
    assert reader.how(address + quote(FROCK)) == "hit"


def test_search_by_bytes_is_not_answered_with_the_page_of_others(
    shop: Shop, reader: Reader
) -> None:
    shop.variant("100.00", product=shop.product(name=FROCK))
    reader.follow()
    assert reader.get(f"search?q={quote(BYTES)}").json()["results"] == []

    assert [one["name"] for one in unquoted(reader, "search?q=").json()["results"]] == [FROCK]


@pytest.mark.parametrize("address", ASKED)
def test_encoding_that_a_request_names_makes_no_page_of_others(
    shop: Shop, reader: Reader, address: str
) -> None:
    reader.follow()
    reader.get(address + quote(FROCK), **{"Content-Type": "text/plain; charset=latin-1"})

    assert reader.how(address + quote(FROCK)) == "rendered"
    kind = {"Content-Type": "application/json; charset=UTF-8"}
    assert reader.how(address + quote(FROCK), **kind) == "hit"


@pytest.mark.parametrize(
    ("good", "bad"),
    [("sort=price", "sort=%20price"), ("brand=kite", "brand=" + ",".join(["kite"] * 60))],
)
def test_value_that_the_view_refuses_is_refused_though_its_like_is_kept(
    reader: Reader, good: str, bad: str
) -> None:
    reader.follow()
    assert reader.get(f"products?{good}").status_code == 200

    assert reader.get(f"products?{bad}").status_code == 400


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("X-Forwarded-Host", "odd{}.example"),
        ("Host", "testserver:{}"),
        ("Host", "odd{}.shop.example"),
    ],
)
def test_host_that_comes_late_is_told_pages(
    reader: Reader, settings: Settings, header: str, value: str
) -> None:
    settings.ALLOWED_HOSTS = ["testserver", ".shop.example"]
    reader.follow()
    for number in range(1, MANY):
        reader.get("categories", **{header: value.format(number)})

    late = {"Host": "late.shop.example"}
    assert [reader.how("categories", **late) for _ in range(2)] == ["rendered", "hit"]


def test_host_that_is_read_stays_in_whoever_else_comes(reader: Reader, settings: Settings) -> None:
    settings.ALLOWED_HOSTS = ["testserver", ".shop.example"]
    reader.follow()

    for number in range(MANY):
        reader.get("categories", Host=f"odd{number}.shop.example")
        if number % 50 == 0:
            reader.get("categories")

    assert reader.how("categories") == "hit"


def test_forwarded_host_is_judged_where_the_settings_trust_it(
    reader: Reader, settings: Settings
) -> None:
    settings.USE_X_FORWARDED_HOST = True
    reader.follow()
    reader.get("home")

    assert reader.get("home", **{"X-Forwarded-Host": "attacker.example"}).status_code == 400
    assert reader.how("home") == "hit"
