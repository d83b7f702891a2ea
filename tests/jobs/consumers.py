"""Consumers that tests name in `OUTBOX_CONSUMERS`."""

from __future__ import annotations

import uuid

from commerce.core.outbox import Message

taken: list[uuid.UUID] = []


class Taking:
    """Remembers what it was handed."""

    topics = frozenset({"order.confirmed", "order.shipped"})

    def handle(self, message: Message) -> None:
        """Remember the message's id."""
        taken.append(message.id)


class Refusing:
    """Fails for shipped orders, whatever happens."""

    topics = frozenset({"order.shipped"})

    def handle(self, message: Message) -> None:
        """Fail."""
        raise RuntimeError("no courier answers")


class Dying:
    """Ends its relay in the middle of a delivery, after the effect."""

    topics = frozenset({"order.confirmed"})

    def handle(self, message: Message) -> None:
        """Have the effect, then die as a killed process does: past every `except Exception`."""
        taken.append(message.id)
        raise KeyboardInterrupt
