"""How the API reference says what a schema takes and answers."""

from __future__ import annotations

from typing import Any

import pytest

from commerce.core.contract.inputs import NOT_BLANK
from commerce.core.contract.wording import fields, kind, member

SCHEMA: dict[str, Any] = {
    "components": {
        "schemas": {
            "Size": {"enum": ["S", "M"], "type": "string", "description": "* `S` - Small"},
            "Line": {"type": "object", "properties": {"n": {"type": "integer"}}},
        }
    }
}
SIZE = {"$ref": "#/components/schemas/Size"}
LINE = {"$ref": "#/components/schemas/Line"}
DECIMAL = {"type": "string", "format": "decimal"}


@pytest.mark.parametrize(
    ("node", "said"),
    [
        ({"type": "string"}, "text"),
        ({"type": "string", "format": "uuid"}, "uuid"),
        ({"type": "string", "format": "date-time"}, "time"),
        ({"type": ["string", "null"], "format": "date"}, "date or null"),
        ({"type": "number", "format": "double"}, "number"),
        ({"type": "integer", "minimum": 1, "maximum": 9}, "integer 1 to 9"),
        ({"type": "integer", "minimum": 0}, "integer at least 0"),
        ({"type": "string", "enum": ["asc", "desc"]}, "one of `asc`, `desc`"),
        ({"type": "string", "enum": ["ok"]}, "`ok`"),
        (SIZE, "one of `S`, `M`"),
        (LINE, "[Line](#shape-line)"),
        ({"allOf": [LINE], "description": "The first."}, "[Line](#shape-line)"),
        ({"oneOf": [{"type": "null"}, LINE]}, "[Line](#shape-line) or null"),
        ({"type": "array", "items": SIZE}, "list of one of `S`, `M`"),
        (
            {"type": "array", "items": LINE, "minItems": 1, "maxItems": 5},
            "list (1 to 5) of [Line](#shape-line)",
        ),
        ({"type": "object", "additionalProperties": {"type": "string"}}, "object of text by name"),
        ({"type": "object", "additionalProperties": {}}, "object of any by name"),
    ],
)
def test_value_is_named(node: dict[str, Any], said: str) -> None:
    assert kind(SCHEMA, node) == said


@pytest.mark.parametrize(
    ("node", "said"),
    [
        (
            {"type": "string", "maxLength": 80, "minLength": 1},
            "text of at most 80 characters, not blank",
        ),
        ({"type": "string", "maxLength": 80}, "text of at most 80 characters"),
        (
            {"type": "string", "minLength": 2, "maxLength": 5},
            "text of 2 to 5 characters, not blank",
        ),
        (
            {"type": "string", "minLength": 1, "pattern": "^[0-9]{6}$"},
            "text, matching `^[0-9]{6}$`",
        ),
        (
            {"type": "string", "pattern": NOT_BLANK, "maxLength": 9},
            "text of at most 9 characters, not blank",
        ),
        (
            {"oneOf": [{"type": "string", "format": "email"}, {"type": "string", "maxLength": 0}]},
            "email or text that is empty",
        ),
        (DECIMAL | {"pattern": r"^[0-9]{1,10}(\.[0-9]{1,2})?$"}, "decimal of at least 0"),
        (DECIMAL | {"pattern": r"^(?![0.]*$)[0-9]{1,10}$"}, "decimal above 0"),
        (DECIMAL | {"pattern": "^-?[0-9]{1,10}$"}, "decimal"),
    ],
)
def test_bounds_of_what_is_asked_are_told(node: dict[str, Any], said: str) -> None:
    assert kind(SCHEMA, node, asked=True) == said


def test_bounds_of_answered_text_are_left_out() -> None:
    assert kind(SCHEMA, {"type": "string", "maxLength": 80}) == "text"


@pytest.mark.parametrize(
    ("node", "asked", "needed", "said"),
    [
        ({"type": "boolean"}, True, True, "boolean."),
        ({"type": "boolean"}, True, False, "boolean, optional."),
        ({"type": "boolean"}, False, False, "boolean, may be missing."),
        ({"type": "string", "default": ""}, True, False, 'text, `""` when left out.'),
        ({"type": "integer", "default": 24}, True, False, "integer, `24` when left out."),
        ({"type": "string", "description": "The\nname."}, False, True, "text. The name."),
        (SIZE, False, True, "one of `S`, `M`."),
        (SIZE | {"description": "How big."}, False, True, "one of `S`, `M`. How big."),
        (
            {"type": "string", "enum": ["S"], "description": "Big.\n\n* `S` - Small\n* `M` - M"},
            True,
            True,
            "`S`. Big.",
        ),
    ],
)
def test_member_says_what_it_is_and_whether_it_can_be_left_out(
    node: dict[str, Any], asked: bool, needed: bool, said: str
) -> None:
    assert member(SCHEMA, node, asked=asked, needed=needed) == said


def test_fields_of_a_body_are_lines_and_those_that_contradict_each_other_are_named() -> None:
    body = {
        "type": "object",
        "properties": {"amount": {"type": "integer"}, "lines": {"type": "array", "items": LINE}},
        "required": ["amount"],
        "not": {"required": ["amount", "lines"]},
    }

    assert list(fields(SCHEMA, body, asked=True)) == [
        "`amount`: integer.",
        "`lines`: list of [Line](#shape-line), optional.",
        "Never `amount` and `lines` together.",
    ]
