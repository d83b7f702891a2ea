"""Every body of the document has an example, and each fits the schema that it stands under."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from commerce.core.api_page import document
from commerce.core.contract.examples import RECORDED
from commerce.core.schema import operations
from tests.contracts.conformity import Contract, examples


@pytest.fixture(scope="module")
def contract() -> Contract:
    """The document of the running code."""
    return Contract(document())


def test_each_example_fits_its_schema(contract: Contract) -> None:
    unfit = {
        where: faults
        for where, schema, value in examples(contract)
        if (faults := contract.faults(schema, value))
    }

    assert unfit == {}, "run `make examples`"


def test_each_json_body_has_an_example(contract: Contract) -> None:
    lacking = []
    for path, method, operation in operations(contract.document):
        bodies = {"body": operation.get("requestBody", {})} | {
            status: contract.resolved(one) for status, one in operation["responses"].items()
        }
        for name, body in bodies.items():
            content = body.get("content", {}).get("application/json")
            if content and not content.get("examples"):
                lacking.append(f"{method} {path} {name}")

    assert lacking == [], "run `make examples`"


def test_nothing_is_recorded_for_operations_that_are_gone(contract: Contract) -> None:
    known = {one["operationId"] for _, _, one in operations(contract.document)}

    assert {path.stem for path in RECORDED.glob("*.json")} - known == set()


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"version": "two"}, "$.version: 'two' is not of type 'integer'"),
        ({"id": "not-an-id"}, "$.id: 'not-an-id' is not a 'uuid'"),
        ({"colour": "red"}, "$: Additional properties are not allowed ('colour' was unexpected)"),
    ],
)
def test_an_example_that_its_schema_refuses_is_found(
    contract: Contract, change: dict[str, Any], fault: str
) -> None:
    where, schema, value = next(one for one in examples(contract) if "GET /api/v1/cart " in one[0])
    broken = copy.deepcopy(value) | change

    assert contract.faults(schema, value) == [], where
    assert fault in contract.faults(schema, broken)
