"""How often a client may ask, whom it counts, and what it is told."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.test import RequestFactory
from django.urls import URLPattern, get_resolver
from pytest_django.fixtures import Settings
from rest_framework.test import APIClient

from commerce.accounts import tokens
from commerce.core.clients import client_ip, client_network
from commerce.core.problems import CONTENT_TYPE
from commerce.core.rates import Rate, rate
from commerce.core.throttling import REFUSED, Policy, category_of, take
from config.limits import RATE_LIMITS
from tests.api.conftest import Api
from tests.api.limits import LIMIT, log_in, order
from tests.shop.builder import Shop


def test_the_limits_are_those_that_were_asked_for() -> None:
    assert RATE_LIMITS == {
        "auth": (10, 60),
        "critical": (30, 60),
        "critical-ip": (30, 60),
        "standard": (1000, 60),
        "reports": (10, 3600),
        "webhooks": (500, 60),
    }


@pytest.mark.parametrize(
    ("written", "meant"),
    [("10/min", (10, 60)), ("5/s", (5, 1)), ("10/h", (10, 3600)), ("7 / hour", (7, 3600))],
)
def test_a_rate_is_read(written: str, meant: tuple[int, int]) -> None:
    assert rate(written) == meant


@pytest.mark.parametrize("written", ["", "10", "10/", "0/min", "-1/min", "ten/min", "1/year"])
def test_a_rate_that_is_none_is_named(written: str) -> None:
    with pytest.raises(ValueError, match=re.escape(repr(written))):
        rate(written)


def test_one_too_many_is_told_how_long_to_wait(
    shop: Shop, api: Api, limited: Callable[..., None]
) -> None:
    limited("standard")
    client, before = api(shop.user()), REFUSED.labels("standard")._value.get()

    answers = [client.get("/api/v1/me") for _ in range(LIMIT + 2)]

    assert [one.status_code for one in answers] == [200] * LIMIT + [429] * 2
    assert [one["RateLimit"].split(";")[1] for one in answers] == [
        "r=2",
        "r=1",
        "r=0",
        "r=0",
        "r=0",
    ]
    assert {one["RateLimit-Policy"] for one in answers} == {'"standard";q=3;w=3600'}
    refused = answers[-1]
    assert refused["Content-Type"] == CONTENT_TYPE
    assert refused.json()["code"] == "rate_limited"
    assert refused.json()["context"] == {"policy": "standard", "limit": 3, "seconds": 3600}
    assert 0 < int(refused["Retry-After"]) <= 3600
    assert refused["RateLimit"] == f'"standard";r=0;t={refused["Retry-After"]}'
    assert REFUSED.labels("standard")._value.get() == before + 2


def test_who_waited_as_told_may_ask_again(
    shop: Shop, api: Api, patient: None, settings: Settings
) -> None:
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"standard": Rate(1, 1)}
    client = api(shop.user())
    assert client.get("/api/v1/me").status_code == 200

    while (refused := client.get("/api/v1/me")).status_code == 200:
        pass
    time.sleep(int(refused["Retry-After"]))

    assert client.get("/api/v1/me").status_code == 200


def test_no_stretch_of_time_sees_more_than_the_limit(shop: Shop, patient: None) -> None:
    policy, passed = [Policy("standard", f"user:{uuid4()}", Rate(10, 1))], []
    end = time.monotonic() + 2.5
    while (before := time.monotonic()) < end:
        if not take(policy)[0].empty:
            passed.append((before, time.monotonic()))

    assert len(passed) > 10
    for first, beyond in zip(passed, passed[10:], strict=False):
        assert beyond[1] - first[0] >= 0.999  # Redis counts in milliseconds


def test_a_customer_is_counted_wherever_they_are_and_apart_from_others(
    shop: Shop, api: Api, limited: Callable[..., None]
) -> None:
    limited("standard")
    user = shop.user()
    devices = [api(user), api(user)]

    asked = [
        devices[n % 2].get("/api/v1/me", REMOTE_ADDR=f"203.0.113.{n}").status_code for n in range(4)
    ]

    assert asked == [200, 200, 200, 429]
    assert api(shop.user()).get("/api/v1/me").status_code == 200


def test_nobody_is_counted_by_address(
    shop: Shop, shelved: Api, limited: Callable[..., None]
) -> None:
    limited("standard")
    client = shelved()

    asked = [
        client.get("/api/v1/cart", REMOTE_ADDR=f"203.0.113.{n // 4}").status_code for n in range(5)
    ]

    assert asked == [200, 200, 200, 429, 200]


def test_paying_is_counted_by_customer_and_by_address(
    shop: Shop, api: Api, limited: Callable[..., None]
) -> None:
    limited("critical", "critical-ip")
    one, other, third = api(shop.user()), api(shop.user()), api(shop.user())

    assert [order(one), order(one), order(other), order(other)] == [400, 400, 400, 429]
    elsewhere: dict[str, Any] = {"REMOTE_ADDR": "203.0.113.9"}
    key = {"Idempotency-Key": str(uuid4())}
    answers = [
        other.post("/api/v1/orders", {}, headers=key, **elsewhere).status_code for _ in range(3)
    ]
    assert answers == [400, 400, 429]  # what was refused before had taken nothing
    assert third.get("/api/v1/orders").status_code == 200


@pytest.mark.parametrize(
    "forged",
    [
        {"HTTP_X_FORWARDED_FOR": "198.51.100.{n}"},
        {"HTTP_X_FORWARDED_FOR": "198.51.100.{n}, 203.0.113.7", "proxies": "1"},
        {"HTTP_X_FORWARDED_FOR": "198.51.100.{n}, 203.0.113.7, 10.0.0.1", "proxies": "2"},
        {"HTTP_X_REAL_IP": "198.51.100.{n}", "HTTP_FORWARDED": "for=198.51.100.{n}"},
        {"REMOTE_ADDR": "2001:db8:7:7::{n}"},
    ],
)
def test_a_claim_about_the_address_gains_nothing(
    shop: Shop, limited: Callable[..., None], settings: Settings, forged: dict[str, str]
) -> None:
    limited("auth")
    settings.NUM_PROXIES = int(forged.get("proxies", "0"))
    headers = {name: text for name, text in forged.items() if name != "proxies"}

    asked = [
        log_in(APIClient(), **{name: text.format(n=n) for name, text in headers.items()})
        for n in range(1, LIMIT + 2)
    ]

    assert asked == [422] * LIMIT + [429]


@pytest.mark.parametrize(
    ("peer", "proxies", "told", "network"),
    [
        ("203.0.113.7", 0, "198.51.100.1", "203.0.113.7"),
        ("10.0.0.1", 1, "198.51.100.1, 203.0.113.7", "203.0.113.7"),
        ("10.0.0.1", 2, "203.0.113.7", "10.0.0.1"),
        ("10.0.0.1", 1, "not an address", "127.0.0.1"),
        ("::ffff:203.0.113.7", 0, "", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", 0, "", "2001:db8:1:2::"),
        ("fe80::1%eth0", 0, "", "fe80::"),
        ("", 0, "", "127.0.0.1"),
    ],
)
def test_a_client_is_known_by_its_network(
    settings: Settings, peer: str, proxies: int, told: str, network: str
) -> None:
    settings.NUM_PROXIES = proxies
    request = RequestFactory().get("/", REMOTE_ADDR=peer, HTTP_X_FORWARDED_FOR=told)

    assert client_network(request) == network
    assert client_ip(request).startswith(network.removesuffix("::"))


def test_a_refresh_is_counted_by_its_login_and_garbage_by_its_address(
    shop: Shop, limited: Callable[..., None]
) -> None:
    limited("auth")
    first, second = tokens.issue(shop.user())["refresh"], tokens.issue(shop.user())["refresh"]

    def refresh(token: Any) -> Any:
        return APIClient().post("/api/v1/auth/token/refresh", {"refresh": token})

    answers = []
    for _ in range(LIMIT):
        answers.append(refresh(first))
        first = answers[-1].json()["refresh"]
    assert [one.status_code for one in answers] == [200] * LIMIT
    assert refresh(first).status_code == 429
    assert refresh(second).status_code == 200
    assert [refresh(one).status_code for one in ("x", 7, None, "y")] == [401, 400, 400, 429]
    assert log_in(APIClient()) == 429


def test_webhooks_are_counted_by_their_source(shop: Shop, limited: Callable[..., None]) -> None:
    limited("webhooks")

    def tell(source: str) -> int:
        path = "/api/v1/payments/webhooks/sandbox"
        return APIClient().post(path, {}, REMOTE_ADDR=source).status_code

    assert [tell("203.0.113.7") for _ in range(4)] == [401, 401, 401, 429]
    assert tell("203.0.113.8") == 401


def test_whoever_watches_the_shop_is_never_turned_away(
    shop: Shop, limited: Callable[..., None]
) -> None:
    limited("standard")

    answers = [APIClient().get("/health/live") for _ in range(LIMIT + 2)]

    assert {one.status_code for one in answers} == {200}
    assert not any("RateLimit" in one for one in answers)


def routes() -> dict[str, URLPattern]:
    """Every route of the API by its name."""

    def found(patterns: Any) -> Any:
        for one in patterns:
            yield from found(one.url_patterns) if hasattr(one, "url_patterns") else [one]

    return {one.name: one for one in found(get_resolver().url_patterns)}


def test_every_route_that_is_named_exists_and_has_its_category(settings: Settings) -> None:
    named = [*settings.AUTH_ROUTES, *settings.CRITICAL_ROUTES, *settings.WEBHOOK_ROUTES]

    assert set(named) - set(routes()) == set()
    assert {category_of(name, "POST") for name in settings.AUTH_ROUTES} == {"auth"}
    assert {category_of(name, "POST") for name in settings.CRITICAL_ROUTES} == {"critical"}
    assert {category_of(name, "GET") for name in settings.CRITICAL_ROUTES} == {"standard"}
    assert category_of("payment-webhook", "POST") == "webhooks"
    assert category_of("summary-sales", "GET") == "reports"
    assert category_of("products", "GET") == category_of("cart-items", "POST") == "standard"


def test_the_example_names_every_limit() -> None:
    example = (Path(__file__).resolve().parents[2] / ".env.example").read_text()

    for category in RATE_LIMITS:
        assert f"RATE_LIMIT_{category.upper().replace('-', '_')}=" in example
