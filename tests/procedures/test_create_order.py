"""`create_order`: what is copied and bound, each way it is out of date, one order per key."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from commerce.accounts.models import Address
from commerce.cart.models import Cart, CartItem
from commerce.catalog.models import ProductImage
from commerce.core.models import IdempotencyKey, SagaStep
from commerce.core.procedures import Result
from commerce.coupons.models import CouponUsage
from commerce.inventory.models import Inventory, StockReservation
from commerce.orders.models import Order, OrderEvent, OrderItem
from commerce.shipping.models import ServiceablePincode, WarehouseRegion
from tests.shop.builder import Shop
from tests.shop.locks import assert_locks, at_once
from tests.shop.refusals import refusal

NAME = "create_order"
EMPTY_HASH = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"  # sha256 of {}


def params(shop: Shop, cart: Cart, **changed: Any) -> dict[str, Any]:
    """The parameters of an order of the cart as it was checked out, at its own quote."""
    values = {
        "p_user_id": cart.user_id,
        "p_address_id": cart.address_id,
        "p_payment_method": cart.payment_method,
        "p_expected_total": shop.quote(cart.id)["total"],
        "p_payment_window_seconds": 900,
    }
    return values | changed


def key(cart: Cart, fingerprint: str = "f-1") -> dict[str, Any]:
    """A key of the cart's user."""
    return {"p_owner": cart.user_id, "p_key": "k-1", "p_fingerprint": fingerprint}


def nothing_changed(cart: Cart) -> bool:
    """Whether the cart is still open, with its holds unbound and no order anywhere."""
    return (
        Cart.objects.get(id=cart.id).status == "open"
        and not Order.objects.exists()
        and not StockReservation.objects.filter(order__isnull=False).exists()
    )


def test_order_copies_the_quote_and_the_address(shop: Shop) -> None:
    shop.shipping_rule("0", "79.00", "49.00")
    coupon = shop.coupon("SAVE10")
    lines = {shop.variant("499.00", mrp="599.00"): 2, shop.variant("333.33", gst="12.00"): 3}
    cart = shop.checked_out(lines, method="cod", coupon="SAVE10")
    before = timezone.now()

    made = shop.create_order(cart, p_payment_window_seconds=900)

    order = Order.objects.get()
    assert dict(made) == {"order_id": order.id, "number": order.number, "replayed": False}
    assert re.fullmatch(r"KS\d{4}-\d{6}", order.number)
    assert (order.user_id, order.cart_id, order.created_by_id, order.version) == (
        cart.user_id,
        cart.id,
        cart.user_id,
        1,
    )
    assert (order.status, order.payment_status, order.payment_method, order.currency) == (
        "created",
        "unpaid",
        "cod",
        "INR",
    )
    amounts = (order.subtotal, order.discount, order.coupon_discount, order.shipping_fee)
    assert amounts == (
        Decimal("2197.99"),
        Decimal("200.00"),
        Decimal("199.80"),
        Decimal("79.00"),
    )
    assert (order.cod_fee, order.total) == (Decimal("49.00"), Decimal("1926.19"))
    assert order.tax_included == Decimal("139.20")
    assert (order.coupon_id, order.coupon_code) == (coupon.id, "SAVE10")
    assert order.shipping_address == {
        "name": "Asha Rao",
        "phone": "+919800000000",
        "line1": "12 Residency Road",
        "line2": "",
        "city": "Bengaluru",
        "state": "Karnataka",
        "pincode": "560001",
        "kind": "home",
    }
    assert (order.ship_state, order.ship_pincode) == ("Karnataka", "560001")
    assert order.frozen_at is None
    assert order.expires_at is not None
    window = timedelta(seconds=900)
    assert before + window <= order.expires_at <= timezone.now() + window


