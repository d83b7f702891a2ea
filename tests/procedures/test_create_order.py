"""`create_order`: what is copied from cart, quote and catalogue, and what is bound."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal

from django.utils import timezone

from commerce.cart.models import Cart
from commerce.catalog.models import ProductImage
from commerce.core.models import SagaStep
from commerce.coupons.models import CouponUsage
from commerce.inventory.models import StockReservation
from commerce.orders.models import Order, OrderEvent, OrderItem
from tests.procedures.order_calls import counted_to
from tests.shop.builder import Shop

EMPTY_HASH = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"  # sha256 of {}


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


def test_numbers_go_on_after_the_first_million(shop: Shop) -> None:
    with counted_to("order_number_seq", 999_998):
        made = [shop.create_order(shop.checked_out({shop.variant(): 1})) for _ in range(3)]

    assert [one.number[6:] for one in made] == ["-999999", "-1000000", "-1000001"]


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
