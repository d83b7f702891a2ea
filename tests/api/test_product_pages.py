"""Pages of the product list: both ways, while products come and go, and bad queries."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.conftest import Api
from tests.api.test_products import LIST, slugs
from tests.shop.builder import Shop


@pytest.mark.parametrize("sort", ["newest", "price", "-price", "discount", "popularity", "rating"])
def test_pages_meet_without_gap_or_repetition_both_ways(
    shop: Shop, shelved: Api, sort: str
) -> None:
    for n in range(7):  # equal keys throughout: only the id tells the rows apart
        shop.variant("100.00" if n % 2 else "200.00", mrp="400.00")
    client = shelved()
    whole = slugs(client.get(LIST, {"sort": sort}).json())

    forward, pages = [], []
    cursor: dict[str, Any] = {}
    while True:
        page = client.get(LIST, {"sort": sort, "limit": 3, **cursor}).json()
        pages.append(page)
        forward += slugs(page)
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}
    backward = slugs(pages[-1])
    cursor = {"cursor": pages[-1]["previous"]}
    while cursor["cursor"]:
        page = client.get(LIST, {"sort": sort, "limit": 3, **cursor}).json()
        backward = slugs(page) + backward
        cursor = {"cursor": page["previous"]}

    assert len(whole) == 7
    assert forward == whole
    assert backward == whole
    assert [len(page["results"]) for page in pages] == [3, 3, 1]
    assert pages[0]["previous"] is None


def test_page_stays_put_when_products_are_added_before_it(shop: Shop, shelved: Api) -> None:
    for _ in range(4):
        shop.variant()
    client = shelved()
    whole = slugs(client.get(LIST, {"sort": "newest"}).json())
    first = client.get(LIST, {"sort": "newest", "limit": "2"}).json()
    shop.variant()

    second = client.get(LIST, {"sort": "newest", "limit": "2", "cursor": first["next"]}).json()

    assert slugs(second) == whole[2:]


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("colour=%00", "/colour"),
        ("cursor=nonsense", "/cursor"),
        ("cursor=%F0%9F%92%A9", "/cursor"),
        ("limit=0", "/limit"),
        ("limit=-1", "/limit"),
        ("limit=1000000000000", "/limit"),
        ("limit=ten", "/limit"),
        ("age=-1", "/age"),
        ("age=1000000000000", "/age"),
        ("min_price=-1", "/min_price"),
        ("min_price=NaN", "/min_price"),
        ("min_price=1e400", "/min_price"),
        ("max_price=1000000000000", "/max_price"),
        ("gender=dragon", "/gender/0"),
        ("sort=cheapest", "/sort"),
        ("discount=15", "/discount"),
        ("rating=6", "/rating"),
        ("age_band=teen", "/age_band/0"),
        ("in_stock=perhaps", "/in_stock"),
        ("category=no%20slug", "/category"),
        ("page=2", "/page"),
        ("offset=2", "/offset"),
    ],
)
def test_bad_query_is_refused_by_name(shop: Shop, shelved: Api, query: str, pointer: str) -> None:
    answer = shelved().get(f"{LIST}?{query}")

    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    assert pointer in [one["pointer"] for one in answer.json()["errors"]]


def test_cursor_of_another_sort_is_refused(shop: Shop, shelved: Api) -> None:
    for _ in range(2):
        shop.variant()
    cursor = shelved().get(LIST, {"sort": "price", "limit": "1"}).json()["next"]

    answer = shelved().get(LIST, {"sort": "-price", "limit": 1, "cursor": cursor})

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == "/cursor"
    assert answer.json()["errors"][0]["code"] == "invalid_cursor"
