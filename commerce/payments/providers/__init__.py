"""Payment providers: what the shop asks of each, and which are in use."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol
from uuid import UUID

from django.conf import settings
from django.utils.module_loading import import_string

from commerce.core.errors import ProblemError


@dataclass(frozen=True)
class ProviderEvent:
    """What a provider told us, in our words; amounts in rupees, `raw` as it came."""

    event_id: str
    kind: str
    raw: str
    provider_order_id: str | None = None
    provider_payment_id: str | None = None
    provider_refund_id: str | None = None
    refund_id: UUID | None = None
    amount: Decimal | None = None
    currency: str | None = None


class Provider(Protocol):
    """One payment provider's protocol. Nothing here touches our database."""

    name: str

    def create_order(self, payment_id: UUID, amount: Decimal, currency: str) -> str:
        """Register the attempt under our id as its key; returns the provider's order id."""
        ...

    def signature_holds(self, order_id: str, payment_id: str, signature: str) -> bool:
        """Whether the provider signed this payment of this order for the client."""
        ...

    def read_webhook(self, headers: Mapping[str, str], body: bytes) -> ProviderEvent:
        """The event of a webhook whose signature holds; ProblemError otherwise."""
        ...

    def refund(
        self, refund_id: UUID, provider_payment_id: str | None, amount: Decimal, currency: str
    ) -> ProviderEvent:
        """Ask for a refund under our id as its key; returns the provider's answer as an event."""
        ...


def provider(name: str) -> Provider:
    """The provider in use under this name; others are not found."""
    if name not in settings.PAYMENT_PROVIDERS:
        raise ProblemError("provider_not_found", context={"provider": name})
    made: Provider = import_string(settings.PAYMENT_PROVIDER_CLASSES[name])()
    return made
