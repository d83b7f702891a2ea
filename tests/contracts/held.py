"""A client of the API's tests that holds every answer against the contract."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from rest_framework.test import APIClient

from commerce.core.api_page import document
from tests.contracts.conformity import Contract

NO_OPERATION = 405  # the document has no place for methods that a path does not have


class ContractClient(APIClient):
    """Fails the test in which the shop answers what its document does not declare."""

    def generic(  # type: ignore[override]
        self, method: str, path: str, *given: Any, **named: Any
    ) -> Any:
        """The answer, once it is known to be a declared one."""
        response: Any = super().generic(method, path, *given, **named)
        operation = _contract().operation(method, path.split("?")[0])
        if operation is None or response.status_code == NO_OPERATION or response.streaming:
            return response
        media_type = response.get("Content-Type", "").split(";")[0]
        text = response.content.decode("utf-8", "replace")
        body = json.loads(text) if text and media_type.endswith("json") else text
        faults = _contract().faults_of_answer(operation, response.status_code, media_type, body)
        assert faults == [], f"{operation['operationId']} answers what it does not declare: {text}"
        return response


@cache
def _contract() -> Contract:
    return Contract(document())
