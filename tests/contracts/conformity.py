"""Holds bodies against the document: what it says is all that may be there."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import quote

from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry
from referencing.jsonschema import DRAFT202012

ROOT = "urn:contract"
PATH_PARAMETER = re.compile(r"\\\{\w+\\\}")


@dataclass(frozen=True)
class Contract:
    """A document that bodies can be held against."""

    document: dict[str, Any]

    def operation(self, method: str, path: str) -> dict[str, Any] | None:
        """The operation that serves a path; None for one that the document does not know."""
        for pattern, item in self._paths:
            if method.lower() in item and pattern.fullmatch(path):
                found: dict[str, Any] = item[method.lower()]
                return found
        return None

    def resolved(self, node: dict[str, Any]) -> dict[str, Any]:
        """What a reference refers to, else the node itself."""
        while "$ref" in node:
            inner: Any = self.document
            for part in node["$ref"].removeprefix("#/").split("/"):
                inner = inner[part]
            node = inner
        return node

    def faults_of_answer(
        self, operation: dict[str, Any], status: int, media_type: str, body: Any
    ) -> list[str]:
        """Why an answer is not one that the operation declares."""
        declared = operation["responses"].get(str(status))
        if declared is None:
            return [f"status {status} is not declared"]
        contents = self.resolved(declared).get("content", {})
        if not contents:
            return [] if body in (None, "", b"") else ["a body where none is declared"]
        if media_type not in contents:
            return [f"{media_type or 'no media type'} is not declared for {status}"]
        return self.faults(contents[media_type]["schema"], body)

    def faults(self, schema: dict[str, Any], value: Any) -> list[str]:
        """Where and why a value does not fit a schema of the document."""
        validator = Draft202012Validator(
            self._absolute(schema), registry=self._registry, format_checker=FormatChecker()
        )
        return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(value)]

    @cached_property
    def _paths(self) -> list[tuple[re.Pattern[str], dict[str, Any]]]:
        exact = sorted(self.document["paths"].items(), key=lambda one: "{" in one[0])
        return [
            (re.compile(PATH_PARAMETER.sub("[^/]+", re.escape(path))), item) for path, item in exact
        ]

    @cached_property
    def _registry(self) -> Registry[Any]:
        closed = copy.deepcopy(self.document["components"]["schemas"])
        for schema in closed.values():
            if "properties" in schema:
                schema.setdefault("additionalProperties", False)
        held = {"components": {"schemas": self._absolute(closed)}}
        empty: Registry[Any] = Registry()
        registry: Registry[Any] = empty.with_resource(ROOT, DRAFT202012.create_resource(held))
        return registry

    def _absolute(self, node: Any) -> Any:
        if isinstance(node, dict):
            return {
                name: ROOT + quote(inner, safe="#/")
                if name == "$ref" and isinstance(inner, str)
                else self._absolute(inner)
                for name, inner in node.items()
            }
        return [self._absolute(one) for one in node] if isinstance(node, list) else node


def examples(contract: Contract) -> Iterator[tuple[str, dict[str, Any], Any]]:
    """Every example of the document with its place and the schema that it stands under."""
    for path, item in contract.document["paths"].items():
        for method, operation in item.items():
            where = f"{method.upper()} {path}"
            body = operation.get("requestBody", {})
            yield from _of_contents(contract, f"{where} body", body)
            for status, response in operation["responses"].items():
                answer = contract.resolved(response)
                yield from _of_contents(contract, f"{where} {status}", answer)


def _of_contents(
    contract: Contract, where: str, node: dict[str, Any]
) -> Iterator[tuple[str, dict[str, Any], Any]]:
    for content in node.get("content", {}).values():
        for name, example in content.get("examples", {}).items():
            yield f"{where} {name}", content["schema"], contract.resolved(example)["value"]
