"""What is told again, to whom, and what is not."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from typing import Any

import brotli
import pytest
from django.core.cache import cache
from django_redis import get_redis_connection
from pytest_django.fixtures import Settings

from commerce.core.caching import local, names, page, rules, shared
from commerce.core.caching.rules import Asked, Rule
from tests.caching.conftest import Reader, outcomes, renderings
from tests.shop.builder import Shop


def stored() -> set[bytes]:
    """The pages in Redis."""
    return set(get_redis_connection("default").keys(names.page("*")))


@pytest.mark.parametrize(
    "path",
    [
        "home",
        "products?sort=price",
        "search?q=kite",
        "search/suggest?q=ki",
        "serviceability/560001",
    ],
)
def test_second_read_is_told_from_the_process(shop: Shop, reader: Reader, path: str) -> None:
    shop.variant("100.00")
    reader.follow()

    outcomes_of_both = [reader.how(path), reader.how(path)]

    assert outcomes_of_both == ["rendered", "hit"]


def test_kept_page_is_the_page_that_was_rendered(shop: Shop, reader: Reader) -> None:
    path = f"products/{shop.variant('100.00').product.slug}"
    reader.follow()

    first, second = reader.get(path), reader.get(path)
    reader.forget_here()
    third = reader.get(path)

    assert first.content == second.content == third.content
    for answer in (first, second, third):
        assert answer["Content-Type"] == "application/json"
        assert answer["ETag"] == first["ETag"]
        assert answer["Cache-Control"] == "public, max-age=0, s-maxage=1, stale-while-revalidate=1"
        assert "Accept-Encoding" in answer["Vary"]
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["X-Frame-Options"] == "DENY"
    assert first["Cache-Status"] == "shop; fwd=miss; stored"
    assert second["Cache-Status"].startswith("shop; hit; ttl=")


def test_other_process_is_told_from_redis(shop: Shop, reader: Reader) -> None:
    reader.follow()
    reader.get("home")

    reader.forget_here()

    assert [reader.how("home"), reader.how("home")] == ["shared hit", "hit"]


def test_client_that_has_the_page_is_not_sent_it_again(reader: Reader) -> None:
    reader.follow()
    etag = reader.get("home")["ETag"]

    same = reader.get("home", **{"If-None-Match": f'"other", {etag}'})
    other = reader.get("home", **{"If-None-Match": '"other"'})

    assert (same.status_code, same.content, same["ETag"]) == (304, b"", etag)
    assert (other.status_code, other["ETag"]) == (200, etag)


def test_page_is_sent_compressed_to_who_takes_it(shop: Shop, reader: Reader) -> None:
    for _ in range(6):
        shop.variant("100.00")
    reader.follow()
    plain = reader.get("products")
    reader.forget_here()  # so that Redis' compressed copy is the only one

    zipped = reader.get("products", **{"Accept-Encoding": "gzip"})
    broken = reader.get("products", **{"Accept-Encoding": "gzip, br"})
    refused = reader.get("products", **{"Accept-Encoding": "br;q=0"})

    assert (zipped["Content-Encoding"], gzip.decompress(zipped.content)) == ("gzip", plain.content)
    assert (broken["Content-Encoding"], brotli.decompress(broken.content)) == ("br", plain.content)
    assert (refused.get("Content-Encoding"), refused.content) == (None, plain.content)
    assert len(broken.content) < len(plain.content) / 3
    assert plain["ETag"] == zipped["ETag"] == broken["ETag"]


def test_order_of_parameters_makes_no_other_page(reader: Reader) -> None:
    reader.follow()
    reader.get("products?brand=kite,mango&size=S&size=M&sort=price")

    assert reader.how("products?sort=price&size=M,S&brand=mango&brand=kite") == "hit"


@pytest.mark.parametrize(
    ("query", "pointer"),
    [("colours=red", "/colours"), ("sort=price&q=frock", "/q"), ("min_price=none", "/min_price")],
)
def test_parameter_that_the_view_refuses_is_refused_each_time(
    reader: Reader, query: str, pointer: str
) -> None:
    reader.follow()
    reader.get("products")
    reader.get("products?sort=price")
    before = stored()

    answers = [reader.get(f"products?{query}") for _ in range(2)]

    assert [answer.status_code for answer in answers] == [400, 400]
    assert [one["pointer"] for one in answers[1].json()["errors"]] == [pointer]
    assert answers[1]["Cache-Control"] == "private, no-store"
    assert stored() == before


def test_read_for_other_content_than_json_is_the_views(reader: Reader) -> None:
    reader.follow()
    reader.get("home")

    assert reader.get("home", Accept="text/html").status_code == 406
    assert reader.get("home", Accept="application/json, text/plain").status_code == 200


def test_host_that_is_not_ours_is_refused_though_the_page_is_kept(reader: Reader) -> None:
    reader.follow()
    reader.get("home")

    answer = reader.get("home", Host="attacker.example")

    assert answer.status_code == 400
    assert answer["Cache-Control"] == "private, no-store"


def test_what_is_not_for_everybody_is_marked_as_private(reader: Reader) -> None:
    assert reader.get("cart")["Cache-Control"] == "private, no-store"
    assert reader.get("orders")["Cache-Control"] == "private, no-store"


def test_absence_is_remembered_until_the_product_appears(shop: Shop, reader: Reader) -> None:
    reader.follow()
    first, second = reader.get("products/new-kite"), reader.get("products/new-kite")
    before = renderings()
    assert (first.status_code, second.status_code) == (404, 404)
    assert second.json()["code"] == "product_not_found"
    assert second.json()["instance"] == "/api/v1/products/new-kite"
    assert renderings() == before

    shop.variant("100.00", product=shop.product(slug="new-kite"))
    reader.follow()

    assert reader.get("products/new-kite").status_code == 200


def test_no_more_pages_of_a_kind_are_kept_than_its_rule_says(reader: Reader) -> None:
    few = Rule("few", "/few", lambda _data: (), "public", entries=5)
    asked = [Asked(few, "", f"few:{n}") for n in range(20)]

    for seconds, one in enumerate(asked, start=30):
        kept = page.rendered(b"{}", "application/json", page.now(), ())
        shared.keep(one, replace(kept, seconds=seconds))

    redis = get_redis_connection("default")
    assert redis.zcard(names.index("few")) == 5
    assert len(redis.keys(names.page("few:*"))) == 5
    assert shared.find(asked[-1]).page is not None


def test_process_holds_no_more_bytes_than_it_may() -> None:
    held = local.Held(most=20_000)

    for n in range(20):
        held.put(str(n), page.rendered(b"x" * 1_000, "application/json", page.now(), ()))

    assert held.bytes <= 20_000
    assert list(held.pages) == [str(n) for n in range(10, 20)]


def test_addresses_that_are_remembered_are_bounded(rf: Any) -> None:
    known = rules.Rules(rules.rules().whole.values())

    for n in range(rules.REMEMBERED + 10):
        assert known.asked(rf.get("/api/v1/search", {"q": f"kite {n}"})) is not None

    assert len(known.known) == 10
    assert known.asked(rf.get("/api/v1/search", {"q": "x" * rules.QUERY_LENGTH_MAX})) is None


def test_entry_that_nobody_signed_is_as_good_as_none(shop: Shop, reader: Reader) -> None:
    reader.follow()
    told = reader.get("home").content
    redis = get_redis_connection("default")
    (name,) = redis.keys(names.page("home:*"))
    entry, key = redis.get(name), name.decode().removeprefix(names.page(""))

    for forged in (entry[:-1] + b"?", entry[:-1], b"1" + entry, b"1", b""):
        assert page.unpacked(key, forged) is None
        redis.set(name, forged)
        reader.forget_here()
        assert reader.get("home").content == told
    assert page.unpacked(key, entry) is not None


def test_page_of_another_key_is_not_taken(reader: Reader) -> None:
    kept = page.rendered(b"{}", "application/json", page.now(), ("lists",))

    packed = page.packed("list:1", kept)

    assert page.unpacked("list:2", packed) is None
    back = page.unpacked("list:1", packed)
    assert back is not None
    assert (back.body(""), back.etag, back.tags) == ((b"{}", ""), kept.etag, ("lists",))


def test_every_read_is_counted_by_page_and_outcome(reader: Reader) -> None:
    reader.follow()
    before = outcomes()

    reader.get("home")
    reader.get("home")

    told = {name: count - before.get(name, 0) for name, count in outcomes().items()}
    assert {name: count for name, count in told.items() if count} == {"rendered": 1, "hit": 1}


def test_cache_that_is_switched_off_tells_nothing_twice(reader: Reader, settings: Settings) -> None:
    settings.PAGE_CACHE = False
    cache.clear()

    answers = [reader.get("home") for _ in range(2)]

    assert [json.loads(one.content) for one in answers] == [{"sections": []}] * 2
    assert not any("ETag" in one for one in answers)
    assert stored() == set()
