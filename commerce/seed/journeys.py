"""What customers and the order desk do, from the first item in a cart to the refund.

Each journey is a generator that does one step at a time through the shop's own workflows and
yields how long it is until the next one.
"""

from __future__ import annotations

import hashlib
import random
import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.conf import settings

from commerce.cart.models import CartItem
from commerce.cart.workflows import check_out
from commerce.core.procedures import ProcedureError, call
from commerce.orders import workflows as orders
from commerce.orders.models import Order, OrderItem
from commerce.payments import workflows as payments
from commerce.payments.models import EventSource, Payment, Refund, RefundStatus
from commerce.payments.providers import ProviderEvent
from commerce.seed.data import story
from commerce.seed.pricing import quoted_total
from commerce.seed.world import Shopper, World

Journey = Iterator[timedelta]
PROVIDER = "sandbox"
SYSTEM: dict[str, Any] = {"p_actor_id": None, "p_actor_kind": "system"}


class Visit:
    """One visit of a customer; `chance` belongs to it alone, so visits don't disturb each other."""

    def __init__(self, world: World, shopper: Shopper, chance: random.Random, number: int) -> None:
        self.world = world
        self.shopper = shopper
        self.chance = chance
        self.number = number
        self.user_id: uuid.UUID = shopper.user.id

    def run(self) -> Journey:
        """Fill the cart, and perhaps buy what is in it."""
        self._fill_cart()
        if self.chance.random() < story.LEAVES_CART:
            return
        yield self._minutes(3, 40)
        placed = self._place()
        if placed is None:
            return
        order_id, method = placed
        if method == "online":
            yield self._minutes(1, 6)
            if self.chance.random() < story.NEVER_PAYS:
                yield from self._not_paid(order_id)
                return
            yield from self._paid(order_id)
        yield from self._fulfilled(order_id, method)

    def _fill_cart(self) -> None:
        """Add one to four variants, popular ones more often; what is sold out is left."""
        count = self.chance.choice((1, 1, 1, 2, 2, 3, 4))
        known, sums = self.world.variants, self.world.appeal_sums
        for variant in dict.fromkeys(self.chance.choices(known, cum_weights=sums, k=count)):
            quantity = self.chance.choice((1, 1, 1, 1, 1, 2))
            self._try(
                "add_to_cart",
                p_user_id=self.user_id,
                p_variant_id=variant.id,
                p_quantity=quantity,
                p_line_max=settings.CART_LINE_MAX,
                p_lines_max=settings.CART_LINES_MAX,
            )

    def _place(self) -> tuple[uuid.UUID, str] | None:
        """Check out and order; None when the shop refuses, the cart then being emptied."""
        if self.chance.random() < story.USES_COUPON:
            self._try(
                "apply_coupon",
                p_user_id=self.user_id,
                p_code=self._code(),
                p_slot_seconds=settings.COUPON_SLOT_SECONDS,
            )
        cash = self.shopper.cod_possible and self.shopper.user.cod_allowed
        method = "cod" if cash and self.chance.random() < story.PAYS_IN_CASH else "online"
        try:
            return self._ordered(method), method
        except ProcedureError as refusal:
            if refusal.code != "cod_limit_exceeded":
                self._empty_cart()
                return None
        try:
            return self._ordered("online"), "online"
        except ProcedureError:
            self._empty_cart()
            return None

    def _code(self) -> str:
        """A coupon that the customer has heard of; newcomers know the one that greets them."""
        if not self.shopper.ordered and self.chance.random() < story.GREETED:
            return story.GREETING_CODE
        return self.chance.choice(story.COUPON_CODES)

    def _ordered(self, method: str) -> uuid.UUID:
        address = self.shopper.addresses[0]
        if method == "online":
            address = self.chance.choice(self.shopper.addresses)
        held = check_out(self.user_id, address.id, method)
        made = orders.place(
            self.user_id,
            address_id=address.id,
            payment_method=method,
            expected_total=quoted_total(held.cart_id),
            key={},
        )
        self.shopper.ordered = True
        order_id: uuid.UUID = made.order_id
        return order_id

    def _empty_cart(self) -> None:
        lines = CartItem.objects.filter(
            cart__user_id=self.user_id, cart__status="open", is_deleted=False
        )
        for item_id in lines.order_by("variant__sku").values_list("id", flat=True):
            self._try(
                "update_cart_quantity",
                p_user_id=self.user_id,
                p_item_id=item_id,
                p_quantity=0,
                p_line_max=settings.CART_LINE_MAX,
            )

    def _not_paid(self, order_id: uuid.UUID) -> Journey:
        """The time to pay runs out; sometimes the money comes all the same, and goes back."""
        attempt = payments.start_attempt(order_id, self.user_id, PROVIDER, {})
        yield timedelta(seconds=settings.PAYMENT_WINDOW_SECONDS + 20)
        orders.cancel(order_id=order_id, actor_kind="system", reason="payment_time_over")
        self._empty_cart()
        if self.chance.random() < story.PAYS_TOO_LATE:
            yield self._minutes(5, 200)
            self._tell(attempt.payment_id, "payment.captured")
            yield from self._refunded(order_id)

    def _paid(self, order_id: uuid.UUID) -> Journey:
        if self.chance.random() < story.FIRST_PAYMENT_FAILS:
            attempt = payments.start_attempt(order_id, self.user_id, PROVIDER, {})
            self._tell(attempt.payment_id, "payment.failed")
            yield self._minutes(1, 5)
        attempt = payments.start_attempt(order_id, self.user_id, PROVIDER, {})
        yield timedelta(seconds=self.chance.randint(20, 90))
        self._tell(attempt.payment_id, "payment.captured")

    def _fulfilled(self, order_id: uuid.UUID, method: str) -> Journey:
        """Pack, ship and deliver, unless somebody changes their mind or refuses the parcel."""
        yield self._hours(2, 30)
        if self.chance.random() < story.CHANGES_MIND:
            reason = self.chance.choice(story.CANCEL_REASONS)
            orders.cancel(
                order_id=order_id,
                actor_kind="customer",
                actor_id=self.user_id,
                user_id=self.user_id,
                reason=reason,
            )
            yield from self._refunded(order_id)
            return
        orders.move(order_id, "packed", **SYSTEM)
        yield self._hours(2, 20)
        carrier, prefix = self.chance.choice(sorted(story.CARRIERS.items()))
        tracking = f"{prefix}{self.chance.randrange(10**9, 10**10)}"
        orders.move(order_id, "shipped", p_carrier=carrier, p_tracking_number=tracking, **SYSTEM)
        yield self._hours(18, 100)
        orders.move(order_id, "out_for_delivery", **SYSTEM)
        yield self._hours(2, 9)
        if method == "cod" and self.chance.random() < story.REFUSED_AT_DOOR:
            orders.move(order_id, "returned_to_origin", p_note="Refused at the door", **SYSTEM)
            return
        orders.move(order_id, "delivered", **SYSTEM)
        yield from self._afterwards(order_id)

    def _afterwards(self, order_id: uuid.UUID) -> Journey:
        """Most customers are happy; some get a little back, some send something back."""
        if self.chance.random() < story.GOODWILL:
            yield self._hours(5, 60)
            payments.refund(
                order_id=order_id,
                amount=Order.objects.get(id=order_id).total.quantize(0) // 10 + 1,
                reason=self.chance.choice(story.GOODWILL_REASONS),
            )
            yield from self._refunded(order_id)
        elif self.chance.random() < story.SENDS_BACK:
            yield self._hours(10, 240)
            yield from self._returned(order_id)

    def _returned(self, order_id: uuid.UUID) -> Journey:
        lines = list(OrderItem.objects.filter(order_id=order_id).order_by("sku"))
        chosen = self.chance.sample(lines, self.chance.randint(1, len(lines)))
        made = call(
            "request_return",
            p_order_id=order_id,
            p_user_id=self.user_id,
            p_items=[
                {
                    "order_item_id": str(line.id),
                    "quantity": self.chance.randint(1, line.quantity),
                }
                for line in chosen
            ],
            p_reason=self.chance.choice(story.RETURN_REASONS),
            p_window_days=settings.RETURN_WINDOW_DAYS,
        )
        yield self._hours(3, 30)
        if self.chance.random() < story.RETURN_REFUSED:
            note = self.chance.choice(story.REFUSAL_NOTES)
            orders.move_return(made.return_id, "rejected", p_note=note, **SYSTEM)
            return
        orders.move_return(made.return_id, "approved", **SYSTEM)
        yield self._hours(48, 150)
        conditions = [
            {
                "order_item_id": str(line.id),
                "condition": "damaged"
                if self.chance.random() < story.CAME_BACK_DAMAGED
                else "restock",
            }
            for line in chosen
        ]
        orders.move_return(made.return_id, "received", p_items=conditions, **SYSTEM)
        yield from self._refunded(order_id)

    def _refunded(self, order_id: uuid.UUID) -> Journey:
        """The provider is asked for what was initiated, a while later."""
        yield self._minutes(1, 20)
        waiting = Refund.objects.filter(order_id=order_id, status=RefundStatus.INITIATED)
        for refund_id in list(waiting.order_by("created_at").values_list("id", flat=True)):
            payments.submit_refund(refund_id)

    def _tell(self, payment_id: uuid.UUID, kind: str) -> None:
        """What the provider's webhook brings, on the way every webhook takes."""
        payment = Payment.objects.get(id=payment_id)
        token = hashlib.sha256(f"{self.number}/{payment.attempt}/{kind}".encode()).hexdigest()
        event = ProviderEvent(
            event_id=f"evt_{payment.id.hex}_{kind}",
            kind=kind,
            raw=f'{{"event": "{kind}", "provider_order_id": "{payment.provider_order_id}"}}',
            provider_order_id=payment.provider_order_id,
            provider_payment_id=f"sbx_pay_{token[:20]}",
            amount=payment.amount,
            currency=payment.currency,
        )
        payments.settle(payments.record(PROVIDER, event, EventSource.WEBHOOK))

    def _try(self, procedure: str, **params: Any) -> None:
        """One call whose refusal is part of life: sold out, coupon used up, cart full."""
        try:
            call(procedure, **params)
        except ProcedureError:
            return

    def _minutes(self, least: float, most: float) -> timedelta:
        return timedelta(minutes=self.chance.uniform(least, most))

    def _hours(self, least: float, most: float) -> timedelta:
        return timedelta(hours=self.chance.uniform(least, most))
