"""`validate_cart_before_checkout`: what it stores, what it reports, and what it refuses."""

from __future__ import annotations

import uuid
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from commerce.accounts.models import Address, User
from commerce.cart.models import Cart, CartItem
from commerce.catalog.models import Product, Variant
from commerce.core.procedures import call
from commerce.inventory.models import Inventory, StockReservation, Warehouse
from commerce.shipping.models import ServiceablePincode, WarehouseRegion
from tests.shop.builder import Shop
from tests.shop.checking import checking, with_coupon
from tests.shop.locks import after_waiting, assert_locks
from tests.shop.refusals import refusal

NAME = "validate_cart_before_checkout"


def told(variant: Variant, kind: str, **figures: Any) -> dict[str, Any]:
    """The change of this kind that is reported for the variant's line."""
    item = CartItem.objects.get(variant=variant)
    return {
        "kind": kind,
        "item_id": str(item.id),
        "variant_id": str(variant.id),
        "sku": variant.sku,
        "name": variant.product.name,
    } | figures


@pytest.fixture
def user(shop: Shop) -> User:
    """The customer whose cart is validated."""
    return shop.user()


@pytest.fixture
def variant(shop: Shop) -> Variant:
    """A variant at 499.00, ten in stock."""
    return shop.variant("499.00")


@pytest.fixture
def cart(shop: Shop, user: User, variant: Variant) -> Cart:
    """The user's cart, two units, version 2."""
    return shop.cart(user, {variant: 2})


def test_unchanged_cart_is_validated_with_its_address_and_method(
    shop: Shop, user: User, cart: Cart
) -> None:
    address = shop.address(user)

    checked = call(NAME, **checking(user, p_address_id=address.id, p_payment_method="cod"))

    assert dict(checked) == {"cart_id": cart.id, "cart_version": 2, "valid": True, "changes": []}
    cart.refresh_from_db()
    assert (cart.version, cart.validated_version, cart.address_id, cart.payment_method) == (
        2,
        2,
        address.id,
        "cod",
    )
    assert cart.validated_at is not None


def test_address_and_method_of_the_cart_stay_when_none_is_given(
    shop: Shop, user: User, cart: Cart
) -> None:
    address = shop.address(user)
    call(NAME, **checking(user, p_address_id=address.id, p_payment_method="cod"))

    call(NAME, **checking(user))

    cart.refresh_from_db()
    assert (cart.address_id, cart.payment_method) == (address.id, "cod")


def test_guest_validates_by_token(shop: Shop, variant: Variant) -> None:
    added = shop.add(variant, token="a" * 64)

    checked = call(NAME, **checking(None, p_token_hash="a" * 64))

    assert (checked.cart_id, checked.valid, checked.cart_version) == (added.cart_id, True, 2)


def test_changed_price_is_reported_once_and_noted_as_seen(
    user: User, variant: Variant, cart: Cart
) -> None:
    Variant.objects.update(price=Decimal("450.00"))

    first = call(NAME, **checking(user))
    second = call(NAME, **checking(user))

    assert first.changes == [told(variant, "price", was="499.00", now="450.00")]
    assert (first.valid, first.cart_version) == (True, 2)
    assert CartItem.objects.get().seen_price == Decimal("450.00")
    assert (second.valid, second.changes) == (True, [])


def test_shortfall_is_reported_and_left_to_the_lock(
    user: User, variant: Variant, cart: Cart
) -> None:
    Inventory.objects.update(on_hand=1)

    checked = call(NAME, **checking(user))

    assert checked.changes == [told(variant, "stock", requested=2, available=1)]
    assert checked.valid is False
    cart.refresh_from_db()
    assert (cart.validated_version, CartItem.objects.get().quantity) == (2, 2)


def test_stock_that_the_cart_holds_itself_is_its_own(
    shop: Shop, user: User, variant: Variant, cart: Cart
) -> None:
    now = timezone.now()
    StockReservation.objects.create(
        cart=cart,
        variant=variant,
        warehouse=shop.home,
        quantity=2,
        cart_version=2,
        first_held_at=now,
        expires_at=now + timedelta(minutes=5),
    )
    Inventory.objects.update(on_hand=2, reserved=2)

    assert call(NAME, **checking(user)).changes == []


@pytest.mark.parametrize("off", ["variant", "product", "deleted variant", "deleted product"])
def test_inactive_line_is_reported_alone_and_ends_the_validation(
    user: User, variant: Variant, cart: Cart, off: str
) -> None:
    call(NAME, **checking(user))
    gone: type[Product] | type[Variant] = Product if off.endswith("product") else Variant
    if off.startswith("deleted"):
        gone.objects.update(is_deleted=True)
    else:
        gone.objects.update(status="archived" if gone is Product else "inactive")
    Variant.objects.update(price=Decimal("1.00"))
    Inventory.objects.update(on_hand=0)

    checked = call(NAME, **checking(user))

    assert (checked.valid, checked.changes) == (False, [told(variant, "inactive")])
    cart.refresh_from_db()
    assert (cart.validated_version, cart.validated_at) == (None, None)
    assert CartItem.objects.get().seen_price == Decimal("499.00")