def test_lines_copy_the_catalogue_and_name_the_warehouse_of_their_hold(shop: Shop) -> None:
    delhi = shop.warehouse("DEL", state="Delhi", regions=("56",), region_priority=1)
    product = shop.product(name="Cotton Frock", slug="cotton-frock", gst_rate=Decimal("12.00"))
    variant = shop.variant("450.00", mrp="500.00", product=product, warehouse=delhi, size="2-3Y")
    ProductImage.objects.create(product=product, image="p/second.jpg", position=2)
    ProductImage.objects.create(product=product, image="p/first.jpg", position=1)
    shop.coupon("SAVE10")

    shop.create_order(shop.checked_out({variant: 2}, coupon="SAVE10"))

    line = OrderItem.objects.get()
    assert (line.variant_id, line.warehouse_id, line.origin_state) == (
        variant.id,
        delhi.id,
        "Delhi",
    )
    assert (line.sku, line.product_slug, line.name, line.size, line.colour) == (
        variant.sku,
        "cotton-frock",
        "Cotton Frock",
        "2-3Y",
        "Red",
    )
    assert (line.image, line.hsn_code, line.gst_rate) == (
        "p/first.jpg",
        "61112000",
        Decimal("12.00"),
    )
    assert (line.quantity, line.unit_mrp, line.unit_price, line.coupon_base) == (
        2,
        Decimal("500.00"),
        Decimal("450.00"),
        Decimal("900.00"),
    )
    assert (line.coupon_share, line.line_total, line.quantity_sold) == (0, 0, 0)


def test_line_shows_the_image_of_its_own_variant_where_there_is_one(shop: Shop) -> None:
    variant = shop.variant()
    ProductImage.objects.create(product=variant.product, image="any.jpg", position=0)
    ProductImage.objects.create(
        product=variant.product, variant=variant, image="own.jpg", position=5
    )

    shop.create_order(shop.checked_out({variant: 1}))

    assert OrderItem.objects.get().image == "own.jpg"


def test_holds_and_coupon_are_bound_and_the_cart_is_closed(shop: Shop) -> None:
    shop.coupon("SAVE10")
    variant = shop.variant(stock=10)
    cart = shop.checked_out({variant: 3}, coupon="SAVE10")

    made = shop.create_order(cart)

    hold, line = StockReservation.objects.get(), OrderItem.objects.get()
    assert (hold.order_id, hold.order_item_id, hold.status, hold.quantity) == (
        made.order_id,
        line.id,
        "active",
        3,
    )
    assert shop.inventory(variant) == (10, 3)
    usage = CouponUsage.objects.get()
    assert (usage.order_id, usage.status, usage.expires_at) == (made.order_id, "bound", None)
    closed = Cart.objects.get()
    assert (closed.status, closed.version) == ("ordered", cart.version)
    assert closed.closed_at is not None


def test_first_event_and_the_next_step_are_recorded(shop: Shop) -> None:
    cart = shop.checked_out({shop.variant(): 1})

    made = shop.create_order(cart)

    event, step = OrderEvent.objects.get(), SagaStep.objects.get()
    assert (event.order_id, event.seq, event.from_status, event.to_status) == (
        made.order_id,
        1,
        "",
        "created",
    )
    assert (event.actor_kind, event.actor_id) == ("customer", cart.user_id)
    assert (step.kind, step.saga_id, step.step, step.subject_id) == (
        "place",
        made.order_id,
        "freeze_order_pricing",
        made.order_id,
    )
    assert (step.status, step.compensation, step.payload, step.payload_hash) == (
        "pending",
        "cancel_order",
        {},
        EMPTY_HASH,
    )
    assert step.due_at > timezone.now() + timedelta(seconds=50)


def test_buyer_without_an_open_cart_has_none(shop: Shop) -> None:
    cart = shop.checked_out({shop.variant(): 1})
    shop.create_order(cart)

    again = refusal(NAME, **params(shop, cart))

    assert again == ("cart_not_found", 404, {"user_id": str(cart.user_id)})
    assert Order.objects.count() == 1


def test_erased_buyer_cannot_order(shop: Shop) -> None:
    cart = shop.checked_out({shop.variant(): 1})
    assert cart.user is not None
    type(cart.user).objects.update(status="erased")

    assert refusal(NAME, **params(shop, cart))[:2] == ("cart_not_found", 404)


