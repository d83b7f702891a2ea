"""Errors of where the shop delivers."""

from __future__ import annotations

from commerce.core.errors.entries import entry

ENTRIES = (
    entry(
        "address_not_serviceable",
        422,
        "We do not deliver there yet",
        "No warehouse delivers to the pincode of this address.",
        "Choose an address with another pincode.",
    ),
)
