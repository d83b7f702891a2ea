"""Tells customers what happened to their orders, refunds and returns.

The outbox holds no personal data: phone, e-mail and name are read when the message goes out, so a
customer who was erased meanwhile gets none.
"""

from __future__ import annotations

from decimal import Decimal

from django.conf import settings

from commerce.accounts.models import UserStatus
from commerce.core.outbox import Message
from commerce.notifications import messages
from commerce.notifications.backends import send_mail, send_sms
from commerce.orders.models import Order, Return
from commerce.orders.states import PaymentStatus
from commerce.payments.models import Refund

PAYMENT_NOTES = {
    PaymentStatus.COD_DUE: "Please keep Rs {total} ready for the courier.",
    PaymentStatus.PAID: "We have received your payment.",
}


class TellCustomer:
    """Sends one text message per event, and an e-mail to those who gave an address."""

    topics = frozenset(messages.TEMPLATES)

    def handle(self, message: Message) -> None:
        """Send what the event's topic says; the message's id keeps repetitions from doubling."""
        order, facts = _facts(message)
        user = order.user
        if user.status == UserStatus.ERASED:
            return
        message_id = str(message.id)
        if user.phone:
            send_sms(user.phone, messages.sms_text(message.topic, facts), message_id)
        if user.email:
            subject = messages.mail_subject(message.topic, facts)
            send_mail(user.email, subject, messages.mail_text(message.topic, facts), message_id)


def _facts(message: Message) -> tuple[Order, dict[str, str]]:
    """The order that an event is about, and all that a text may mention."""
    orders = Order.objects.select_related("user")
    if message.aggregate_type == "refund":
        refund = Refund.objects.get(pk=message.aggregate_id)
        order = orders.get(pk=refund.order_id)
        return order, _about(order) | {"amount": _rupees(refund.amount)}
    if message.aggregate_type == "return":
        request = Return.objects.get(pk=message.aggregate_id)
        order = orders.get(pk=request.order_id)
        return order, _about(order) | {"return_number": request.number}
    order = orders.get(pk=message.aggregate_id)
    return order, _about(order)


def _about(order: Order) -> dict[str, str]:
    total = _rupees(order.total)
    note = PAYMENT_NOTES.get(PaymentStatus(order.payment_status), "")
    paid = order.payment_status not in {PaymentStatus.UNPAID, PaymentStatus.COD_DUE}
    return {
        "name": order.user.name or order.shipping_address["name"],
        "number": order.number,
        "total": total,
        "payment": note.format(total=total),
        "carrier": order.carrier,
        "tracking_number": order.tracking_number,
        "return_days": str(settings.RETURN_WINDOW_DAYS),
        "money_back": "Your money is on its way back to you." if paid else "",
    }


def _rupees(amount: Decimal) -> str:
    """An amount with a comma for thousands; paise only where there are any."""
    return f"{amount:,.0f}" if amount == amount.to_integral_value() else f"{amount:,.2f}"
