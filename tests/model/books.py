"""The whole model: every procedure, and the jobs that call them when their time has come."""

from __future__ import annotations

from tests.model.carting import Carting
from tests.model.ledger import Refusals
from tests.model.paying import Repaying
from tests.model.rows import Event, Order, Payment, Refund, Return, Step


class Books(Carting, Repaying):
    """What the database must say after the same steps."""

    def expire_holds(self) -> None:
        """The job that ends the holds whose time is over."""
        self.holds = [h for h in self.holds if h.order or not h.over]

    def expire_coupon_slots(self) -> None:
        """The job that ends the slots whose time is over."""
        self.slots = [s for s in self.slots if s.status != "reserved" or not s.over]

    def cancel_expired_orders(self) -> None:
        """The job that cancels what nobody paid in time, and undoes it at once."""
        for order in self.orders:
            if order.over and order.status in ("created", "pending_payment"):
                self.cancel(order, "system", if_over=True)
                for step in [s for s in self.steps if s.saga is order]:
                    self.take(step)

    def resume_workflows(self) -> None:
        """The job that takes each step which waits; what is refused goes on waiting."""
        for step in list(self.steps):
            if step in self.steps:
                self.take(step)

    def settle_waiting_events(self) -> None:
        """The job that settles events, and does what follows from each."""
        for event in [e for e in self.events if not e.settled]:
            self.settle(event)

    def submit_refunds(self) -> None:
        """The job that asks the provider, who pays back at once."""
        for refund in self.refunds:
            if refund.status == "initiated":
                self.settle(Event("", "refund.processed", refund.amount, refund=refund))

    def settle(self, event: Event) -> None:
        """The workflow *settle*."""
        outcome = self.verify(event)
        payment = self.told_of(event)
        if event.refund or payment is None:
            return
        if outcome == "settled" and payment.order.status == "confirmed":
            self.sell(payment.order)
        elif outcome in ("late", "mismatch") and payment.disposition == "refund_due":
            self.refund_whole(payment)

    def told_of(self, event: Event) -> Payment | None:
        """The payment that a settled event has come to be about."""
        named = (
            p
            for p in self.payments
            if p.provider_payment_id
            and p.provider_payment_id == event.provider_payment_id
            and event.kind == "payment.captured"
        )
        return next(named, event.linked)

    def take(self, step: Step) -> Refusals:
        """Take a pending step as `commerce.orders.resume` does."""
        subject = step.subject
        if isinstance(subject, Order):
            return {
                "freeze_order_pricing": self.freeze,
                "register_payment_attempt": lambda order: self.attempt(order, "cod"),
                "decrease_inventory": self.sell,
                "release_inventory": self.release,
                "restore_inventory": self.restore,
                "rollback_coupon": self.free_coupon,
            }[step.name](subject)
        if isinstance(subject, Payment):
            return self.refund_whole(subject)
        return self._take_return(step.name, subject)

    def _take_return(self, name: str, back: Return) -> Refusals:
        if name == "restore_inventory":
            return self.restock(back)
        if name == "update_return_status":
            return self.move_return(back, "closed")
        return self.refund_return(back) or self.move_return(back, "closed")

    def unknown(self) -> tuple[list[Payment], list[Refund]]:
        """Rows that a procedure made besides what it answers: their ids are still to be read."""
        payments = [p for p in self.payments if not p.id.int]
        return payments, [r for r in self.refunds if not r.id.int]
