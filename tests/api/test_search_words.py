"""Words as shoppers type them: colours, sizes, ages, compounds, Hindi, and what leads on."""

from __future__ import annotations

from typing import Any

import pytest

from commerce.catalog.models import Category, SearchSynonym
from commerce.catalog.shelf import making
from commerce.catalog.splitting import ages_in, inflections, words_in, words_of
from commerce.seed.data.synonyms import SYNONYMS
from tests.api.conftest import Api
from tests.shop.builder import Shop

SEARCH = "/api/v1/search"
SUGGEST = "/api/v1/search/suggest"


FOUND: dict[str, list[str]] = {
    "red frock": ["Garden frock"],
    "blue frocks": ["Party frock"],
    "frock 4-5": ["Party frock"],
    "tshirt 4-5": ["Rocket T-shirt", "Check shirt"],
    "t-shirt 4 to 5 years": ["Rocket T-shirt", "Check shirt"],
    "frock 5-7 years": ["Party frock"],
    "frock for a 5 year old": ["Party frock"],
    "clogs uk 8": ["Monsoon clogs"],
    "sleepsuit 0-3": ["Sleepsuit"],
    "car 4 years": ["Pull-Back Car"],
    "tshirt": ["Rocket T-shirt", "Check shirt"],
    "clogs for boys": ["Monsoon clogs"],
    "check shirt for girls": [],
    "T-Shirts": ["Rocket T-shirt", "Check shirt"],
    "t shirt": ["Rocket T-shirt", "Check shirt"],
    "shirt": ["Check shirt", "Rocket T-shirt"],
    "pullback": ["Pull-Back Car"],
    "जूता": ["Monsoon clogs"],
    "जूतों": ["Monsoon clogs"],
    "फ्रॉक": ["Party frock", "Garden frock"],
    "लाल फ्रॉक": ["Garden frock"],
    "लड़कों के लिए टी-शर्ट": ["Rocket T-shirt", "Check shirt"],
    "टीशर्ट": ["Rocket T-shirt", "Check shirt"],
    "joota": ["Monsoon clogs"],
    "gown": ["Party frock", "Garden frock"],
}
# Taken for the first, found the others.
SLIPS: dict[str, tuple[str, list[str]]] = {
    "frok": ("frock", ["Party frock", "Garden frock"]),
    "froks": ("frock", ["Party frock", "Garden frock"]),
    "the frok": ("frock", ["Party frock", "Garden frock"]),
    "shrit": ("shirt", ["Check shirt", "Rocket T-shirt"]),
}
NOTHING = ("for the", "3456", "9 to 10 years")
TYPED = ("tshirt", "t-shirt", "t-sh", "rocket t-s", "t shirt")


@pytest.fixture
def wear(shop: Shop) -> None:
    """Frocks, T-shirts, shirts and shoes with their sizes and colours, the later more popular."""
    both = Category.objects.create(name="Shirts & T-shirts", slug="both", path="/both/")
    tees, shirts = (
        Category.objects.create(name=name, slug=slug, path=f"/both/{slug}/", parent=both)
        for name, slug in (("Boys' T-shirts", "tees"), ("Boys' Shirts", "shirts"))
    )
    shoes = Category.objects.create(name="School Shoes", slug="shoes", path="/shoes/")
    rows: list[tuple[dict[str, Any], list[tuple[str, str]]]] = [
        ({"name": "Garden frock", "description": "Made from the best"}, [("2-3Y", "Red")]),
        ({"name": "Party frock"}, [("4-5Y", "Sky Blue"), ("5-6Y", "Sky Blue")]),
        ({"name": "Rocket T-shirt", "category": tees}, [("3-4Y", "Red"), ("4-5Y", "Navy")]),
        ({"name": "Check shirt", "gender": "boy", "category": shirts}, [("4-5Y", "White")]),
        ({"name": "Monsoon clogs", "category": shoes}, [("UK 8C", "Teal")]),
        ({"name": "Sleepsuit", "description": "From the best mill"}, [("0-3M", "Mint")]),
        ({"name": "Pull-Back Car", "description": "From the attic"}, [("One Size", "Red")]),
    ]
    ages = {
        "Garden frock": (24, 36),
        "Party frock": (48, 72),
        "Rocket T-shirt": (36, 60),
        "Check shirt": (48, 60),
        "Monsoon clogs": (36, 48),
        "Sleepsuit": (0, 3),
        "Pull-Back Car": (36, 84),
    }
    for popularity, (fields, variants) in enumerate(rows):
        youngest, oldest = ages[fields["name"]]
        span = {"age_min_months": youngest, "age_max_months": oldest}
        product = shop.product(popularity=popularity, **fields, **span)
        for size, colour in variants:
            shop.variant(product=product, size=size, colour=colour)
    SearchSynonym.objects.bulk_create(SearchSynonym(words=list(one)) for one in SYNONYMS)


def found(body: dict[str, Any]) -> list[str]:
    """The names of a page, in order."""
    return [one["name"] for one in body["results"]]


def test_what_a_product_comes_in_is_found(wear: None, shelved: Api) -> None:
    client = shelved()

    bodies = {words: client.get(SEARCH, {"q": words}).json() for words in FOUND}

    assert {words: found(body) for words, body in bodies.items()} == FOUND
    assert {body["corrected"] for body in bodies.values()} == {None}