def test_empty_cart_is_refused(shop: Shop) -> None:
    cart = shop.checked_out({shop.variant(): 1})
    CartItem.objects.update(is_deleted=True)

    said = refusal(NAME, **params(shop, cart))

    assert said == ("cart_empty", 409, {"cart_id": str(cart.id)})


def change_version(shop: Shop, cart: Cart) -> dict[str, Any]:
    shop.add(CartItem.objects.get().variant, user=cart.user)
    return {}


def other_address(shop: Shop, cart: Cart) -> dict[str, Any]:
    assert cart.user is not None
    return {"p_address_id": shop.address(cart.user).id}


def strangers_address(shop: Shop, cart: Cart) -> dict[str, Any]:
    return {"p_address_id": shop.address(shop.user()).id}


def deleted_address(_shop: Shop, _cart: Cart) -> dict[str, Any]:
    Address.objects.update(is_deleted=True)
    return {}


def address_moved_out_of_reach(shop: Shop, _cart: Cart) -> dict[str, Any]:
    shop.pincode("110001", city="New Delhi", state="Delhi")
    Address.objects.update(pincode="110001")
    return {}


def pincode_no_longer_served(_shop: Shop, _cart: Cart) -> dict[str, Any]:
    ServiceablePincode.objects.update(is_serviceable=False)
    return {}


def region_withdrawn(_shop: Shop, _cart: Cart) -> dict[str, Any]:
    WarehouseRegion.objects.update(is_deleted=True)
    return {}


def other_method(_shop: Shop, _cart: Cart) -> dict[str, Any]:
    return {"p_payment_method": "cod"}


def hold_released(_shop: Shop, _cart: Cart) -> dict[str, Any]:
    StockReservation.objects.update(status="released")
    return {}


def hold_of_fewer(_shop: Shop, _cart: Cart) -> dict[str, Any]:
    StockReservation.objects.update(quantity=1)
    return {}


def hold_too_many(shop: Shop, cart: Cart) -> dict[str, Any]:
    now = timezone.now()
    StockReservation.objects.create(
        cart=cart,
        variant=shop.variant(),
        warehouse=shop.home,
        quantity=1,
        cart_version=cart.version,
        first_held_at=now,
        expires_at=now + timedelta(minutes=5),
    )
    return {}


def hold_past(_shop: Shop, _cart: Cart) -> dict[str, Any]:
    StockReservation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    return {}


def variant_inactive(_shop: Shop, _cart: Cart) -> dict[str, Any]:
    type(CartItem.objects.get().variant).objects.update(status="inactive")
    return {}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (change_version, "version"),
        (other_address, "address"),
        (strangers_address, "address"),
        (deleted_address, "address"),
        (address_moved_out_of_reach, "address"),
        (pincode_no_longer_served, "address"),
        (region_withdrawn, "address"),
        (other_method, "payment_method"),
        (hold_released, "holds"),
        (hold_of_fewer, "holds"),
        (hold_too_many, "holds"),
        (hold_past, "expired"),
        (variant_inactive, "unavailable"),
    ],
)
def test_checkout_out_of_date_is_refused(shop: Shop, change: Any, reason: str) -> None:
    cart = shop.checked_out({shop.variant(): 2})
    changed = change(shop, cart)

    said = refusal(NAME, **params(shop, cart, **changed))

    assert said == ("checkout_stale", 409, {"reason": reason})
    assert nothing_changed(cart)


def test_cash_is_refused_where_the_pincode_no_longer_takes_it(shop: Shop) -> None:
    cart = shop.checked_out({shop.variant(): 2}, method="cod")
    ServiceablePincode.objects.update(cod_allowed=False)

    said = refusal(NAME, **params(shop, cart))

    assert said == ("checkout_stale", 409, {"reason": "address"})


def test_other_total_than_the_agreed_one_is_refused_with_both(shop: Shop) -> None:
    variant = shop.variant("499.00", mrp="999.00")
    cart = shop.checked_out({variant: 2})
    agreed = params(shop, cart)
    type(variant).objects.update(price=Decimal("510.50"))

    said = refusal(NAME, **agreed)

    figures = {"expected": "998.00", "actual": "1021.00", "difference": "23.00"}
    assert said == ("quote_changed", 409, figures)
    assert nothing_changed(cart)


