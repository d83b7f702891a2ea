"""What tests of failures ask, and what they expect of each problem document."""

from __future__ import annotations

import json
from typing import Any

from django.test import Client

MEMBERS = {
    "type",
    "title",
    "status",
    "detail",
    "instance",
    "code",
    "human_readable_cause",
    "suggested_action",
    "request_id",
}


VALID = {"lines": [{"sku": "A", "quantity": 1}], "total": "10.00"}


def problem(response: Any, status: int, code: str) -> dict[str, Any]:
    """The document of a response, after the members that every document has."""
    assert response["Content-Type"] == "application/problem+json"
    document: dict[str, Any] = json.loads(response.content)
    assert (response.status_code, document["status"], document["code"]) == (status, status, code)
    assert set(document) >= MEMBERS
    assert all(document[member] for member in MEMBERS)
    assert document["type"] == f"/problems/{code}"
    text = response.content.decode()
    assert "Traceback" not in text
    assert "SELECT" not in text
    return document


def post(client: Client, body: Any, content_type: str = "application/json", **extra: Any) -> Any:
    """POST to the endpoint that validates."""
    data = body if isinstance(body, str | bytes) else json.dumps(body)
    return client.post("/api/v1/orders", data, content_type=content_type, **extra)


def faults(document: dict[str, Any]) -> set[tuple[str, str]]:
    """Pointer and code of each field at fault."""
    return {(one["pointer"], one["code"]) for one in document["errors"]}