def test_slips_lead_to_what_is_sold_and_not_to_words_between(wear: None, shelved: Api) -> None:
    client = shelved()

    bodies = {words: client.get(SEARCH, {"q": words}).json() for words in SLIPS}

    assert {words: (one["corrected"], found(one)) for words, one in bodies.items()} == SLIPS


def test_slip_of_the_shops_own_is_no_correction(shop: Shop, shelved: Api) -> None:
    for _ in range(101):
        shop.variant(product=shop.product(name="Cotton romper"))
    shop.variant(product=shop.product(name="Catton romper"))

    body = shelved().get(SEARCH, {"q": "cutton"}).json()

    assert (body["corrected"], set(found(body))) == ("cotton", {"Cotton romper"})


def test_words_that_mean_nothing_here_are_not_corrected(wear: None, shelved: Api) -> None:
    client = shelved()

    bodies = [client.get(SEARCH, {"q": words}).json() for words in NOTHING]

    assert [(found(body), body["corrected"]) for body in bodies] == [([], None)] * len(NOTHING)


@pytest.mark.parametrize(
    ("words", "searches"),
    [
        ("frock clogs", ["frock", "clogs"]),
        ("frok dragon", ["frock"]),
        ("dragon", ["Boys' T-shirts", "Boys' Shirts", "School Shoes", "Clothing"]),
    ],
)
def test_finding_nothing_names_other_searches(
    wear: None, shop: Shop, shelved: Api, words: str, searches: list[str]
) -> None:
    body = shelved().get(SEARCH, {"q": words}).json()

    offered = body["instead"]["searches"]
    assert found(body) == []
    assert sorted(map(str.lower, offered)) == sorted(map(str.lower, searches))
    for one in offered:
        assert found(shelved().get(SEARCH, {"q": one}).json())


def test_suggestions_know_compounds(wear: None, shelved: Api) -> None:
    client = shelved()

    bodies = {typed: client.get(SUGGEST, {"q": typed}).json()["results"] for typed in TYPED}

    without = [typed for typed in TYPED if "Rocket T-shirt" not in str(bodies[typed])]
    assert without == []


def test_synonyms_count_in_the_plural_of_the_shop(shop: Shop, shelved: Api) -> None:
    shop.variant(product=shop.product(name="Blue jeans"))
    SearchSynonym.objects.create(words=["denim", "jean"])

    body = shelved().get(SEARCH, {"q": "denims"}).json()

    assert found(body) == ["Blue jeans"]


def test_products_that_have_only_a_rare_synonym_are_counted_too(
    shop: Shop, shelved: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(making, "FREQUENT", 3)  # "boys" has a bitmap, "son" has none
    SearchSynonym.objects.create(words=["boys", "son"])
    for n in range(4):
        shop.variant(product=shop.product(name=f"Boys shirt {n}", gender="boy"))
    shop.variant(product=shop.product(name="Son and sun skirt", gender="girl"))

    api = shelved()
    both = api.get(SEARCH, {"q": "boys"}).json()
    girls = api.get(SEARCH, {"q": "boys", "gender": "girl"}).json()

    assert (len(both["results"]), both["facets"]["total"]) == (5, 5)
    assert found(girls) == ["Son and sun skirt"]
    assert (girls["facets"]["total"], girls["facets"]["approximate"]) == (1, [])


def test_synonyms_of_the_shop_are_words_that_searches_can_be() -> None:
    faulty = [word for group in SYNONYMS for word in group if words_of(word) != [word]]

    assert faulty == []
    assert all(len(set(group)) == len(group) > 1 for group in SYNONYMS)


@pytest.mark.parametrize(
    ("text", "typed", "indexed"),
    [
        ("T-shirt", ["tshirt"], ["tshirt"]),
        ("Ride-On Car", ["ride", "car"], ["ride", "car", "rideon"]),
        ("Numbers 1-20", ["numbers", "1to20"], ["numbers", "1to20", "1", "20"]),
        ("4 से 5 साल", ["4to5y"], ["4to5y", "4", "5"]),
        ("ला\u0932 \u095c", ["लाल", "ड\u093c"], ["लाल", "ड\u093c"]),
    ],
)
def test_words_have_one_spelling(text: str, typed: list[str], indexed: list[str]) -> None:
    assert words_of(text) == typed
    assert list(words_in(text)) == indexed


def test_singulars_are_found_in_both_languages() -> None:
    words = ["frocks", "dresses", "जूतों", "लड़कियों", "गुड़ियों", "किताबें"]

    assert {form for _, form in inflections(words)} >= {
        *("frock", "dress", "जूता", "लड़की", "गुड़िया", "किताब"),
    }


@pytest.mark.parametrize("path", [SEARCH, SUGGEST])
@pytest.mark.parametrize("typed", ["1to99999999", "1to999y", "0to100000000000000000m"])
def test_ages_beyond_childhood_are_no_ages(wear: None, shelved: Api, path: str, typed: str) -> None:
    assert ages_in(typed) == []
    assert shelved().get(path, {"q": typed}).status_code == 200


@pytest.mark.parametrize("word", ["xo" * 20, "bcdfghjklm" * 4, "1234567890" * 4, "ж" * 80])
def test_a_word_of_consonants_does_not_stop_the_lists(shop: Shop, shelved: Api, word: str) -> None:
    shop.variant(product=shop.product(name="Rag doll", description=word))

    api = shelved()

    assert found(api.get(SEARCH, {"q": "rag doll"}).json()) == ["Rag doll"]
    assert api.get(SEARCH, {"q": f"{word[:40]} doll"}).status_code == 200
