"""Examples of the document: exchanges recorded from a running shop, and one problem per code.

`make examples` records `recorded/<operationId>.json` anew; `make contract` holds every example
against the schema that it stands under.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from commerce.core.errors import REGISTRY, ProblemError
from commerce.core.problems import CONTENT_TYPE, document

RECORDED = Path(__file__).parent / "recorded"
JSON = "application/json"
SAMPLE_ID = "01994f3a-7c00-7000-8000-000000000001"
SAMPLE_REQUEST_ID = "4bf92f3577b34da6a3ce929d0e0e4736"


@dataclass(frozen=True)
class Exchange:
    """One request and its answer, ids, times and secrets made the same in every recording."""

    name: str
    method: str
    path: str
    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: Any = None
    answer_headers: dict[str, str] = field(default_factory=dict)
    answer: Any = None


@cache
def recorded(operation_id: str) -> tuple[Exchange, ...]:
    """The exchanges recorded for an operation, the usual one first."""
    path = RECORDED / f"{operation_id}.json"
    if not path.exists():
        return ()
    return tuple(Exchange(**one) for one in json.loads(path.read_text(encoding="utf-8")))


def show(operation: dict[str, Any]) -> None:
    """Put the recorded exchanges into the operation's body and answers."""
    for one in recorded(operation["operationId"]):
        body = operation.get("requestBody", {}).get("content", {}).get(JSON)
        if body is not None and one.body is not None:
            _add(body, one.name, one.body)
        answer = operation["responses"].get(str(one.status), {}).get("content", {})
        for media_type, content in answer.items():
            if media_type != CONTENT_TYPE and one.answer is not None:
                _add(content, one.name, one.answer)


def _add(content: dict[str, Any], name: str, value: Any) -> None:
    content.setdefault("examples", {})[name] = {"value": value}


def of_problem(code: str, path: str) -> dict[str, Any]:
    """The example of a code, made by what makes the real document."""
    asked = re.sub(r"\{[^}]+\}", SAMPLE_ID, path)
    told = document(asked, ProblemError(code)) | {"request_id": SAMPLE_REQUEST_ID}
    return {"summary": REGISTRY[code].title, "value": told}