@pytest.mark.parametrize(
    "lost",
    [
        {"status": "rolled_back"},
        {"expires_at": timezone.now() - timedelta(seconds=1)},
    ],
)
def test_lost_coupon_slot_is_refused(shop: Shop, lost: dict[str, Any]) -> None:
    coupon = shop.coupon("SAVE10")
    cart = shop.checked_out({shop.variant(): 2}, coupon="SAVE10")
    CouponUsage.objects.update(**lost)

    said = refusal(NAME, **params(shop, cart))

    assert said == ("coupon_slot_lost", 409, {"coupon_id": str(coupon.id)})
    assert nothing_changed(cart)


def test_repeating_a_key_answers_the_first_order(shop: Shop) -> None:
    cart = shop.checked_out({shop.variant(): 1})
    first = shop.create_order(cart, **key(cart))

    again = shop.create_order(cart, **key(cart))

    assert dict(again) == dict(first) | {"replayed": True}
    assert (Order.objects.count(), OrderEvent.objects.count()) == (1, 1)
    stored = IdempotencyKey.objects.get()
    assert (stored.procedure, stored.result_id) == (NAME, first.order_id)


def test_repeating_a_key_leaves_a_new_cart_alone(shop: Shop) -> None:
    variant = shop.variant()
    cart = shop.checked_out({variant: 1})
    first = shop.create_order(cart, **key(cart))
    second_cart = shop.checked_out({variant: 2}, user=cart.user)

    again = shop.create_order(cart, **key(cart))

    assert (again.order_id, again.replayed) == (first.order_id, True)
    assert Cart.objects.get(id=second_cart.id).status == "open"


def test_key_with_another_request_is_refused(shop: Shop) -> None:
    cart = shop.checked_out({shop.variant(): 1})
    shop.create_order(cart, **key(cart))

    said = refusal(NAME, **params(shop, cart, **key(cart, "f-2")))

    assert said == ("key_reused", 422, {"procedure": NAME})


def test_refusal_leaves_the_key_free(shop: Shop) -> None:
    cart = shop.checked_out({shop.variant(): 1})
    wrong = params(shop, cart, **key(cart), p_expected_total=Decimal("1.00"))

    assert refusal(NAME, **wrong)[0] == "quote_changed"
    assert shop.create_order(cart, **key(cart)).replayed is False


@pytest.mark.parametrize("keyed", [True, False])
def test_two_calls_at_once_make_one_order(shop: Shop, keyed: bool) -> None:
    cart = shop.checked_out({shop.variant(): 1})
    same = params(shop, cart, **(key(cart) if keyed else {}))

    answers = at_once(*[lambda: shop.create_order(cart, **same)] * 4)

    made = [one for one in answers if isinstance(one, Result)]
    order = Order.objects.get()
    assert [one.replayed for one in made].count(False) == 1
    assert len(made) == (4 if keyed else 1)
    assert {one.order_id for one in made} == {order.id}
    assert StockReservation.objects.get().order_id == order.id


def test_user_cart_coupon_stock_and_holds_are_locked(shop: Shop) -> None:
    coupon = shop.coupon("SAVE10")
    cart = shop.checked_out({shop.variant(): 1}, coupon="SAVE10")
    # Refused at last, so that no write but the locks alone can make it wait
    same = params(shop, cart, p_expected_total=Decimal("1.00"))
    assert cart.user is not None

    for row in (
        cart.user,
        cart,
        coupon,
        CouponUsage.objects.get(),
        Inventory.objects.get(),
        StockReservation.objects.get(),
    ):
        assert_locks(row, NAME, **same)
    assert nothing_changed(cart)


def test_unknown_user_has_no_cart(shop: Shop) -> None:
    cart = shop.checked_out({shop.variant(): 1})
    unknown = uuid.uuid4()

    said = refusal(NAME, **params(shop, cart, p_user_id=unknown))

    assert said == ("cart_not_found", 404, {"user_id": str(unknown)})
