"""What the shop tells its customers, as texts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from django.conf import settings


@dataclass(frozen=True, slots=True)
class Template:
    """A text message, and the subject under which it goes out as e-mail too."""

    subject: str
    text: str


TEMPLATES: Mapping[str, Template] = MappingProxyType(
    {
        "order.confirmed": Template(
            "Order {number} is confirmed",
            "Thank you, {name}! Your order {number} of Rs {total} is confirmed. {payment}",
        ),
        "order.shipped": Template(
            "Order {number} is on its way",
            "Your order {number} has left our warehouse with {carrier}, "
            "tracking number {tracking_number}.",
        ),
        "order.out_for_delivery": Template(
            "Order {number} arrives today",
            "Your order {number} is out for delivery and reaches you today. {payment}",
        ),
        "order.delivered": Template(
            "Order {number} was delivered",
            "Your order {number} was delivered. Something doesn't fit? "
            "You can return it within {return_days} days.",
        ),
        "order.cancelled": Template(
            "Order {number} is cancelled",
            "Your order {number} of Rs {total} is cancelled. {money_back}",
        ),
        "order.returned_to_origin": Template(
            "Order {number} came back to us",
            "We could not deliver your order {number}; it came back to our warehouse. {money_back}",
        ),
        "refund.initiated": Template(
            "Refund for order {number}",
            "We have started a refund of Rs {amount} for your order {number}. "
            "It takes 5 to 7 working days to reach you.",
        ),
        "refund.succeeded": Template(
            "Refund for order {number} is done",
            "Rs {amount} for your order {number} was refunded to your original payment method.",
        ),
        "refund.failed": Template(
            "Refund for order {number} is delayed",
            "Your refund of Rs {amount} for order {number} did not go through. "
            "We are looking into it; you need not do anything.",
        ),
        "return.requested": Template(
            "Return {return_number} of order {number}",
            "We have received your return request {return_number} for order {number}.",
        ),
        "return.approved": Template(
            "Return {return_number} is approved",
            "Your return {return_number} is approved. "
            "Please keep the items ready, with tags and box, for pick-up.",
        ),
        "return.rejected": Template(
            "Return {return_number} can't be accepted",
            "Your return {return_number} for order {number} can't be accepted. "
            "Please write to us if you have questions.",
        ),
        "return.received": Template(
            "Return {return_number} has arrived",
            "The items of your return {return_number} have arrived. Your refund follows.",
        ),
        "return.closed": Template(
            "Return {return_number} is complete",
            "Your return {return_number} for order {number} is complete.",
        ),
    }
)

GREETING = "Hello {name},\n\n{text}\n\nWarm regards,\n{shop}\n"


def sms_text(topic: str, facts: Mapping[str, str]) -> str:
    """The text message about an event, signed with the shop's name."""
    text = TEMPLATES[topic].text.format_map(facts).rstrip()
    return f"{text} - {settings.SHOP_NAME}"


def mail_subject(topic: str, facts: Mapping[str, str]) -> str:
    """The subject of the e-mail about an event."""
    return TEMPLATES[topic].subject.format_map(facts)


def mail_text(topic: str, facts: Mapping[str, str]) -> str:
    """The body of the e-mail about an event."""
    text = TEMPLATES[topic].text.format_map(facts).rstrip()
    return GREETING.format(name=facts["name"], text=text, shop=settings.SHOP_NAME)


def login_code(code: str) -> str:
    """The text message that carries a login code."""
    minutes = max(settings.OTP_TTL_SECONDS // 60, 1)
    return (
        f"Your login code is {code}. It is valid for {minutes} minutes. "
        f"Please don't share it with anyone. - {settings.SHOP_NAME}"
    )
