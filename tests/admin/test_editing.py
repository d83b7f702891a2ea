"""What merchandisers change in the admin, and what the admin keeps right for them."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from commerce.accounts.models import User
from commerce.catalog.models import Brand, Category, Product, Variant
from commerce.coupons.models import Coupon
from tests.admin.test_pages import url
from tests.shop.builder import Shop


@pytest.fixture
def manager(shop: Shop) -> User:
    """A superuser."""
    return shop.staff()


@pytest.fixture
def staff(manager: User) -> Client:
    """The superuser's browser."""
    client = Client()
    client.force_login(manager)
    return client


def inline(prefix: str, rows: list[dict[str, Any]], initial: int = 0) -> dict[str, Any]:
    """The fields of an inline formset."""
    fields: dict[str, Any] = {
        f"{prefix}-TOTAL_FORMS": len(rows),
        f"{prefix}-INITIAL_FORMS": initial,
    }
    for n, row in enumerate(rows):
        fields |= {f"{prefix}-{n}-{name}": value for name, value in row.items()}
    return fields


def product_form(shop: Shop, **fields: Any) -> dict[str, Any]:
    """The fields of the product page."""
    return {
        "slug": "romper",
        "name": "Romper",
        "description": "",
        "brand": shop.brand.id,
        "category": shop.category.id,
        "status": "active",
        "gender": "unisex",
        "age_min_months": 0,
        "age_max_months": 24,
        "attributes": "{}",
        "hsn_code": "61112000",
        "gst_rate": "5.00",
        "published_at_0": "2025-01-01",
        "published_at_1": "10:00:00",
        **inline("images", []),
        **fields,
    }


VARIANT = {
    "sku": "ROMPER-0-3M",
    "size": "0-3M",
    "colour": "Yellow",
    "mrp": "599.00",
    "price": "499.00",
    "status": "active",
    "position": 0,
}


def test_product_is_made_with_its_variants(shop: Shop, staff: Client, manager: User) -> None:
    answer = staff.post(url(Product, "add"), product_form(shop, **inline("variants", [VARIANT])))

    assert answer.status_code == 302, answer.content
    product = Product.objects.get(slug="romper")
    variant = product.variants.get()
    assert (product.created_by, variant.created_by) == (manager, manager)
    assert (str(variant.price), str(variant.mrp)) == ("499.00", "599.00")


def test_change_counts_the_versions_of_what_was_changed(shop: Shop, staff: Client) -> None:
    staff.post(url(Product, "add"), product_form(shop, **inline("variants", [VARIANT])))
    product = Product.objects.get(slug="romper")
    variant = product.variants.get()
    row = VARIANT | {"price": "399.00", "id": variant.id, "product": product.id}

    answer = staff.post(
        url(Product, "change", product.id),
        product_form(shop, name="Sunny romper", **inline("variants", [row], initial=1)),
    )

    assert answer.status_code == 302, answer.content
    product.refresh_from_db()
    variant.refresh_from_db()
    assert (product.name, product.version) == ("Sunny romper", 2)
    assert (str(variant.price), variant.version) == ("399.00", 2)


def test_price_above_the_mrp_is_refused(shop: Shop, staff: Client) -> None:
    dear = VARIANT | {"price": "600.00"}

    answer = staff.post(url(Product, "add"), product_form(shop, **inline("variants", [dear])))

    assert answer.status_code == 200
    assert Variant.objects.count() == 0


def category_form(name: str, **fields: Any) -> dict[str, Any]:
    """The fields of the category page."""
    return {"name": name, "slug": name.lower(), "position": 0, "is_active": "on", **fields}


def test_category_is_placed_and_carries_its_subtree_along(shop: Shop, staff: Client) -> None:
    for name, parent in (("Girls", None), ("Dresses", "girls"), ("Party", "dresses")):
        above = Category.objects.filter(slug=parent).first()
        staff.post(url(Category, "add"), category_form(name, parent=above.id if above else ""))
    paths = Category.objects.order_by("path").values_list("path", flat=True)
    assert list(paths) == ["/girls/", "/girls/dresses/", "/girls/dresses/party/"]
    girls = Category.objects.get(slug="girls")

    answer = staff.post(
        url(Category, "change", girls.id), category_form("Girls", slug="for-girls", parent="")
    )

    assert answer.status_code == 302
    assert list(paths.all()) == ["/for-girls/", "/for-girls/dresses/", "/for-girls/dresses/party/"]


