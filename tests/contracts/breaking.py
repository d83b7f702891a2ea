"""Compares the contract with the one that was published last, as the clients of that one see it.

    python -m tests.contracts.breaking OLD NEW

Ends with 1 when a client made for OLD would fail, and names the screens that it would fail on.
What clients may stumble over is reported as a risk. An operation may go once its sunset, as OLD
announced it, has passed.
"""

from __future__ import annotations

import argparse
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import yaml

from tests.contracts.schemas import Level, Node, Schemas, Told, flat

METHODS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True)
class Finding:
    """One thing that changed for the clients of an operation."""

    level: Level
    operation: str
    screens: tuple[str, ...]
    what: str


def compare(old: Node, new: Node, today: date | None = None) -> list[Finding]:
    """Everything that a client of `old` would notice, the worst first."""
    day = today or datetime.now(UTC).date()
    found: list[Finding] = []
    for path, item in old["paths"].items():
        for method in [one for one in METHODS if one in item]:
            before, after = item[method], new["paths"].get(path, {}).get(method)
            name, screens = f"{method.upper()} {path}", tuple(before.get("tags", ["Other"]))
            seen = _Operation(old, new, before, after) if after else None
            told = seen.told() if seen else _gone(before, day)
            found += [Finding(level, name, screens, what) for level, what in told]
    return sorted(found, key=lambda one: (one.level, one.screens, one.operation))


def _gone(before: Node, today: date) -> Iterator[Told]:
    sunset = before.get("x-sunset")
    if not before.get("deprecated") or sunset is None:
        yield "breaking", "the operation is gone"
    elif date.fromisoformat(str(sunset)) > today:
        yield "breaking", f"the operation is gone before its sunset on {sunset}"


@dataclass(frozen=True)
class _Operation:
    old: Node
    new: Node
    before: Node
    after: Node

    @property
    def schemas(self) -> Schemas:
        return Schemas(self.old, self.new)

    def told(self) -> Iterator[Told]:
        """The operation's name, who may ask, what is asked, what is answered."""
        if self.before["operationId"] != self.after["operationId"]:
            yield "breaking", f"the operation is now called {self.after['operationId']}"
        yield from self._security()
        yield from self._parameters()
        yield from self._body()
        yield from self._answers()

    def _security(self) -> Iterator[Told]:
        offered = [{*one} for one in self._ways(self.new, self.after)]
        for way in self._ways(self.old, self.before):
            if not any(one <= {*way} for one in offered):
                yield "breaking", f"no longer open to {' and '.join(way) or 'anybody'}"

    @staticmethod
    def _ways(document: Node, operation: Node) -> list[Node]:
        found: Any = operation.get("security", document.get("security"))
        return found or [{}]

    def _parameters(self) -> Iterator[Told]:
        before, after = self._named(self.old, self.before), self._named(self.new, self.after)
        for place, one in before.items():
            at = f"{place[0]} parameter `{place[1]}`"
            if place not in after:
                yield "breaking", f"{at} is no longer taken"
                continue
            if after[place].get("required") and not one.get("required"):
                yield "breaking", f"{at} is now required"
            yield from self.schemas.in_request(one["schema"], after[place]["schema"], at)
        for place in [one for one in after if one not in before]:
            if after[place].get("required"):
                yield "breaking", f"{place[0]} parameter `{place[1]}` is new and required"

    @staticmethod
    def _named(document: Node, operation: Node) -> dict[tuple[str, str], Node]:
        given = [flat(document, one) for one in operation.get("parameters", [])]
        return {(one["in"], one["name"]): one for one in given}

    def _body(self) -> Iterator[Told]:
        before = flat(self.old, self.before.get("requestBody", {}))
        after = flat(self.new, self.after.get("requestBody", {}))
        if before and not after:
            yield "breaking", "the body is no longer taken"
        if after.get("required") and not before.get("required"):
            yield "breaking", "the body is now required"
        contents = after.get("content", {})
        for media_type, content in before.get("content", {}).items():
            if media_type in contents:
                new = contents[media_type].get("schema", {})
                yield from self.schemas.in_request(content.get("schema", {}), new, "body")
            elif after:
                yield "breaking", f"the body can no longer be {media_type}"

    def _answers(self) -> Iterator[Told]:
        before, after = self.before["responses"], self.after["responses"]
        for status, response in before.items():
            if status in after:
                yield from self._answer(status, response, after[status])
            elif status.startswith("2"):
                yield "breaking", f"no longer answers {status}"
        for status in [one for one in after if one not in before]:
            yield "risky", f"may now answer {status}"

    def _answer(self, status: str, before: Node, after: Node) -> Iterator[Told]:
        old, new = flat(self.old, before), flat(self.new, after)
        contents = new.get("content", {})
        for media_type, content in old.get("content", {}).items():
            if media_type in contents:
                schema = contents[media_type].get("schema", {})
                yield from self.schemas.in_answer(content.get("schema", {}), schema, status)
            else:
                yield "breaking", f"{status} is no longer {media_type}"
        for name in old.get("headers", {}):
            if name not in new.get("headers", {}):
                yield "breaking", f"{status} no longer has the header {name}"


def report(findings: list[Finding]) -> str:
    """For people: the screens first, and what many operations have in common once."""
    lines = []
    for level in ("breaking", "risky"):
        same: dict[str, list[Finding]] = defaultdict(list)
        for one in findings:
            if one.level == level:
                same[one.what].append(one)
        screens = sorted({name for group in same.values() for one in group for name in one.screens})
        if same:
            lines.append(f"{level} for {', '.join(screens)}:")
        for what, group in same.items():
            more = f" and {len(group) - 1} more" if len(group) > 1 else ""
            lines.append(f"  {group[0].operation}{more}: {what}")
    return "\n".join(lines)


def read(path: Path) -> Node:
    """A document from its file."""
    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    found: Node = yaml.load(path.read_text(encoding="utf-8"), Loader=loader)  # noqa: S506
    return found


def main() -> int:
    """Print what changed; 1 when something breaks."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("old", type=Path)
    parser.add_argument("new", type=Path)
    given = parser.parse_args()
    findings = compare(read(given.old), read(given.new))
    sys.stdout.write(f"{report(findings) or 'Nothing that a client would notice.'}\n")
    return int(any(one.level == "breaking" for one in findings))


if __name__ == "__main__":
    sys.exit(main())
