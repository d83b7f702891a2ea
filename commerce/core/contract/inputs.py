"""What a request's fields must hold beyond their type, as exactly as the shop looks at them."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

NOT_BLANK = "[^\\s\\u001c-\\u001f\\u0085]"  # a character that trimming leaves


def refine(serializer: serializers.Serializer[Any], schema: dict[str, Any]) -> None:
    """Add to the schema of a body what is refused of its fields: empty lists, blanks, signs.

    `contradicting` of the serializer names fields of which a body holds one at most.
    """
    if both := getattr(serializer, "contradicting", ()):
        schema["not"] = {"required": list(both)}
    for name, field in serializer.fields.items():
        found = schema.get("properties", {}).get(name)
        if found is None or "$ref" in found:
            continue
        if isinstance(field, serializers.ListSerializer):
            found |= _list_limits(field)
        elif isinstance(field, serializers.DecimalField) and found.get("type") == "string":
            found["pattern"] = _decimal_pattern(field)
        elif isinstance(field, serializers.CharField) and not field.allow_blank:
            if field.trim_whitespace and found.get("type") == "string":
                found.setdefault("pattern", NOT_BLANK)


def _list_limits(field: serializers.ListSerializer[Any]) -> dict[str, int]:
    fewest = getattr(field, "min_length", None) or int(not field.allow_empty)
    most = getattr(field, "max_length", None)
    return {"minItems": fewest, **({"maxItems": most} if most else {})}


def _decimal_pattern(field: serializers.DecimalField) -> str:
    """At least one digit, a sign only where there may be less than nothing, no 0 where more."""
    least = field.min_value
    start = "-?" if least is None or least < 0 else "" if least == 0 else r"(?![0.]*$)"
    whole, places = field.max_whole_digits, field.decimal_places
    return rf"^{start}[0-9]{{1,{whole}}}(\.[0-9]{{1,{places}}})?$"
