"""Money in the model: attempts, provider events and refunds; one method for each procedure."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from uuid import UUID

from tests.model.ledger import Refusals, paise
from tests.model.ordering import Returning
from tests.model.rows import Event, Order, OrderLine, Payment, Refund, Return

ZERO = Decimal(0)


class Paying(Returning):
    """Money in."""

    def attempt(self, order: Order, provider: str) -> Refusals:
        """`register_payment_attempt`; `open_attempt` then tells which."""
        if (provider == "cod") != (order.method == "cod"):
            return {"payment_method_mismatch"}
        if self.open_attempt(order) is None:
            if order.status != "pending_payment" or order.over:
                return {"order_not_payable"}
            self._end_attempts(order)
            order.payments.append(Payment(order, provider, order.total))
            if provider == "cod":
                self.confirm(order, "cod_due")
                self.next_step("decrease_inventory", order)
        self.finish("register_payment_attempt", order)
        return set()

    @staticmethod
    def open_attempt(order: Order) -> Payment | None:
        """The attempt that a repetition is answered with."""
        return next(
            (
                p
                for p in order.payments
                if (p.status == "initiated" and not p.over)
                or (p.status == "captured" and p.provider == "cod")
            ),
            None,
        )

    @staticmethod
    def _end_attempts(order: Order) -> None:
        for payment in order.payments:
            if payment.status == "initiated":
                payment.status = "expired"

    def record(self, event: Event) -> None:
        """`payment_webhook`: once per name, linked to what has its ids now."""
        event.linked = self._by_ids(event)
        self.events.append(event)

    def _by_ids(self, event: Event) -> Payment | None:
        by_payment = [
            p
            for p in self.payments
            if event.provider_payment_id and p.provider_payment_id == event.provider_payment_id
        ]
        by_order = [
            p
            for p in self.payments
            if event.provider_order_id and p.provider_order_id == event.provider_order_id
        ]
        return next(iter(by_payment + by_order), None)

    def verify(self, event: Event) -> str:
        """`verify_payment`; the outcome."""
        if not event.settled:
            if event.refund:
                event.outcome = self._refund_told(event, event.refund)
            else:
                event.outcome = self._payment_told(event)
            self.contradicted = self.contradicted or event.outcome == "mismatch"
        return event.outcome

    def _payment_told(self, event: Event) -> str:
        payment = self._by_ids(event)
        if event.linked and (
            payment is None or payment.provider_payment_id != event.provider_payment_id
        ):
            payment = event.linked
        if payment is None:
            return "unmatched"
        if event.kind == "payment.failed":
            if payment.status != "initiated":
                return "duplicate"
            payment.status = "failed"
            return "settled"
        return self._captured(event, payment)

    def _captured(self, event: Event, payment: Payment) -> str:
        order = payment.order
        if (
            payment.status == "captured"
            and payment.provider_payment_id == event.provider_payment_id
        ):
            if event.amount == payment.captured:
                return "duplicate"
            return "mismatch"
        second = payment.status == "captured"
        if second:
            payment = Payment(order, payment.provider, payment.amount)
            order.payments.append(payment)
        payment.status, payment.captured = "captured", event.amount
        payment.provider_payment_id = event.provider_payment_id
        if not second and event.amount == payment.amount and order.status == "pending_payment":
            payment.disposition = "kept"
            self._end_attempts(order)
            self.confirm(order, "paid")
            self.next_step("decrease_inventory", order, saga=event)
            return "settled"
        payment.disposition = "refund_due"
        self.next_step("initiate_refund", payment, saga=event)
        return "mismatch" if not second and event.amount != payment.amount else "late"

    def _refund_told(self, event: Event, refund: Refund) -> str:
        told = {
            "refund.processing": "processing",
            "refund.processed": "succeeded",
            "refund.failed": "failed",
        }[event.kind]
        if refund.status in ("succeeded", "failed") and told != "processing":
            return "duplicate" if told == refund.status else "mismatch"
        if refund.status not in ("initiated", "processing") or refund.status == told:
            return "duplicate"
        refund.status = told
        payment = refund.payment
        if told == "succeeded" and payment.disposition == "kept":
            back = sum((r.amount for r in payment.refunds if r.status == "succeeded"), ZERO)
            whole = back == payment.captured
            payment.order.paid = "refunded" if whole else "partially_refunded"
            payment.order.version += 1
        self.contradicted = self.contradicted or told == "failed"
        return "settled"


class Repaying(Paying):
    """Money out."""

    def refund_whole(self, payment: Payment) -> Refusals:
        """`initiate_refund` of what is left of a capture."""
        if payment.status != "captured":
            return {"payment_not_captured"}
        if payment.captured > payment.refunded:
            payment.refunds.append(Refund(payment, payment.captured - payment.refunded))
        self.finish("initiate_refund", payment)
        return set()

    def refund_amount(self, order: Order, amount: Decimal, key: str) -> Refusals:
        """`initiate_refund` of an amount."""
        if order.kept is None:
            return {"payment_not_captured"}
        if order.kept.refunded + amount > order.kept.captured:
            return {"refund_exceeds_capture"}
        order.kept.refunds.append(Refund(order.kept, amount, key=key))
        return set()

    def refund_lines(self, order: Order, units: Mapping[str, int], key: str) -> Refusals:
        """`initiate_refund` of units of some lines."""
        payment = order.kept
        if payment is None:
            return {"payment_not_captured"}
        lines: dict[UUID, tuple[int, Decimal]] = {}
        refusals: Refusals = set()
        for sku, quantity in units.items():
            line = order.lines[sku]
            if quantity > line.quantity - self._paid_back(payment, line)[0]:
                refusals.add("refund_quantity_exceeded")
            lines[line.id] = (quantity, self._price_of(payment, line, quantity))
        amount = sum((paid for _, paid in lines.values()), ZERO)
        if amount == 0:
            refusals.add("bad_amount")
        if payment.refunded + amount > payment.captured:
            refusals.add("refund_exceeds_capture")
        if not refusals:
            payment.refunds.append(Refund(payment, amount, lines, key=key))
        return refusals

    def refund_return(self, back: Return) -> Refusals:
        """`initiate_refund` of a received return: what earlier refunds left of it."""
        if back.status not in ("received", "closed"):
            return {"return_not_received"}
        payment = back.order.kept
        if payment is None:
            return {"payment_not_captured"}
        if not any(r.returned is back and r.status != "failed" for r in payment.refunds):
            left = payment.captured - payment.refunded
            lines: dict[UUID, tuple[int, Decimal]] = {}
            for line in sorted(back.order.lines.values(), key=lambda one: str(one.id)):
                owed = min(
                    back.units.get(line.sku, 0), line.quantity - self._paid_back(payment, line)[0]
                )
                if owed > 0:
                    amount = max(ZERO, min(self._price_of(payment, line, owed), left))
                    lines[line.id] = (owed, amount)
                    left -= amount
            total = sum((paid for _, paid in lines.values()), ZERO)
            if total > 0:
                payment.refunds.append(Refund(payment, total, lines, back))
        self.finish("initiate_refund", back)
        if back.status == "received":
            self.finish("update_return_status", back)
            self.next_step("update_return_status", back)
        return set()

    @staticmethod
    def _paid_back(payment: Payment, line: OrderLine) -> tuple[int, Decimal]:
        living = [
            r.lines[line.id] for r in payment.refunds if r.status != "failed" and line.id in r.lines
        ]
        return sum(units for units, _ in living), sum((paid for _, paid in living), ZERO)

    def _price_of(self, payment: Payment, line: OrderLine, quantity: int) -> Decimal:
        units, paid = self._paid_back(payment, line)
        return max(ZERO, paise(line.total * (units + quantity) / line.quantity) - paid)
