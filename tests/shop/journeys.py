"""The way of a cart to a delivered order, step by step, each by its real procedure."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import connection

from commerce.accounts.models import Address, User
from commerce.cart.models import Cart
from commerce.catalog.models import Variant
from commerce.core.procedures import Result, call
from commerce.orders.models import Order, Return
from commerce.orders.workflows import move_return
from commerce.payments.models import Payment

Lines = dict[Variant, int]


class Journeys:
    """Steps towards an order; each returns the row that the step made."""

    if TYPE_CHECKING:

        def user(self, **fields: Any) -> User: ...
        def address(self, user: User, **fields: Any) -> Address: ...

    def cart(self, user: User, lines: Lines) -> Cart:
        """The user's open cart with these lines added."""
        for variant, quantity in lines.items():
            self.add(variant, quantity, user=user)
        return Cart.objects.get(user=user, status="open")

    def add(
        self, variant: Variant, quantity: int = 1, *, user: User | None = None, token: str = ""
    ) -> Result:
        """One `add_to_cart` for a user or for the guest whose token hash is `token`."""
        return call(
            "add_to_cart",
            p_user_id=user.id if user else None,
            p_token_hash=token or None,
            p_variant_id=variant.id,
            p_quantity=quantity,
            p_line_max=settings.CART_LINE_MAX,
            p_lines_max=settings.CART_LINES_MAX,
        )

    def apply(self, user: User, code: str) -> Result:
        """Apply a coupon to the user's open cart."""
        return call(
            "apply_coupon",
            p_user_id=user.id,
            p_code=code,
            p_slot_seconds=settings.COUPON_SLOT_SECONDS,
        )

    def validate(
        self, user: User, *, address: Address | None = None, method: str | None = "online"
    ) -> Result:
        """Validate the user's open cart, with a new address unless one is given."""
        return call(
            "validate_cart_before_checkout",
            p_user_id=user.id,
            p_address_id=(address or self.address(user)).id,
            p_payment_method=method,
            p_cod_max_total=settings.COD_MAX_TOTAL,
        )

    def hold(self, user: User, *, seconds: int | None = None, longest: int | None = None) -> Result:
        """Hold stock for the user's validated cart."""
        return call(
            "lock_inventory",
            p_user_id=user.id,
            p_hold_seconds=seconds or settings.HOLD_TTL_SECONDS,
            p_hold_max_seconds=longest or settings.HOLD_MAX_SECONDS,
        )

    def checked_out(
        self,
        lines: Lines,
        *,
        user: User | None = None,
        address: Address | None = None,
        method: str = "online",
        coupon: str = "",
    ) -> Cart:
        """A cart with lines, coupon, address and method, validated and with its stock held."""
        user = user or self.user()
        cart = self.cart(user, lines)
        if coupon:
            self.apply(user, coupon)
        self.validate(user, address=address, method=method)
        call(
            "validate_coupon_usage_limit",
            p_user_id=user.id,
            p_slot_seconds=settings.COUPON_SLOT_SECONDS,
        )
        self.hold(user)
        cart.refresh_from_db()
        return cart

    def quote(self, owner_id: uuid.UUID, kind: str = "cart") -> dict[str, Any]:
        """The row of `quotes` of a cart or order."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT * FROM quotes WHERE kind = %s AND owner_id = %s", [kind, owner_id]
            )
            columns = [column.name for column in cursor.description]
            return dict(zip(columns, cursor.fetchone(), strict=True))

    def create_order(self, cart: Cart, **params: Any) -> Result:
        """One `create_order` for a checked-out cart, at its own quote unless told otherwise."""
        values = {
            "p_user_id": cart.user_id,
            "p_address_id": cart.address_id,
            "p_payment_method": cart.payment_method,
            "p_expected_total": params.get("p_expected_total") or self.quote(cart.id)["total"],
            "p_payment_window_seconds": settings.PAYMENT_WINDOW_SECONDS,
            "p_cod_max_total": settings.COD_MAX_TOTAL,
        }
        return call("create_order", **(values | params))

    def placed(self, lines: Lines, **options: Any) -> Order:
        """An order that awaits payment (online) or is confirmed (cod, stock consumed)."""
        cart = self.checked_out(lines, **options)
        order_id = self.create_order(cart).order_id
        call("freeze_order_pricing", p_order_id=order_id)
        if cart.payment_method == "cod":
            self.attempt(Order.objects.get(id=order_id), provider="cod")
            call("decrease_inventory", p_order_id=order_id)
        return Order.objects.get(id=order_id)

    def attempt(self, order: Order, *, provider: str = "sandbox") -> Payment:
        """An open payment attempt; the provider's order id is stored for `sandbox`."""
        window = settings.PAYMENT_WINDOW_SECONDS
        made = call(
            "register_payment_attempt",
            p_order_id=order.id,
            p_provider=provider,
            p_window_seconds=window,
        )
        if provider != "cod":
            call(
                "register_payment_attempt",
                p_order_id=order.id,
                p_provider=provider,
                p_window_seconds=window,
                p_payment_id=made.payment_id,
                p_provider_order_id=f"po_{made.payment_id.hex}",
            )
        return Payment.objects.get(id=made.payment_id)

    def event(self, payment: Payment, kind: str = "payment.captured", **params: Any) -> Result:
        """A recorded provider event about the payment, not yet settled."""
        values = {
            "p_provider": payment.provider,
            "p_event_id": f"evt_{uuid.uuid4().hex}",
            "p_kind": kind,
            "p_source": "webhook",
            "p_provider_order_id": payment.provider_order_id,
            "p_provider_payment_id": f"pay_{payment.id.hex}",
            "p_provider_refund_id": None,
            "p_amount": payment.amount,
            "p_currency": "INR",
            "p_raw_body": "{}",
        }
        return call("payment_webhook", **(values | params))

    def settle(self, event: Result) -> Result:
        """One `verify_payment` of a recorded event."""
        return call("verify_payment", p_event_id=event.event_id)

    def paid(self, lines: Lines, **options: Any) -> Order:
        """A confirmed order, paid online, its stock consumed."""
        order = self.placed(lines, **options)
        self.settle(self.event(self.attempt(order)))
        call("decrease_inventory", p_order_id=order.id)
        order.refresh_from_db()
        return order

    def move(self, order: Order, to: str, **params: Any) -> Result:
        """One `update_order_status` by the system."""
        values = {"p_order_id": order.id, "p_to": to, "p_actor_id": None, "p_actor_kind": "system"}
        if to == "shipped":
            values |= {"p_carrier": "Delhivery", "p_tracking_number": "DL123"}
        return call("update_order_status", **(values | params))

    def delivered(self, lines: Lines, **options: Any) -> Order:
        """A delivered order, paid online or in cash."""
        cod = options.get("method") == "cod"
        order = self.placed(lines, **options) if cod else self.paid(lines, **options)
        for status in ("packed", "shipped", "out_for_delivery", "delivered"):
            self.move(order, status)
        order.refresh_from_db()
        return order

    def sent_back(self, order: Order, quantity: int, *, received: bool = True) -> Return:
        """A return of units of the order's only line; received, it is paid back and closed."""
        line = {"order_item_id": str(order.items.get().id), "quantity": quantity}
        asked = call(
            "request_return",
            p_order_id=order.id,
            p_user_id=order.user_id,
            p_items=[line],
            p_reason="Too small",
            p_window_days=settings.RETURN_WINDOW_DAYS,
        )
        for to in ("approved", "received") if received else ():
            move_return(asked.return_id, to, p_actor_id=None, p_actor_kind="system")
        return Return.objects.get(id=asked.return_id)

    @staticmethod
    def owner(cart: Cart) -> User:
        """The customer of a cart that is no guest's."""
        assert cart.user is not None, "a guest's cart has no owner"
        return cart.user

    @staticmethod
    def rupees(amount: str) -> Decimal:
        """An exact amount."""
        return Decimal(amount)
