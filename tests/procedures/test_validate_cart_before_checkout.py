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
from commerce.core.procedures import Result, call
from commerce.coupons.models import Coupon, CouponUsage
from commerce.inventory.models import Inventory, StockReservation, Warehouse
from commerce.shipping.models import ServiceablePincode, WarehouseRegion
from tests.shop.builder import Shop
from tests.shop.locks import assert_locks, at_once
from tests.shop.refusals import refusal

NAME = "validate_cart_before_checkout"


def checking(user: User | None, **params: Any) -> dict[str, Any]:
    """The parameters of a validation with at most 5000 rupees in cash."""
    return {"p_user_id": user and user.id, "p_cod_max_total": Decimal("5000.00")} | params


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


def with_coupon(cart: Cart, coupon: Coupon, *, expires_in: int = 600) -> CouponUsage:
    """The cart with the coupon on it and a slot that lives for some seconds more."""
    Cart.objects.filter(id=cart.id).update(coupon=coupon)
    return CouponUsage.objects.create(
        coupon=coupon,
        user_id=cart.user_id,
        cart=cart,
        expires_at=timezone.now() + timedelta(seconds=expires_in),
    )


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


def test_living_coupon_stays(shop: Shop, user: User, cart: Cart) -> None:
    coupon = shop.coupon(total_limit=1, per_user_limit=1, first_order_only=True)
    usage = with_coupon(cart, coupon)

    checked = call(NAME, **checking(user))

    usage.refresh_from_db()
    cart.refresh_from_db()
    assert (checked.valid, checked.changes, checked.cart_version) == (True, [], 2)
    assert (usage.status, cart.coupon_id) == ("reserved", coupon.id)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"status": "paused"}, "coupon_not_active"),
        ({"is_deleted": True}, "coupon_not_active"),
        ({"starts_at": timezone.now() + timedelta(days=1)}, "coupon_not_started"),
        ({"ends_at": timezone.now() - timedelta(minutes=1)}, "coupon_expired"),
        ({"min_subtotal": Decimal("998.01")}, "coupon_minimum"),
    ],
)
def test_coupon_that_no_longer_holds_is_taken_off_and_its_slot_given_back(
    shop: Shop, user: User, cart: Cart, fields: dict[str, Any], reason: str
) -> None:
    usage = with_coupon(cart, shop.coupon("KITE10"))
    Coupon.objects.update(**fields)

    checked = call(NAME, **checking(user))
    again = call(NAME, **checking(user))

    assert checked.changes == [{"kind": "coupon", "code": "KITE10", "reason": reason}]
    assert (checked.valid, checked.cart_version) == (True, 3)
    usage.refresh_from_db()
    cart.refresh_from_db()
    assert (usage.status, usage.end_reason, usage.version) == ("rolled_back", reason, 2)
    assert usage.ended_at is not None
    assert (cart.coupon_id, cart.version, cart.validated_version) == (None, 3, 3)
    assert (again.changes, again.cart_version) == ([], 3)


def test_coupon_whose_products_left_the_cart_is_taken_off(
    shop: Shop, user: User, cart: Cart
) -> None:
    with_coupon(cart, shop.coupon("TOYS", scopes=[shop.product()]))

    checked = call(NAME, **checking(user))

    assert checked.changes == [
        {"kind": "coupon", "code": "TOYS", "reason": "coupon_not_applicable"}
    ]


@pytest.mark.parametrize(
    ("limit", "reason"),
    [
        ({"first_order_only": True}, "coupon_first_order_only"),
        ({"per_user_limit": 1}, "coupon_user_limit_reached"),
        ({"total_limit": 1}, "coupon_limit_reached"),
    ],
)
def test_coupon_used_up_since_is_taken_off(
    shop: Shop, user: User, variant: Variant, limit: dict[str, Any], reason: str
) -> None:
    coupon = shop.coupon("ONCE", **limit)
    shop.placed({variant: 1}, user=user, coupon="ONCE")
    cart = shop.cart(user, {variant: 2})
    with_coupon(cart, coupon, expires_in=-1)

    checked = call(NAME, **checking(user))

    assert checked.changes == [{"kind": "coupon", "code": "ONCE", "reason": reason}]


def test_slot_that_ran_out_keeps_the_coupon_while_there_is_room(
    shop: Shop, user: User, cart: Cart
) -> None:
    coupon = shop.coupon(total_limit=2)
    with_coupon(cart, coupon, expires_in=-1)
    stranger = shop.user()
    with_coupon(Cart.objects.create(user=stranger), coupon)

    assert call(NAME, **checking(user)).changes == []


def test_slot_that_ran_out_and_was_taken_by_another_loses_the_coupon(
    shop: Shop, user: User, cart: Cart
) -> None:
    coupon = shop.coupon("LAST", total_limit=1)
    with_coupon(cart, coupon, expires_in=-1)
    with_coupon(Cart.objects.create(user=shop.user()), coupon)

    checked = call(NAME, **checking(user))

    assert checked.changes == [{"kind": "coupon", "code": "LAST", "reason": "coupon_limit_reached"}]


def test_expired_slots_of_others_take_no_room(shop: Shop, user: User, cart: Cart) -> None:
    coupon = shop.coupon(total_limit=1)
    with_coupon(cart, coupon, expires_in=-1)
    with_coupon(Cart.objects.create(user=shop.user()), coupon, expires_in=-1)

    assert call(NAME, **checking(user)).changes == []


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
    address_id = {
        "nobody": uuid.uuid4,
        "stranger": lambda: shop.address(shop.user()).id,
        "deleted": lambda: shop.address(user, is_deleted=True).id,
        "guest": lambda: shop.address(user).id,
    }[whose]()
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
    pincodes, regions = ServiceablePincode.objects.all(), WarehouseRegion.objects.all()
    address = shop.address(user, pincode="560099" if lack == "unknown" else "560001")
    {
        "unknown": lambda: None,
        "closed": lambda: pincodes.update(is_serviceable=False),
        "deleted": lambda: pincodes.update(is_deleted=True),
        "no region": lambda: regions.update(prefix="561"),
        "no warehouse": lambda: Warehouse.objects.update(is_active=False),
    }[lack]()

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


def test_cash_limit_is_judged_without_the_coupon_that_was_taken_off(
    shop: Shop, user: User, cart: Cart
) -> None:
    with_coupon(cart, shop.coupon(ends_at=timezone.now() - timedelta(hours=1)))
    params = checking(user, p_payment_method="cod", p_cod_max_total=Decimal("997.99"))

    assert refusal(NAME, **params)[2] == {"maximum": "997.99", "total": "998.00"}
    cart.refresh_from_db()
    assert cart.coupon_id is not None


def test_two_validations_at_once_take_the_coupon_off_once(
    shop: Shop, user: User, cart: Cart
) -> None:
    with_coupon(cart, shop.coupon(ends_at=timezone.now() - timedelta(hours=1)))

    answers = at_once(*[lambda: call(NAME, **checking(user))] * 3)

    results = [one for one in answers if isinstance(one, Result)]
    assert sorted(len(one.changes) for one in results) == [0, 0, 1]
    assert {one.cart_version for one in results} == {3}


def test_cart_lines_and_coupon_are_locked(shop: Shop, user: User, cart: Cart) -> None:
    coupon = shop.coupon()
    with_coupon(cart, coupon)

    assert_locks(cart, NAME, **checking(user))
    assert_locks(CartItem.objects.get(), NAME, **checking(user))
    assert_locks(coupon, NAME, **checking(user))
