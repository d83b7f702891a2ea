"""What a change of one schema means to clients: in a request and in an answer it is not the same.

A request may be taken more freely and an answer may say more, never the other way round. Lists of
allowed values are the exception: a new value in an answer is reported as a risk, since a client
that knows all values today may not know what to do with it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

Level = Literal["breaking", "risky"]
Told = tuple[Level, str]
Node = dict[str, Any]
LOWEST = ("minimum", "exclusiveMinimum", "minLength", "minItems")
HIGHEST = ("maximum", "exclusiveMaximum", "maxLength", "maxItems")
EVERYTHING = frozenset({"string", "integer", "number", "boolean", "array", "object", "null"})


@dataclass(frozen=True)
class Schemas:
    """The schemas of two documents, the one that clients were made for and the new one."""

    old: Node
    new: Node

    def in_request(self, before: Node, after: Node, at: str) -> Iterator[Told]:
        """What the shop no longer takes."""
        yield from self._compared(before, after, at, (), asked=True)

    def in_answer(self, before: Node, after: Node, at: str) -> Iterator[Told]:
        """What a client may no longer rely on."""
        yield from self._compared(before, after, at, (), asked=False)

    def _compared(
        self, before: Node, after: Node, at: str, within: tuple[Any, ...], *, asked: bool
    ) -> Iterator[Told]:
        pair = (before.get("$ref"), after.get("$ref"))
        if any(pair) and pair in within:
            return  # a tree
        within = (*within, pair)
        old, new = flat(self.old, before), flat(self.new, after)
        yield from _types(old, new, at, asked=asked)
        yield from _values(old, new, at, asked=asked)
        yield from _form(old, new, at, asked=asked)
        yield from _members(old, new, at, asked=asked)
        for name, one, other in _inner(old, new):
            yield from self._compared(one, other, f"{at}{name}", within, asked=asked)


def flat(document: Node, node: Node) -> Node:
    """The node with its reference followed and what it is composed of merged into one."""
    while "$ref" in node:
        inner: Any = document
        for part in node["$ref"].removeprefix("#/").split("/"):
            inner = inner[part]
        node = inner
    merged: Node = {name: value for name, value in node.items() if name != "allOf"}
    for one in node.get("allOf", []):
        merged = _both(merged, flat(document, one))
    for choice in ("oneOf", "anyOf"):
        if choice in merged:
            merged = _any_of([flat(document, one) for one in merged.pop(choice)], merged)
    return merged


def _both(one: Node, other: Node) -> Node:
    joined = {**one, **other}
    if "properties" in one and "properties" in other:
        names = {**one["properties"], **other["properties"]}
        joined["properties"] = {
            name: _both(one["properties"].get(name, {}), other["properties"].get(name, {}))
            for name in names
        }
    joined["required"] = [*one.get("required", []), *other.get("required", [])]
    return joined


def _any_of(choices: list[Node], around: Node) -> Node:
    """One node that takes what any of the choices takes, as far as a comparison needs it."""
    joined = dict(around)
    given = [one for one in choices if _types_of(one) != {"null"}]
    for one in given:
        joined = _both(joined, one) if "properties" in one else {**one, **joined}
    joined["type"] = sorted({kind for one in choices for kind in _types_of(one)})
    if any("enum" in one for one in given):
        joined["enum"] = [value for one in choices for value in one.get("enum", [])]
    if len(given) > 1:
        joined["required"] = sorted(
            set.intersection(*({*one.get("required", [])} for one in given))
        )
    return joined


def _types_of(node: Node) -> frozenset[str]:
    kind = node.get("type")
    if kind is None:
        return EVERYTHING if "properties" not in node else frozenset({"object"})
    found = frozenset([kind] if isinstance(kind, str) else kind)
    return found | {"integer"} if "number" in found else found


def _types(old: Node, new: Node, at: str, *, asked: bool) -> Iterator[Told]:
    before, after = _types_of(old), _types_of(new)
    lost = before - after if asked else after - before
    if lost:
        verb = "no longer takes" if asked else "may now be"
        yield "breaking", f"{at} {verb} {', '.join(sorted(lost))}"


def _values(old: Node, new: Node, at: str, *, asked: bool) -> Iterator[Told]:
    before, after = _values_of(old), _values_of(new)
    if asked and after is not None:
        gone = ["other values"] if before is None else [one for one in before if one not in after]
        if gone:
            yield "breaking", f"{at} no longer takes {_listed(gone)}"
    elif not asked and before is not None:
        extra = ["any value"] if after is None else [one for one in after if one not in before]
        if extra:
            yield "risky", f"{at} may now be {_listed(extra)}"


def _values_of(node: Node) -> list[Any] | None:
    if "const" in node:
        return [node["const"]]
    found: list[Any] | None = node.get("enum")
    return found


def _listed(values: list[Any]) -> str:
    return ", ".join(f"`{one}`" for one in values)


def _form(old: Node, new: Node, at: str, *, asked: bool) -> Iterator[Told]:
    for name in ("format", "pattern"):
        before, after = old.get(name), new.get(name)
        if asked and after is not None and before != after:
            yield "breaking", f"{at} must now have the {name} {after}"
        elif not asked and name == "format" and before is not None and before != after:
            level: Level = "breaking" if after else "risky"
            yield level, f"{at} has the format {after or 'of any text'} instead of {before}"
    if asked:
        for name in LOWEST:
            if new.get(name, float("-inf")) > old.get(name, float("-inf")):
                yield "breaking", f"{at} has a higher {name}: {new[name]}"
        for name in HIGHEST:
            if new.get(name, float("inf")) < old.get(name, float("inf")):
                yield "breaking", f"{at} has a lower {name}: {new[name]}"


def _members(old: Node, new: Node, at: str, *, asked: bool) -> Iterator[Told]:
    before, after = old.get("properties", {}), new.get("properties", {})
    needed_before, needed_after = {*old.get("required", [])}, {*new.get("required", [])}
    if asked:
        for name in sorted(needed_after - needed_before):
            yield "breaking", f"{at}.{name} is now required"
        if new.get("additionalProperties") is False:
            for name in [one for one in before if one not in after]:
                yield "breaking", f"{at}.{name} is no longer taken"
            if old.get("additionalProperties") is not False and "properties" in old:
                yield "breaking", f"{at} no longer takes unknown members"
        return
    for name in before:
        if name not in after:
            yield "breaking", f"{at}.{name} is gone"
        elif name in needed_before - needed_after:
            yield "breaking", f"{at}.{name} may now be missing"


def _inner(old: Node, new: Node) -> Iterator[tuple[str, Node, Node]]:
    before, after = old.get("properties", {}), new.get("properties", {})
    for name in [one for one in before if one in after]:
        yield f".{name}", before[name], after[name]
    if "items" in old and "items" in new:
        yield "[]", old["items"], new["items"]
    values = (old.get("additionalProperties"), new.get("additionalProperties"))
    if isinstance(values[0], dict) and isinstance(values[1], dict):
        yield "{}", values[0], values[1]
