"""The base of every input serializer: unknown fields and wrong JSON types are refused by name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from typing import Any

from django.http import QueryDict
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.request import Request

# What JSON must hold for a field; DRF alone would take 3 for "3" and "3" for 3.
JSON_TYPES: tuple[tuple[type[serializers.Field[Any, Any, Any, Any]], tuple[type, ...]], ...] = (
    (serializers.BooleanField, (bool,)),
    (serializers.IntegerField, (int,)),
    (serializers.DecimalField, (str, int, Decimal)),
    (serializers.CharField, (str,)),
    (serializers.ChoiceField, (str,)),
    (serializers.UUIDField, (str,)),
    (serializers.DateTimeField, (str,)),
    (serializers.DateField, (str,)),
)
MANY_TEXTS = 50
PLAIN_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
BEYOND_INTEGERS = 10**18  # larger ones are refused as they are, without being written out
WRONG_TYPE = ErrorDetail("This has the wrong type.", code="wrong_type")
NOT_A_NUMBER = ErrorDetail("A valid number is required.", code="invalid")
UNKNOWN_FIELD = ErrorDetail("There is no such field.", code="unknown_field")


class StrictSerializer(serializers.Serializer[Any]):
    """Refuses fields it does not declare and, in a JSON body, values of another JSON type."""

    def to_internal_value(self, data: Any) -> Any:
        """The validated values; every fault of the body is reported at once."""
        if not isinstance(data, Mapping):
            return super().to_internal_value(data)
        faults: dict[str, Any] = {
            str(name): [UNKNOWN_FIELD] for name in data if name not in self.fields
        }
        faults |= {
            name: [NOT_A_NUMBER]
            for name, field in self.fields.items()
            if isinstance(field, serializers.DecimalField) and _is_odd_number(data.get(name))
        }
        if not isinstance(data, QueryDict):
            data = {name: _as_meant(self.fields.get(name), value) for name, value in data.items()}
            faults |= {
                name: [WRONG_TYPE]
                for name, field in self.fields.items()
                if name in data and not _has_json_type(field, data[name])
            }
        try:
            values = super().to_internal_value(data)
        except ValidationError as error:
            found = error.detail if isinstance(error.detail, dict) else {}
            raise ValidationError({**found, **faults}) from None
        if faults:
            raise ValidationError(faults)
        return values


def _is_odd_number(value: object) -> bool:
    """Whether a text is not written as money is; Python alone would take `1_0`, `1e2` and `१२`."""
    return isinstance(value, str) and value != "" and not PLAIN_NUMBER.fullmatch(value)


def _as_meant(field: object, value: object) -> object:
    """For an integer, a number without a fraction: `2.0` and `2e0` are 2, as JSON Schema has it."""
    if not (isinstance(field, serializers.IntegerField) and isinstance(value, Decimal)):
        return value
    whole = -BEYOND_INTEGERS < value < BEYOND_INTEGERS and value == value.to_integral_value()
    return int(value) if whole else value


def _has_json_type(field: serializers.Field[Any, Any, Any, Any], value: object) -> bool:
    if value is None:
        return True  # the field itself says whether null is allowed
    for kind, types in JSON_TYPES:
        if isinstance(field, kind):
            return isinstance(value, types) and not (isinstance(value, bool) and bool not in types)
    return True


def validated(
    kind: type[serializers.Serializer[Any]], source: Request | Mapping[str, Any], **options: Any
) -> dict[str, Any]:
    """The values of a request's body or of a query string; every field at fault is named."""
    data = source.data if isinstance(source, Request) else source
    values: dict[str, Any] = _made(kind, **options).run_validation(data)
    return values


@cache
def _made(kind: type[serializers.Serializer[Any]], **options: Any) -> serializers.Serializer[Any]:
    """One serializer for all requests: making its fields takes longer than asking them.

    Its `run_validation` keeps nothing of what it is given.
    """
    made = kind(**options)
    _ = made.fields  # by one thread, not by the first requests at once
    return made


class ManyTexts(serializers.ListField):
    """A query parameter that may be repeated or hold several values between commas."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("child", serializers.CharField(max_length=80))
        options.setdefault("required", False)
        super().__init__(max_length=MANY_TEXTS, **options)

    def get_value(self, dictionary: Any) -> Any:
        """The single values, `empty` when the parameter is not given; blanks are none."""
        if self.field_name not in dictionary:
            return serializers.empty
        texts = dictionary.getlist(self.field_name)
        return [one for text in texts for one in text.split(",") if one.strip()]
