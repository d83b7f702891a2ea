"""What a search understands: slips, spellings, synonyms, Hindi; and what it offers for nothing."""

from __future__ import annotations

from typing import Any

import pytest

from commerce.catalog.models import Category, SearchSynonym
from tests.api.conftest import Api
from tests.shop.builder import Shop

SEARCH = "/api/v1/search"


@pytest.fixture
def texts(shop: Shop) -> None:
    """Products of a children's shop, the later the more popular."""
    frocks = Category.objects.create(name="Party frocks", slug="frocks", path="/frocks/")
    rows: list[dict[str, Any]] = [
        {"name": "Cotton dress", "description": "For summer"},
        {"name": "Lehenga choli", "category": frocks},
        {"name": "Wooden train", "description": "Goes with a red dress"},
        {"name": "Racing car", "attributes": {"keywords": ["toy", "गाड़ी"]}},
        {"name": "Cardigan"},
        {"name": "Rain boots"},
        {"name": "सूती कुर्ता"},
    ]
    for popularity, fields in enumerate(rows):
        shop.variant(product=shop.product(popularity=popularity, **fields))
    SearchSynonym.objects.create(words=["gown", "dress", "पोशाक"])
    SearchSynonym.objects.create(words=["boots", "gumboots"], is_deleted=True)


def found(body: dict[str, Any]) -> list[str]:
    """The names of a page, in order."""
    return [one["name"] for one in body["results"]]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        # what is named so comes before what only speaks of it, whatever its popularity
        ("dress", ["Cotton dress", "Wooden train"]),
        ("dresses", ["Cotton dress", "Wooden train"]),
        ("gown", ["Cotton dress", "Wooden train"]),
        ("gowns", ["Cotton dress", "Wooden train"]),
        ("पोशाक", ["Cotton dress", "Wooden train"]),
        ("toy", ["Racing car"]),
        ("गाड़ी", ["Racing car"]),
        ("सूती", ["सूती कुर्ता"]),
        ("car", ["Racing car"]),
        ("card", ["Cardigan"]),
        ("COTTON   dress", ["Cotton dress"]),
        ("frock", ["Lehenga choli"]),
    ],
)
def test_words_find_what_they_mean(
    texts: None, shelved: Api, words: str, expected: list[str]
) -> None:
    body = shelved().get(SEARCH, {"q": words}).json()

    assert found(body) == expected
    assert (body["corrected"], body["instead"]) == (None, None)


@pytest.mark.parametrize(
    ("words", "corrected", "expected"),
    [
        ("coton", "cotton", ["Cotton dress"]),
        ("cottno", "cotton", ["Cotton dress"]),
        ("cottton dress", "cotton dress", ["Cotton dress"]),
        ("kotton", "cotton", ["Cotton dress"]),
        ("lehnga", "lehenga", ["Lehenga choli"]),
        ("lahanga", "lehenga", ["Lehenga choli"]),
        ("लेहंगा", "lehenga", ["Lehenga choli"]),
        ("कॉटन", "cotton", ["Cotton dress"]),
        ("cardigen", "cardigan", ["Cardigan"]),
    ],
)
def test_mistyped_words_are_put_right(
    texts: None, shelved: Api, words: str, corrected: str, expected: list[str]
) -> None:
    body = shelved().get(SEARCH, {"q": words}).json()

    assert (body["corrected"], found(body)) == (corrected, expected)


def test_synonyms_taken_out_count_no_more(texts: None, shelved: Api) -> None:
    assert found(shelved().get(SEARCH, {"q": "gumboots"}).json()) == []


@pytest.mark.parametrize("words", ["lehenga car", "xylophone"])
def test_finding_nothing_leads_on(texts: None, shelved: Api, words: str) -> None:
    body = shelved().get(SEARCH, {"q": words}).json()

    categories = {"lehenga car": ["clothing", "frocks"], "xylophone": ["clothing", "frocks"]}
    assert found(body) == []
    assert [one["slug"] for one in body["instead"]["categories"]] == categories[words]
    assert [one["name"] for one in body["instead"]["products"]][:2] == ["सूती कुर्ता", "Rain boots"]


def test_results_by_relevance_page_both_ways(texts: None, shop: Shop, shelved: Api) -> None:
    for n in range(5):
        shop.variant(product=shop.product(name=f"Dress {n}", popularity=50 + n))
        shop.variant(product=shop.product(name=f"Doll {n}", description="dress", popularity=90 + n))
    client = shelved()
    whole = found(client.get(SEARCH, {"q": "dress"}).json())

    pages = [client.get(SEARCH, {"q": "dress", "limit": "4"}).json()]
    while pages[-1]["next"]:
        asked = {"q": "dress", "limit": "4", "cursor": pages[-1]["next"]}
        pages.append(client.get(SEARCH, asked).json())
    back = [pages[-1]]
    while back[0]["previous"]:
        asked = {"q": "dress", "limit": "4", "cursor": back[0]["previous"]}
        back.insert(0, client.get(SEARCH, asked).json())

    assert whole[:6] == ["Dress 4", "Dress 3", "Dress 2", "Dress 1", "Dress 0", "Cotton dress"]
    assert whole[6:] == ["Doll 4", "Doll 3", "Doll 2", "Doll 1", "Doll 0", "Wooden train"]
    assert [found(page) for page in pages] == [whole[:4], whole[4:8], whole[8:]]
    assert [found(page) for page in back] == [whole[:4], whole[4:8], whole[8:]]


def test_product_with_two_forms_of_a_word_is_found_once(
    texts: None, shop: Shop, shelved: Api
) -> None:
    shop.variant(product=shop.product(name="Silk gown", description="A dress", popularity=99))

    body = shelved().get(SEARCH, {"q": "dress"}).json()

    assert found(body) == ["Silk gown", "Cotton dress", "Wooden train"]


def test_suggestions_need_names_that_begin_so(texts: None, shelved: Api) -> None:
    body = shelved().get("/api/v1/search/suggest", {"q": "car"}).json()

    assert [one["text"] for one in body["results"]] == ["Cardigan", "Racing car"]
