"""Says in a few words what a schema of the OpenAPI document takes or answers, for people."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from commerce.core.contract.inputs import NOT_BLANK

Node = dict[str, Any]
REFERENCE = "#/components/schemas/"
CHOICES = re.compile(r"\n*^\* `.*` - .*$", re.MULTILINE)  # spectacular's list of an enumeration
WORDS = {"string": "text", "date-time": "time", "double": "number", "uri": "URL", "object": "any"}
ABOVE_NOTHING, ANY_SIGN = "^(?![0.]*$)", "^-?"


def resolved(schema: Node, node: Node) -> Node:
    """The node that a reference names; a reference with a word of its own keeps that word."""
    if len(node.get("allOf", [])) == 1:
        own = {name: value for name, value in node.items() if name != "allOf"}
        return resolved(schema, node["allOf"][0] | own)
    if "$ref" not in node:
        return node
    own = {name: value for name, value in node.items() if name != "$ref"}
    named: Node = schema["components"]["schemas"][node["$ref"].removeprefix(REFERENCE)]
    return resolved(schema, named) | own


def fields(schema: Node, node: Node, *, asked: bool) -> Iterator[str]:
    """One line for each member of an object: name, what it is, what it means."""
    found = resolved(schema, node)
    needed = {*found.get("required", [])}
    for name, inner in found.get("properties", {}).items():
        yield f"`{name}`: {member(schema, inner, asked=asked, needed=name in needed)}"
    for one in [found["not"]["required"]] if "not" in found else []:
        yield f"Never {' and '.join(f'`{name}`' for name in one)} together."


def member(schema: Node, node: Node, *, asked: bool, needed: bool) -> str:
    """What a member or a parameter is, whether it can be left out, and what it means."""
    found = resolved(schema, node)
    words = [kind(schema, node, asked=asked)]
    if "default" in found:
        words.append(f"`{json.dumps(found['default'])}` when left out")
    elif not needed:
        words.append("optional" if asked else "may be missing")
    meaning = CHOICES.sub("", found.get("description", "")) if _is_own(schema, node) else ""
    return " ".join([", ".join(words) + ".", *meaning.split()])


def kind(schema: Node, node: Node, *, asked: bool = False) -> str:
    """What a value is: `uuid`, `text of at most 80 characters`, `list of …`, `… or null`."""
    for choice in ("oneOf", "anyOf"):
        if choice in node:
            ways = [kind(schema, one, asked=asked) for one in node[choice]]
            return " or ".join(sorted(dict.fromkeys(ways), key=lambda one: one == "null"))
    found = resolved(schema, node)
    types: Any = found.get("type", "object")
    names: list[str] = (
        [types] if isinstance(types, str) else [one for one in types if one != "null"]
    )
    null = " or null" if isinstance(types, list) and "null" in types and names else ""
    if names == ["null"] or not names:
        return "null"
    return _value(schema, node, found, names[0], asked=asked) + null


def _value(schema: Node, node: Node, found: Node, name: str, *, asked: bool) -> str:
    if "enum" in found:
        values = [one for one in found["enum"] if one is not None]
        shown = [f"`{one}`" if one != "" else "empty" for one in values]
        return f"one of {', '.join(shown)}" if len(shown) > 1 else shown[0]
    if name == "array":
        return f"list{_many(found)} of {kind(schema, found.get('items', {}), asked=asked)}"
    if "properties" in found:
        return linked(node)
    if isinstance(found.get("additionalProperties"), dict):
        inner = kind(schema, found["additionalProperties"], asked=asked)
        return f"object of {inner} by name"
    form = str(found.get("format", name))
    return WORDS.get(form, form) + (_bounds(found) if asked or name != "string" else "")


def linked(node: Node) -> str:
    """A link to the shape that a reference names."""
    inner = node["allOf"][0] if "allOf" in node else node
    name = inner["$ref"].removeprefix(REFERENCE)
    return f"[{name}](#{anchor(name)})"


def anchor(name: str) -> str:
    """Where a shape stands on the page."""
    return f"shape-{name.lower()}"


def _is_own(schema: Node, node: Node) -> bool:
    """Whether the description is of the member, not of what it refers to."""
    return "$ref" not in node or "description" in node


def _bounds(found: Node) -> str:
    if found.get("format") == "decimal":
        return _of_amounts(found.get("pattern", ""))
    lowest, highest = found.get("minimum"), found.get("maximum")
    if "maxLength" in found or "minLength" in found:
        fewest, most = found.get("minLength", 0), found.get("maxLength")
        span = _span(fewest if fewest > 1 or most is None else None, most)
        if most == 0:
            return " that is empty"
        return (f" of {span} characters" if span and most else "") + _form(found, fewest)
    return f" {_span(lowest, highest)}" if lowest is not None or highest is not None else ""


def _form(found: Node, fewest: int) -> str:
    pattern = found.get("pattern", "")
    if pattern and pattern != NOT_BLANK:
        return f", matching `{pattern}`"
    return ", not blank" if pattern or fewest else ""


def _of_amounts(pattern: str) -> str:
    if pattern.startswith(ANY_SIGN) or not pattern:
        return ""
    return " above 0" if pattern.startswith(ABOVE_NOTHING) else " of at least 0"


def _many(found: Node) -> str:
    span = _span(found.get("minItems") or None, found.get("maxItems"))
    return f" ({span})" if span else ""


def _span(lowest: Any, highest: Any) -> str:
    if lowest is not None and highest is not None:
        return f"{lowest} to {highest}"
    if highest is not None:
        return f"at most {highest}"
    return f"at least {lowest}" if lowest is not None else ""
