"""Rules of money and of what comes back: events, refunds, returns."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tests.model.rows import Event, Order, Payment, Return
from tests.model.steps import SKU, WHICH, Steps

KIND = st.sampled_from(["payment.captured", "payment.captured", "payment.failed"])
REFUND_KIND = st.sampled_from(["refund.processing", "refund.processed", "refund.failed"])
UNITS = st.dictionaries(SKU, st.integers(1, 3), min_size=1, max_size=2)


class MoneyRules(Steps):
    """What providers tell, and what is paid back."""

    @property
    def attempts(self) -> list[Payment]:
        """What a provider may tell something about."""
        return [p for p in self.books.payments if p.provider == "sandbox"]

    @precondition(lambda self: self.attempts)
    @rule(which=WHICH)
    def answer_attempt(self, which: int) -> None:
        """The provider's order id is stored; the first one stays."""
        payment = self.newest(self.attempts, which)
        payment.provider_order_id = payment.provider_order_id or self.order_name(payment)
        self.do(
            "register_payment_attempt",
            set(),
            p_order_id=payment.order.id,
            p_provider="sandbox",
            p_window_seconds=3600,
            p_payment_id=payment.id,
            p_provider_order_id=self.order_name(payment),
        )

    @staticmethod
    def order_name(payment: Payment) -> str:
        """What the provider calls the attempt."""
        return f"po_{payment.id.hex}"

    @precondition(lambda self: self.attempts)
    @rule(
        which=WHICH,
        kind=KIND,
        transfer=st.integers(1, 2),
        more=st.sampled_from([Decimal(0), Decimal(0), Decimal(0), Decimal(1), Decimal(-1)]),
        copy=st.integers(1, 2),
        at_once=st.booleans(),
    )
    def payment_told(
        self, which: int, kind: str, transfer: int, more: Decimal, copy: int, at_once: bool
    ) -> None:
        """The provider tells of a payment: again, of a second transfer, of a wrong amount."""
        payment = self.newest(self.attempts, which)
        event = Event(
            f"{kind} {payment.id} {transfer} {more} {copy}",
            kind,
            payment.amount + more,
            payment=payment,
            provider_order_id=self.order_name(payment),
            provider_payment_id=f"pay{transfer}_{payment.id.hex}",
        )
        self.tell(event, at_once=at_once)

    def tell(self, event: Event, *, at_once: bool) -> None:
        """Record an event, or find it recorded, and perhaps settle it."""
        known = next((one for one in self.books.events if one.name == event.name), None)
        if known is None:
            self.books.record(event)
        made = self.do(
            "payment_webhook",
            set(),
            p_provider="sandbox",
            p_event_id=event.name,
            p_kind=event.kind,
            p_source="webhook",
            p_raw_body="{}",
            p_provider_order_id=event.provider_order_id,
            p_provider_payment_id=event.provider_payment_id,
            p_refund_id=event.refund and event.refund.id,
            p_provider_refund_id=event.refund and f"rf_{event.refund.id.hex}",
            p_amount=event.amount,
            p_currency="INR",
        )
        assert made is not None
        assert made.duplicate is (known is not None)
        event = known or event
        event.id = made.event_id
        if at_once:
            self.verify_event(event)

    @precondition(lambda self: self.books.events)
    @rule(which=WHICH)
    def verify(self, which: int) -> None:
        """An event is settled, or settled already."""
        self.verify_event(self.newest(self.books.events, which))

    def verify_event(self, event: Event) -> None:
        """One `verify_payment`."""
        expected = self.books.verify(event)
        made = self.do("verify_payment", set(), p_event_id=event.id)
        assert made is not None
        assert made.outcome == expected

    @precondition(lambda self: self.books.refunds)
    @rule(which=WHICH, kind=REFUND_KIND, copy=st.integers(1, 2), at_once=st.booleans())
    def refund_told(self, which: int, kind: str, copy: int, at_once: bool) -> None:
        """The provider tells of a refund, perhaps otherwise than before."""
        refund = self.newest(self.books.refunds, which)
        name = f"{kind} {refund.id} {copy}"
        self.tell(Event(name, kind, refund.amount, refund=refund), at_once=at_once)

    @precondition(lambda self: self.books.payments)
    @rule(which=WHICH)
    def refund_whole(self, which: int) -> None:
        """All that is left of a payment goes back."""
        payment = self.newest(self.books.payments, which)
        refusals = self.books.refund_whole(payment)
        self.refund(refusals, p_payment_id=payment.id)

    @precondition(lambda self: self.books.orders)
    @rule(which=WHICH, amount=st.sampled_from([Decimal("0.01"), Decimal("99.99"), Decimal(500)]))
    def refund_amount(self, which: int, amount: Decimal) -> None:
        """The desk pays an amount back."""
        order = self.newest(self.books.orders, which)
        key = f"refund {len(self.books.refunds)} {amount}"
        refusals = self.books.refund_amount(order, amount, key)
        self.refund(refusals, p_order_id=order.id, p_amount=amount, **self.desk(key))

    @precondition(lambda self: self.books.orders)
    @rule(which=WHICH, units=UNITS)
    def refund_lines(self, which: int, units: dict[str, int]) -> None:
        """The desk pays units of some lines back."""
        order = self.newest(self.books.orders, which)
        units = {sku: quantity for sku, quantity in units.items() if sku in order.lines}
        if units:
            key = f"refund {len(self.books.refunds)} {units}"
            refusals = self.books.refund_lines(order, units, key)
            items = self.items(order, units)
            self.refund(refusals, p_order_id=order.id, p_items=items, **self.desk(key))

    @precondition(lambda self: any(refund.key for refund in self.books.refunds))
    @rule(which=WHICH)
    def refund_again(self, which: int) -> None:
        """The desk's request is repeated."""
        refund = self.newest([one for one in self.books.refunds if one.key], which)
        order = refund.payment.order
        made = self.refund(
            set(), p_order_id=order.id, p_amount=refund.amount, **self.desk(refund.key)
        )
        assert made is not None
        assert (made.refund_id, made.amount, made.replayed) == (refund.id, refund.amount, True)

    def desk(self, key: str) -> dict[str, Any]:
        """The key of a request of the desk."""
        return self.key(self.world.staff_id, key)

    def refund(self, refusals: set[str], **params: Any) -> Any:
        """One `initiate_refund`."""
        return self.do(
            "initiate_refund", refusals, p_reason="asked", p_provider="sandbox", **params
        )

    @staticmethod
    def items(order: Order, units: dict[str, int]) -> list[dict[str, Any]]:
        """Units of lines as the procedures read them."""
        return [
            {"order_item_id": str(order.lines[sku].id), "quantity": quantity}
            for sku, quantity in units.items()
        ]

    @precondition(lambda self: self.books.orders)
    @rule(which=WHICH, units=UNITS)
    def request_return(self, which: int, units: dict[str, int]) -> None:
        """A customer wants to send something back."""
        order = self.newest(self.books.orders, which)
        units = {sku: quantity for sku, quantity in units.items() if sku in order.lines}
        if units:
            made = self.do(
                "request_return",
                self.books.request_return(order, units),
                p_order_id=order.id,
                p_user_id=order.buyer.id,
                p_items=self.items(order, units),
                p_reason="too small",
                p_window_days=15,
            )
            if made is not None:
                self.books.returns[-1].id = made.return_id

    @precondition(lambda self: self.books.returns)
    @rule(
        which=WHICH,
        to=st.sampled_from(["approved", "approved", "received", "received", "rejected", "closed"]),
        damaged=st.frozensets(SKU, max_size=2),
    )
    def move_return(self, which: int, to: str, damaged: frozenset[str]) -> None:
        """The staff decide about a return, or unpack it."""
        back = self.newest(self.books.returns, which)
        damaged &= frozenset(back.units)
        self.do(
            "update_return_status",
            self.books.move_return(back, to, damaged),
            p_return_id=back.id,
            p_to=to,
            p_actor_id=None,
            p_actor_kind="staff",
            p_items=[
                {"order_item_id": str(back.order.lines[sku].id), "condition": "damaged"}
                for sku in damaged
            ],
        )

    @precondition(lambda self: self.books.returns)
    @rule(which=WHICH, money=st.booleans())
    def follow_return(self, which: int, money: bool) -> None:
        """The workflow restocks what came back, or pays for it; asked of any return."""
        back: Return = self.newest(self.books.returns, which)
        if money:
            self.refund(self.books.refund_return(back), p_return_id=back.id)
        else:
            self.do("restore_inventory", self.books.restock(back), p_return_id=back.id)
