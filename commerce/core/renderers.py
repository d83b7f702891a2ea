"""Renders answers: JSON in which an amount is always a decimal string, never a float."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from rest_framework.renderers import JSONRenderer
from rest_framework.utils.encoders import JSONEncoder


class ExactEncoder(JSONEncoder):
    """REST framework's own encoder turns a Decimal outside a serializer into a float."""

    def default(self, obj: Any) -> Any:
        """A Decimal as its digits, all else as usual."""
        return str(obj) if isinstance(obj, Decimal) else super().default(obj)


class ExactJSONRenderer(JSONRenderer):
    """The only renderer of the API."""

    encoder_class = ExactEncoder
