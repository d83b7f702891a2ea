"""What is taken for mistyped and what is not, and what suggestions make of it."""

from __future__ import annotations

from typing import Any

import pytest

from commerce.catalog.models import Category, SearchSynonym
from commerce.catalog.wording import alike
from tests.api.conftest import Api
from tests.shop.builder import Shop

SEARCH = "/api/v1/search"
SUGGEST = "/api/v1/search/suggest"

# Real words that look or sound like one of the shop.
OTHER_WORDS = (
    *("keds", "rakhi", "sari", "soap", "suit", "trunks", "diapers", "साड़ी", "फ्रॉ"),
    *("crown", "lights", "cat"),
)
# The same word: a slip of the fingers, another spelling, another script.
SAME = (
    *(("frok", "frock"), ("frockk", "frock"), ("shrit", "shirt"), ("crikit", "cricket")),
    *(("pazle", "puzzle"), ("bottel", "bottle"), ("skool", "school"), ("sandle", "sandals")),
    *(("swetter", "sweater"), ("dinasour", "dinosaur"), ("yunicorn", "unicorn")),
    *(("teddi", "teddy"), ("rompar", "rompers"), ("jute", "joote"), ("लेहंगा", "lehenga")),
    *(("कॉटन", "cotton"), ("कुरता", "कुर्ता"), ("फ्राक", "फ्रॉक")),
)
OTHER = (
    *(("keds", "kids"), ("rakhi", "rekha"), ("diaper", "dapper"), ("sari", "zari")),
    *(("soap", "snap"), ("suit", "seat"), ("trunks", "trucks"), ("saree", "zari")),
    *(
        ("साड़ी", "side"),
        ("साड़ी", "शादी"),
        ("फ्रॉ", "free"),
        ("crown", "clown"),
        ("lights", "tights"),
    ),
)


@pytest.fixture
def stall(shop: Shop) -> None:
    """One product for each of some words that others are mistaken for, the later more popular."""
    bags = Category.objects.create(name="School Bags", slug="bags", path="/bags/")
    rows: list[dict[str, Any]] = [
        {"name": "Kids raincoat"},
        {"name": "Rekha clay set"},
        {"name": "Zari sandals"},
        {"name": "Dapper bib", "description": "Snap buttons at the side, free of fuss"},
        {"name": "Clown nose for tights"},
        {"name": "Toy trucks"},
        {"name": "Cart"},
        {"name": "Galaxy backpack", "category": bags},
        {"name": "Wooden puzzle"},
        {"name": "Garden frock"},
        {"name": "Tulle dress"},
        {"name": "Sleepsuit"},
    ]
    for popularity, fields in enumerate(rows):
        shop.variant(product=shop.product(popularity=popularity, gender="girl", **fields))
    SearchSynonym.objects.create(words=["frock", "dress", "पोशाक"])
    SearchSynonym.objects.create(words=["nightsuit", "sleepsuit"])
    SearchSynonym.objects.create(words=["puzzle", "पहेली"])
    SearchSynonym.objects.create(words=["bag", "backpack"])
    SearchSynonym.objects.create(words=["carts", "buggy"], is_deleted=True)


def found(body: dict[str, Any]) -> list[str]:
    """The names of a page, in order."""
    return [one["name"] for one in body["results"]]


def texts(client: Any, typed: str) -> list[str]:
    """What is suggested for what was typed."""
    return [one["text"] for one in client.get(SUGGEST, {"q": typed}).json()["results"]]


@pytest.mark.parametrize(("typed", "word"), SAME)
def test_slips_and_spellings_are_the_same_word(typed: str, word: str) -> None:
    assert alike(typed, word) is not None


@pytest.mark.parametrize(("typed", "word"), OTHER)
def test_real_words_are_no_slips_of_others(typed: str, word: str) -> None:
    assert alike(typed, word) is None


def test_other_words_are_left_as_they_are(stall: None, shelved: Api) -> None:
    client = shelved()

    bodies = {words: client.get(SEARCH, {"q": words}).json() for words in OTHER_WORDS}

    assert {words: (one["corrected"], found(one)) for words, one in bodies.items()} == {
        **dict.fromkeys(OTHER_WORDS, (None, [])),
        "cat": (None, []),
    }


def test_word_of_a_synonym_is_never_corrected(stall: None, shelved: Api) -> None:
    # given a synonym of what the shop has not, one letter from a word that it has
    SearchSynonym.objects.create(words=["puzzel", "teaser"])

    body = shelved().get(SEARCH, {"q": "puzzel"}).json()

    assert (body["corrected"], found(body)) == (None, [])


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("frok", "frock"),
        ("froks", "frock"),
        ("drress", "dress"),
        ("पोषाक", "पोशाक"),
        ("puzle", "puzzle"),
        ("night suit", "nightsuit"),
        ("nightsoot", "nightsuit"),
        ("schoolbag", "school bag"),
    ],
)
def test_what_is_put_right_finds_what_it_would_have_found(
    stall: None, shelved: Api, typed: str, meant: str
) -> None:
    client = shelved()

    slip, right = (client.get(SEARCH, {"q": words}).json() for words in (typed, meant))

    assert slip["corrected"] == meant
    assert found(slip) == found(right) != []


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("puz", ["Wooden puzzle"]),
        ("pazle", ["Wooden puzzle"]),
        ("पहे", ["Wooden puzzle"]),
        ("पहेली", ["Wooden puzzle"]),
        ("पोश", ["Tulle dress", "Garden frock"]),
        ("frok", ["Tulle dress", "Garden frock"]),
        ("frok tulle", ["Tulle dress"]),
        ("nightsu", ["Sleepsuit"]),
        ("schoolbag", ["School Bags", "Galaxy backpack"]),
        ("school ba", ["School Bags", "Galaxy backpack"]),
        ("keds", []),
        ("frok keds", []),
        ("for the", []),
    ],
)
def test_suggestions_understand_what_the_search_does(
    stall: None, shelved: Api, typed: str, expected: list[str]
) -> None:
    assert texts(shelved(), typed) == expected


@pytest.mark.parametrize(
    ("words", "searches"),
    [
        ("keds", ["kids"]),
        ("saree", ["Clothing", "School Bags"]),
        ("saree for girls", ["girls"]),
        ("red keds puzzle", ["red", "puzzle", "kids"]),
    ],
)
def test_searches_named_instead_find_something(
    stall: None, shelved: Api, words: str, searches: list[str]
) -> None:
    client = shelved()

    body = client.get(SEARCH, {"q": words}).json()

    assert (found(body), body["instead"]["searches"]) == ([], searches)
    assert all(found(client.get(SEARCH, {"q": one}).json()) for one in searches)
