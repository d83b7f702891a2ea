"""How merchandisers arrange the home screen: by fields of a form, with a look before storing."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from commerce.catalog.models import Category, HomeSection
from commerce.catalog.shelf import keeping
from tests.admin.test_pages import url
from tests.shop.builder import Shop

PREVIEW = reverse("admin:catalog_homesection_preview")
RULE = {
    "category": "toys",
    "brand": ["little-kite"],
    "age_band": ["2-4y", "4-6y"],
    "gender": ["unisex"],
    "discount": "30",
    "rating": "4",
    "in_stock": "true",
    "sort": "newest",
}


@pytest.fixture
def staff(shop: Shop) -> Client:
    """The browser of somebody with all rights, in a shop that has toys."""
    Category.objects.create(name="Toys", slug="toys", path="/toys/")
    client = Client()
    client.force_login(shop.staff())
    return client


def form(kind: str, **fields: Any) -> dict[str, Any]:
    """The fields of the page."""
    return {"title": "New", "kind": kind, "position": 0, "is_active": "on", **fields}


CONTENTS: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    (
        "banner",
        {"image": "home/sale.jpg", "link": "/products", "alt": "Sale"},
        {"image": "home/sale.jpg", "link": "/products", "alt": "Sale"},
    ),
    ("categories", {"slugs": "toys\r\nclothing"}, {"slugs": ["toys", "clothing"]}),
    ("ages", {}, {}),
    ("ages", {"bands": ["0-6m", "2-4y"]}, {"bands": ["0-6m", "2-4y"]}),
    ("newest", {"limit": 6}, {"limit": 6}),
    ("popular", {}, {}),
    ("collection", {"products": " kite \n puzzle kite"}, {"products": ["kite", "puzzle"]}),
    ("collection", {**RULE, "in_stock": "on", "limit": 8}, {"rule": RULE, "limit": 8}),
]


def test_content_follows_from_the_fields_and_fills_them_again(shop: Shop, staff: Client) -> None:
    for slug in ("kite", "puzzle"):
        shop.product(slug=slug)
    for kind, fields, content in CONTENTS:
        answer = staff.post(url(HomeSection, "add"), form(kind, **fields))
        assert answer.status_code == 302, (kind, answer.content.decode())
        section = HomeSection.objects.latest("created_at")
        assert section.content == content

        page = staff.get(url(HomeSection, "change", section.id))
        given = page.context["adminform"].form
        names = {*content, *content.get("rule", {})} - {"rule"}
        again = form(kind, **{name: given[name].value() for name in names})
        answer = staff.post(url(HomeSection, "change", section.id), again)

        assert answer.status_code == 302, (kind, answer.content.decode())
        section.refresh_from_db()
        assert section.content == content


FAULTS: list[tuple[str, dict[str, Any], str, str]] = [
    ("banner", {}, "image", "needs it"),
    ("banner", {"image": "a.jpg", "limit": 3}, "limit", "kind “banner” has no such thing"),
    ("newest", {"limit": 0}, "limit", "greater than or equal to 1"),
    ("newest", {"limit": "ten"}, "limit", "Enter a whole number"),
    ("newest", {"category": "toys"}, "category", "kind “newest” has no such thing"),
    ("collection", {}, "products", "needs products, or a rule"),
    ("collection", {"products": "kite", "rating": "4"}, "products", "not both"),
    ("collection", {"products": "kite gone"}, "products", "Nothing has the slug gone."),
    ("collection", {"category": "gone"}, "category", "Select a valid choice"),
    ("collection", {"brand": ["gone"]}, "brand", "Select a valid choice"),
    ("collection", {"age_band": ["teens"]}, "age_band", "Select a valid choice"),
    ("collection", {"discount": "15"}, "discount", "Select a valid choice"),
    ("collection", {"sort": "backwards"}, "sort", "Select a valid choice"),
    ("categories", {}, "slugs", "needs it"),
    ("categories", {"slugs": "toys gone"}, "slugs", "Nothing has the slug gone."),
    ("ages", {"bands": ["teens"]}, "bands", "Select a valid choice"),
    ("carousel", {}, "kind", "Select a valid choice"),
    (
        "newest",
        {
            "starts_at_0": "2026-01-02",
            "starts_at_1": "10:00",
            "ends_at_0": "2026-01-01",
            "ends_at_1": "10:00",
        },
        "ends_at",
        "ends after it has started",
    ),
]


def test_section_that_home_could_not_show_is_refused_at_its_field(
    shop: Shop, staff: Client
) -> None:
    shop.product(slug="kite")
    for kind, fields, field, fault in FAULTS:
        answer = staff.post(url(HomeSection, "add"), form(kind, **fields))

        assert answer.status_code == 200, (kind, fields)
        errors = answer.context["adminform"].form.errors
        assert list(errors) == [field], (kind, fields, errors)
        assert fault in str(errors[field][0])
    assert HomeSection.objects.count() == 0


def test_preview_shows_what_a_rule_finds_and_stores_nothing(shop: Shop, staff: Client) -> None:
    for n in range(3):
        shop.variant(product=shop.product(name=f"Kite {n}", popularity=n), price="199.00")
    keeping.rebuild()

    answer = staff.post(PREVIEW, form("collection", category="clothing", limit=2))

    page = answer.content.decode()
    assert "3 found in all, the first 2 are shown" in page
    assert page.index("Kite 2") < page.index("Kite 1")
    assert "Kite 0" not in page
    assert "₹199.00" in page
    assert HomeSection.objects.count() == 0


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"kind": "collection", "rating": "4"}, "finds nothing now"),
        ({"kind": "collection", "discount": "15"}, "Discount: Select a valid choice"),
        ({"kind": "ages", "bands": ["2-4y"]}, "2 to 4 years"),
        ({"kind": "categories", "slugs": "toys"}, "/toys/"),
        ({"kind": "banner", "image": "a.jpg", "link": "/sale"}, "a.jpg → /sale"),
    ],
)
def test_preview_tells_of_every_kind(
    shop: Shop, staff: Client, fields: dict[str, Any], told: str
) -> None:
    answer = staff.post(PREVIEW, {**form(""), **fields})

    assert answer.status_code == 200
    assert told in answer.content.decode()


def test_preview_is_for_who_may_edit_sections(shop: Shop, staff: Client) -> None:
    clerk = shop.user(is_staff=True)
    clerk.user_permissions.set(Permission.objects.filter(codename="view_homesection"))
    other = Client()
    other.force_login(clerk)

    assert other.post(PREVIEW, form("newest")).status_code == 403
    assert Client().post(PREVIEW, form("newest")).status_code == 302
    assert staff.get(PREVIEW).status_code == 405


def test_form_offers_the_preview(shop: Shop, staff: Client) -> None:
    page = staff.get(url(HomeSection, "add")).content.decode()

    assert f'formaction="{PREVIEW}"' in page