def test_several_changes_come_in_the_order_of_the_lines(
    shop: Shop, user: User, variant: Variant, cart: Cart
) -> None:
    other = shop.variant("100.00")
    shop.add(other, 3, user=user)
    Variant.objects.filter(id=variant.id).update(status="inactive")
    Variant.objects.filter(id=other.id).update(price=Decimal("90.00"))
    Inventory.objects.filter(variant=other).update(on_hand=2)

    checked = call(NAME, **checking(user))

    assert checked.changes == [
        told(variant, "inactive"),
        told(other, "price", was="100.00", now="90.00"),
        told(other, "stock", requested=3, available=2),
    ]


def test_no_open_cart_is_not_found(shop: Shop, user: User, cart: Cart) -> None:
    Cart.objects.update(status="abandoned")

    assert refusal(NAME, **checking(user)) == ("cart_not_found", 404, {})
    assert refusal(NAME, **checking(None, p_token_hash="e" * 64)) == ("cart_not_found", 404, {})


def test_empty_cart_is_refused(user: User, cart: Cart) -> None:
    CartItem.objects.update(is_deleted=True)

    assert refusal(NAME, **checking(user)) == ("cart_empty", 409, {"cart_id": str(cart.id)})


@pytest.mark.parametrize("whose", ["nobody", "stranger", "deleted", "guest"])
def test_address_of_somebody_else_is_not_found(
    shop: Shop, user: User, variant: Variant, cart: Cart, whose: str
) -> None:
    address_id = uuid.uuid4()
    if whose != "nobody":
        owner_of_it = shop.user() if whose == "stranger" else user
        address_id = shop.address(owner_of_it, is_deleted=whose == "deleted").id
    shop.add(variant, token="a" * 64)
    owner = {"p_user_id": None, "p_token_hash": "a" * 64} if whose == "guest" else {}

    said = refusal(NAME, **checking(user, p_address_id=address_id, **owner))

    assert said == ("address_not_found", 404, {"address_id": str(address_id)})
    cart.refresh_from_db()
    assert (cart.address_id, cart.validated_version) == (None, None)


def test_stored_address_that_was_deleted_since_is_forgotten(
    shop: Shop, user: User, cart: Cart
) -> None:
    call(NAME, **checking(user, p_address_id=shop.address(user).id))
    Address.objects.update(is_deleted=True)

    call(NAME, **checking(user))

    cart.refresh_from_db()
    assert cart.address_id is None


@pytest.mark.parametrize("lack", ["unknown", "closed", "deleted", "no region", "no warehouse"])
def test_pincode_without_delivery_is_refused(shop: Shop, user: User, cart: Cart, lack: str) -> None:
    address = shop.address(user, pincode="560099" if lack == "unknown" else "560001")
    if lack in {"closed", "deleted"}:
        ServiceablePincode.objects.update(
            is_serviceable=lack != "closed", is_deleted=lack == "deleted"
        )
    elif lack == "no region":
        WarehouseRegion.objects.update(prefix="561")
    elif lack == "no warehouse":
        Warehouse.objects.update(is_active=False)

    said = refusal(NAME, **checking(user, p_address_id=address.id))

    assert said == ("address_not_serviceable", 422, {"pincode": address.pincode})


def test_cash_is_refused_by_pincode(shop: Shop, user: User, cart: Cart) -> None:
    ServiceablePincode.objects.update(cod_allowed=False)
    params = checking(user, p_address_id=shop.address(user).id, p_payment_method="cod")

    assert refusal(NAME, **params) == ("cod_not_allowed", 422, {"reason": "pincode"})
    cart.refresh_from_db()
    assert cart.payment_method == "online"


def test_cash_is_refused_to_a_customer_by_flag(shop: Shop, cart: Cart, user: User) -> None:
    User.objects.update(cod_allowed=False)

    said = refusal(NAME, **checking(user, p_payment_method="cod"))

    assert said == ("cod_not_allowed", 422, {"reason": "customer"})


def test_cash_is_limited_by_the_total_with_its_fee(shop: Shop, user: User, cart: Cart) -> None:
    shop.shipping_rule("0", "40.00", cod_fee="49.00")
    params = checking(user, p_payment_method="cod", p_cod_max_total=Decimal("1086.99"))

    said = refusal(NAME, **params)
    call(NAME, **(params | {"p_cod_max_total": Decimal("1087.00")}))

    figures = {"maximum": "1086.99", "total": "1087.00"}
    assert said == ("cod_limit_exceeded", 422, figures)
    cart.refresh_from_db()
    assert cart.validated_version == 2


def test_cart_lines_and_coupon_are_locked(shop: Shop, user: User, cart: Cart) -> None:
    coupon = shop.coupon()
    with_coupon(cart, coupon)

    assert_locks(cart, NAME, **checking(user))
    assert_locks(CartItem.objects.get(), NAME, **checking(user))
    assert_locks(coupon, NAME, **checking(user))


def test_validation_that_waited_for_an_order_finds_no_open_cart(user: User, cart: Cart) -> None:
    refused = after_waiting(lambda: call(NAME, **checking(user)), cart, status="ordered")

    assert (refused.code, refused.status) == ("cart_not_found", 404)
    cart.refresh_from_db()
    assert (cart.status, cart.validated_version) == ("ordered", None)
