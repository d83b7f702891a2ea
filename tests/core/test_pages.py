"""What the address itself answers, and the page at the address of each error's type."""

from __future__ import annotations

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from commerce.core.errors import REGISTRY
from commerce.core.languages import preferred

TEXTS = ("title", "human_readable_cause", "suggested_action")


@pytest.fixture
def client() -> Client:
    """A client that sees answers, not exceptions."""
    return Client(raise_request_exception=False)


def test_front_tells_programs_where_things_are(client: Client) -> None:
    answer = client.get("/")
    assert answer["Content-Type"] == "application/json"
    assert answer.json()["api"] == "/api/v1/"
    assert answer.json()["problems"] == "/problems/"


def test_front_is_a_page_for_people(client: Client) -> None:
    answer = client.get("/", headers={"Accept": "text/html,*/*;q=0.8"})
    assert answer["Content-Type"] == "text/html; charset=utf-8"
    assert '<a href="/api/docs">' in answer.content.decode()
    assert client.get("/api/docs").status_code == 200


@pytest.mark.parametrize("code", list(REGISTRY))
def test_type_of_every_code_is_served(client: Client, code: str) -> None:
    told = client.get(f"/problems/{code}", headers={"Accept-Language": "hi"}).json()
    entry = REGISTRY[code]
    assert told["type"] == f"/problems/{code}"
    assert (told["code"], told["status"]) == (code, entry.status)
    assert tuple(told[name] for name in TEXTS) == entry.hindi
    assert told["languages"]["en"]["human_readable_cause"] == entry.cause


def test_page_of_a_code_shows_both_languages_the_readers_first(client: Client) -> None:
    for language, other in (("en", "hi"), ("hi", "en")):
        headers = {"Accept": "text/html", "Accept-Language": language}
        answer = client.get("/problems/insufficient_stock", headers=headers)
        page = answer.content.decode()
        assert 0 < page.index(f'<section lang="{language}">') < page.index(f'lang="{other}"')
        assert "Not enough in stock" in page
        assert "इतना सामान उपलब्ध नहीं" in page
        assert answer["Content-Language"] == language
        assert answer["Vary"] == "Accept, Accept-Language"


def test_list_shows_every_code(client: Client) -> None:
    assert {one["code"] for one in client.get("/problems/").json()["results"]} == {*REGISTRY}
    page = client.get("/problems/", headers={"Accept": "text/html"}).content.decode()
    assert all(f'href="/problems/{code}"' in page for code in REGISTRY)


@pytest.mark.parametrize(
    ("method", "address", "accept", "status", "code"),
    [
        ("get", "/problems/never_heard_of", "*/*", 404, "not_found"),
        ("get", "/problems/<script>", "text/html", 404, "not_found"),
        ("post", "/problems/not_found", "*/*", 405, "method_not_allowed"),
        ("delete", "/", "*/*", 405, "method_not_allowed"),
        ("get", "/problems/not_found", "image/png", 406, "not_acceptable"),
    ],
)
def test_what_is_not_there_is_a_problem(
    client: Client, method: str, address: str, accept: str, status: int, code: str
) -> None:
    answer = getattr(client, method)(address, headers={"Accept": accept})
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer["Content-Type"] == "application/problem+json"


def test_type_stands_below_the_address_that_is_set(client: Client, settings: Settings) -> None:
    settings.PROBLEM_BASE_URL = "https://api.shop.example"
    answer = client.get("/nowhere")
    assert answer.json()["type"] == "https://api.shop.example/problems/not_found"


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"),
        ("hi", "hi"),
        ("hi-IN", "hi"),
        ("HI-in;q=0.9, en;q=0.8", "hi"),
        ("en, hi", "en"),
        ("en;q=0.3, hi;q=0.4", "hi"),
        ("ta, hi;q=0.5, en;q=0.4", "hi"),
        ("ta, te", "en"),
        ("hi;q=0", "en"),
        ("hi;q=0, *", "en"),
        ("*, hi;q=0.5", "en"),
        ("hi;q=2", "en"),
        ("%%%", "en"),
        ("hi," * 2000, "hi"),
    ],
)
def test_language_is_the_one_that_is_liked_best(header: str, language: str) -> None:
    assert preferred(header) == language