def test_category_is_not_put_below_itself(shop: Shop, staff: Client) -> None:
    girls = Category.objects.create(name="Girls", slug="girls", path="/girls/")
    below = Category.objects.create(name="A", slug="a", path="/girls/a/", parent=girls)

    answer = staff.post(url(Category, "change", girls.id), category_form("Girls", parent=below.id))

    assert answer.status_code == 200
    assert "cannot lie below itself" in answer.content.decode()


def test_row_is_taken_out_of_sight_and_put_back(shop: Shop, staff: Client) -> None:
    brand = Brand.objects.create(name="Red Balloon", slug="red-balloon")
    seen = []
    for action in ("take_out", "put_back"):
        staff.post(
            url(Brand, "changelist"), {"action": action, "_selected_action": [str(brand.id)]}
        )
        brand.refresh_from_db()
        seen.append(brand.is_deleted)

    assert seen == [True, False]


def test_scope_marked_for_deletion_leaves_the_coupon_but_not_the_table(
    shop: Shop, staff: Client
) -> None:
    coupon = shop.coupon("SAVE10", scopes=[shop.brand])
    scope = coupon.scopes.get()
    row = {"id": scope.id, "coupon": coupon.id, "brand": shop.brand.id, "DELETE": "on"}

    answer = staff.post(
        url(Coupon, "change", coupon.id),
        {
            "code": "SAVE10",
            "title": "Save",
            "kind": "percentage",
            "value": "10",
            "min_subtotal": "0",
            "buy_quantity": 0,
            "get_quantity": 0,
            "starts_at_0": "2025-01-01",
            "starts_at_1": "10:00:00",
            "status": "active",
            **inline("scopes", [row], initial=1),
        },
    )

    assert answer.status_code == 302, answer.content
    scope.refresh_from_db()
    assert scope.is_deleted is True


def test_staff_without_the_rights_cannot_give_rights(shop: Shop) -> None:
    clerk = shop.user(is_staff=True)
    clerk.user_permissions.set(Permission.objects.filter(codename__in=["change_user", "view_user"]))
    client = Client()
    client.force_login(clerk)

    answer = client.post(
        url(User, "change", clerk.id),
        {"phone": clerk.phone, "name": "Clerk", "status": "active", "is_superuser": "on"},
    )

    assert answer.status_code == 302, answer.content
    clerk.refresh_from_db()
    assert (clerk.name, clerk.is_superuser) == ("Clerk", False)


@pytest.mark.parametrize("page", ["password/", "change/"])
def test_a_colleague_is_changed_by_superusers_only(shop: Shop, page: str) -> None:
    clerk, boss = shop.user(is_staff=True), shop.staff()
    clerk.user_permissions.set(Permission.objects.filter(codename__in=["change_user", "view_user"]))
    client, word = Client(), "correct-horse-battery"
    client.force_login(clerk)

    answer = client.post(
        url(User, "change", boss.id).replace("change/", page),
        {"phone": clerk.phone, "status": "active", "password1": word, "password2": word},
    )

    assert answer.status_code == 403
    before = (boss.phone, boss.password)
    boss.refresh_from_db()
    assert (boss.phone, boss.password) == before


def test_member_of_staff_is_made_with_a_password(shop: Shop, staff: Client) -> None:
    word = "correct-horse-battery"

    answer = staff.post(
        url(User, "add"),
        {"phone": "+919800000123", "name": "Ravi", "password1": word, "password2": word},
    )

    assert answer.status_code == 302, answer.content
    assert User.objects.get(phone="+919800000123").check_password(word)


def test_stranger_is_sent_to_the_login(shop: Shop) -> None:
    answer = Client().get(url(Product, "changelist"))

    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("admin:login"))
