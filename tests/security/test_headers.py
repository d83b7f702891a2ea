"""What browsers are told: nothing sniffed, framed or loaded from elsewhere, no foreign origin."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.test.utils import override_settings

from tests.api.conftest import Api
from tests.shop.builder import Shop

CORS = "corsheaders.middleware.CorsMiddleware"
FRIEND, STRANGER = "https://www.example.com", "https://evil.example"
PAGES = ("/admin/login/", "/api/docs")
OTHERS = ("/api/v1/home", "/api/v1/me", "/health/live", "/api/schema", "/nowhere")


@pytest.mark.parametrize("path", [*PAGES, *OTHERS])
def test_every_answer_carries_the_guards(shop: Shop, path: str) -> None:
    answer = Client().get(path, headers={"Accept": "text/html, */*"})

    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["Referrer-Policy"] == "same-origin"
    assert "frame-ancestors 'none'" in answer["Content-Security-Policy"]
    assert "Access-Control-Allow-Origin" not in answer


@pytest.mark.parametrize("path", PAGES)
def test_page_loads_only_what_is_ours(shop: Shop, path: str) -> None:
    policy = Client().get(path, headers={"Accept": "text/html"})["Content-Security-Policy"]

    rules = dict(one.split(" ", 1) for one in policy.split("; "))
    assert rules["default-src"] == "'none'"
    assert rules["script-src"] == "'self'"
    assert rules["base-uri"] == "'none'"


@pytest.mark.parametrize("path", PAGES)
def test_page_needs_no_inline_script(shop: Shop, path: str) -> None:
    page = Client().get(path, headers={"Accept": "text/html"}).content.decode()

    scripts = [one.split(">", 1) for one in page.split("<script")[1:]]
    assert [tag for tag, _ in scripts if "src=" not in tag and "json" not in tag] == []
    assert " onclick=" not in page


def test_answer_that_is_no_page_loads_nothing(shop: Shop) -> None:
    answer = Client().get("/api/v1/home")

    expected = "default-src 'none'; frame-ancestors 'none'"
    assert answer["Content-Security-Policy"] == expected


def test_tls_is_kept_to_in_production(shop: Shop) -> None:
    with override_settings(SECURE_SSL_REDIRECT=True, SECURE_HSTS_SECONDS=31_536_000):
        plain = Client().get("/api/v1/home")
        within = Client().get("/health/live")
        safe = Client().get("/api/v1/home", secure=True)

    assert (plain.status_code, plain["Location"]) == (301, "https://testserver/api/v1/home")
    assert within.status_code == 200
    assert safe["Strict-Transport-Security"] == "max-age=31536000"


def test_unknown_host_is_refused(shop: Shop) -> None:
    answers = [
        Client(HTTP_HOST="evil.example").get(path) for path in ("/api/v1/home", "/admin/login/")
    ]

    assert [answer.status_code for answer in answers] == [400, 400]


@pytest.fixture
def listed(settings: Any) -> None:
    """One foreign origin may read the API."""
    settings.CORS_ALLOWED_ORIGINS = [FRIEND]
    settings.MIDDLEWARE = [CORS, *settings.MIDDLEWARE]


def test_only_a_listed_origin_reads_the_api(shop: Shop, api: Api, listed: None) -> None:
    answers = {
        origin: api().get("/api/v1/cart", headers={"Origin": origin})
        for origin in (FRIEND, STRANGER, "null")
    }

    assert answers[FRIEND]["Access-Control-Allow-Origin"] == FRIEND
    assert "Access-Control-Allow-Origin" not in answers[STRANGER]
    assert "Access-Control-Allow-Origin" not in answers["null"]
    assert "Access-Control-Allow-Credentials" not in answers[FRIEND]


def test_browser_may_send_the_keys_that_the_api_asks_for(shop: Shop, listed: None) -> None:
    asked = {
        "Origin": FRIEND,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "idempotency-key,x-cart-token,authorization",
    }

    answer = Client().options("/api/v1/cart/items", headers=asked)

    assert answer.status_code == 200
    allowed = answer["Access-Control-Allow-Headers"].replace(" ", "").split(",")
    assert {"idempotency-key", "x-cart-token", "authorization"} <= set(allowed)


def test_admin_is_never_read_by_another_origin(shop: Shop, listed: None) -> None:
    answer = Client().get("/admin/login/", headers={"Origin": FRIEND})

    assert "Access-Control-Allow-Origin" not in answer
