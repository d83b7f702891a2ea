"""What the cart and checkout endpoints take and answer."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from commerce.cart.models import PaymentMethod
from commerce.core.serializers import StrictSerializer
from commerce.coupons.models import CouponKind

QUANTITY_MAX = 10_000  # a bound against nonsense; the line's own maximum is the procedure's rule
NOTICES = ("unavailable", "insufficient_stock", "price_changed", "coupon_not_applied")
RUPEES: dict[str, Any] = {"max_digits": 12, "decimal_places": 2}


class AddItemInput(StrictSerializer):
    """A variant and how many units to add."""

    variant_id = serializers.UUIDField()
    quantity = serializers.IntegerField(min_value=1, max_value=QUANTITY_MAX)


class SetQuantityInput(StrictSerializer):
    """The line's new quantity; 0 removes it."""

    whole = True  # the document would else call the fields of a PATCH optional

    quantity = serializers.IntegerField(min_value=0, max_value=QUANTITY_MAX)


class CouponInput(StrictSerializer):
    """A coupon code, in any case."""

    code = serializers.CharField(max_length=40)


class ValidateInput(StrictSerializer):
    """Where to and how to pay, as far as the buyer has chosen."""

    address_id = serializers.UUIDField(required=False)
    payment_method = serializers.ChoiceField(PaymentMethod.choices, required=False)


class CheckoutInput(StrictSerializer):
    """Where to and how to pay."""

    address_id = serializers.UUIDField()
    payment_method = serializers.ChoiceField(PaymentMethod.choices)


class Notice(serializers.Serializer[Any]):
    """Something changed, shopping goes on: `code` says what, the rest what belongs to it."""

    code = serializers.ChoiceField(NOTICES)
    available = serializers.IntegerField(required=False)
    was = serializers.DecimalField(**RUPEES, required=False)
    now = serializers.DecimalField(**RUPEES, required=False)
    minimum = serializers.DecimalField(**RUPEES, required=False)


class CartLine(serializers.Serializer[Any]):
    """A line at today's price."""

    id = serializers.UUIDField()
    variant_id = serializers.UUIDField()
    product_slug = serializers.CharField()
    name = serializers.CharField()
    sku = serializers.CharField()
    size = serializers.CharField()
    colour = serializers.CharField()
    image = serializers.URLField(allow_null=True)
    quantity = serializers.IntegerField()
    unit_price = serializers.DecimalField(**RUPEES)
    unit_mrp = serializers.DecimalField(**RUPEES)
    line_total = serializers.DecimalField(**RUPEES)
    available = serializers.IntegerField(
        help_text="How many can be bought, at most what a line may hold."
    )
    notices = Notice(many=True)


class CartCoupon(serializers.Serializer[Any]):
    """The coupon on the cart, and whether it takes effect now."""

    code = serializers.CharField()
    title = serializers.CharField()
    kind = serializers.ChoiceField(CouponKind.choices)
    applied = serializers.BooleanField()
    discount = serializers.DecimalField(**RUPEES)


class Totals(serializers.Serializer[Any]):
    """`total = subtotal - discount - coupon_discount + shipping + cod_fee`, tax included."""

    subtotal = serializers.DecimalField(**RUPEES)
    discount = serializers.DecimalField(**RUPEES)
    coupon_discount = serializers.DecimalField(**RUPEES)
    shipping = serializers.DecimalField(**RUPEES)
    cod_fee = serializers.DecimalField(**RUPEES)
    tax_included = serializers.DecimalField(**RUPEES)
    total = serializers.DecimalField(**RUPEES)
    currency = serializers.CharField()


class CartOutput(serializers.Serializer[Any]):
    """The whole cart; `id` is null while there is none."""

    id = serializers.UUIDField(allow_null=True)
    version = serializers.IntegerField()
    items = CartLine(many=True)
    coupon = CartCoupon(allow_null=True)
    totals = Totals()
    warnings = Notice(many=True)


class Change(serializers.Serializer[Any]):
    """What validation found different from what the buyer last saw; `kind` says what is there."""

    kind = serializers.ChoiceField(["price", "stock", "inactive", "coupon"])
    item_id = serializers.UUIDField(required=False)
    variant_id = serializers.UUIDField(required=False)
    sku = serializers.CharField(required=False)
    name = serializers.CharField(required=False)
    was = serializers.DecimalField(**RUPEES, required=False)
    now = serializers.DecimalField(**RUPEES, required=False)
    requested = serializers.IntegerField(required=False)
    available = serializers.IntegerField(required=False)
    code = serializers.CharField(required=False)
    reason = serializers.CharField(
        required=False, help_text="Of a coupon: the code under which applying it would be refused."
    )


class ValidateOutput(CartOutput):
    """The cart after validation; `valid` says whether checkout can begin."""

    valid = serializers.BooleanField()
    changes = Change(many=True)


class CheckoutOutput(serializers.Serializer[Any]):
    """The stock is held until `expires_at`, for this version of the cart at this quote."""

    expires_at = serializers.DateTimeField()
    cart_version = serializers.IntegerField()
    quote = Totals()
    changes = Change(many=True)
