"""The comparison finds what would break a client, and lets pass what only adds."""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.contracts.breaking import Finding, compare, read, report

ROOT = Path(__file__).resolve().parents[2]
ADD = ("/api/v1/cart/items", "post")
PLACE = ("/api/v1/orders", "post")
LIST = ("/api/v1/products", "get")
Change = Callable[[dict[str, Any]], object]


@pytest.fixture(scope="module")
def contract() -> dict[str, Any]:
    """The contract as it is committed, but for the examples, which would only cost time."""
    found: dict[str, Any] = without_examples(read(ROOT / "docs" / "openapi.yaml"))
    return found


def without_examples(node: Any) -> Any:
    """The same without what the comparison never reads."""
    if isinstance(node, dict):
        return {k: without_examples(v) for k, v in node.items() if k != "examples"}
    return [without_examples(one) for one in node] if isinstance(node, list) else node


def changed(contract: dict[str, Any], change: Change) -> list[Finding]:
    """What the comparison says of a contract with one change."""
    new = copy.deepcopy(contract)
    change(new)
    return compare(contract, new)


def operation(document: dict[str, Any], place: tuple[str, str]) -> Any:
    """One operation of a document."""
    return document["paths"][place[0]][place[1]]


def schema(document: dict[str, Any], name: str) -> Any:
    """One named schema."""
    return document["components"]["schemas"][name]


def members(document: dict[str, Any], name: str) -> Any:
    """The properties of a named schema."""
    return schema(document, name)["properties"]


def parameter(document: dict[str, Any], place: tuple[str, str], name: str) -> Any:
    """One parameter of an operation."""
    return next(one for one in operation(document, place)["parameters"] if one["name"] == name)


BROKEN: dict[str, tuple[Change, str]] = {
    "path removed": (lambda d: d["paths"].pop(ADD[0]), "the operation is gone"),
    "operation removed": (lambda d: d["paths"][PLACE[0]].pop("post"), "the operation is gone"),
    "operation renamed": (
        lambda d: operation(d, ADD).update(operationId="putIntoCart"),
        "the operation is now called putIntoCart",
    ),
    "guests shut out": (
        lambda d: operation(d, ADD).update(security=[{"bearer": []}]),
        "no longer open to cartToken",
    ),
    "login asked of everybody": (
        lambda d: operation(d, LIST).update(security=[{"bearer": []}]),
        "no longer open to anybody",
    ),
    "parameter removed": (
        lambda d: operation(d, LIST)["parameters"].remove(parameter(d, LIST, "brand")),
        "query parameter `brand` is no longer taken",
    ),
    "parameter made required": (
        lambda d: parameter(d, LIST, "sort").update(required=True),
        "query parameter `sort` is now required",
    ),
    "required parameter added": (
        lambda d: operation(d, LIST)["parameters"].append(
            {"in": "query", "name": "city", "required": True, "schema": {"type": "string"}}
        ),
        "query parameter `city` is new and required",
    ),
    "parameter's maximum lowered": (
        lambda d: parameter(d, LIST, "limit")["schema"].update(maximum=50),
        "query parameter `limit` has a lower maximum: 50",
    ),
    "value of a parameter removed": (
        lambda d: parameter(d, LIST, "sort")["schema"]["enum"].remove("newest"),
        "query parameter `sort` no longer takes `newest`",
    ),
    "member of a body made required": (
        lambda d: schema(d, "AddressInputRequest")["required"].append("line2"),
        "body.line2 is now required",
    ),
    "required member added to a body": (
        lambda d: (
            members(d, "AddItemInputRequest").update(gift={"type": "boolean"}),
            schema(d, "AddItemInputRequest")["required"].append("gift"),
        ),
        "body.gift is now required",
    ),
    "member of a body removed": (
        lambda d: members(d, "AddressInputRequest").pop("line2"),
        "body.line2 is no longer taken",
    ),
    "type of a body's member changed": (
        lambda d: members(d, "AddItemInputRequest").update(quantity={"type": "string"}),
        "body.quantity no longer takes integer",
    ),
    "values of a body's member listed": (
        lambda d: members(d, "AddressInputRequest")["city"].update(enum=["Delhi"]),
        "body.city no longer takes `other values`",
    ),
    "shorter text in a body": (
        lambda d: members(d, "AddressInputRequest")["line1"].update(maxLength=5),
        "body.line1 has a lower maxLength: 5",
    ),
    "pattern asked of a body's member": (
        lambda d: members(d, "AddressInputRequest")["city"].update(pattern="^[A-Z]+$"),
        "body.city must now have the pattern ^[A-Z]+$",
    ),
    "media type of a body replaced": (
        lambda d: operation(d, ADD)["requestBody"].update(content={"text/xml": {"schema": {}}}),
        "the body can no longer be application/json",
    ),
    "status changed": (
        lambda d: operation(d, ADD)["responses"].update(
            {"200": operation(d, ADD)["responses"].pop("201")}
        ),
        "no longer answers 201",
    ),
    "member of an answer removed": (
        lambda d: members(d, "CartOutput").pop("version"),
        "201.version is gone",
    ),
    "member of an answer made optional": (
        lambda d: schema(d, "CartOutput")["required"].remove("items"),
        "201.items may now be missing",
    ),
    "member deep within an answer retyped": (
        lambda d: members(d, "CartLine").update(quantity={"type": "string"}),
        "201.items[].quantity may now be string",
    ),
    "member of an answer made nullable": (
        lambda d: members(d, "CartLine").update(sku={"type": ["string", "null"]}),
        "201.items[].sku may now be null",
    ),
    "format of an answer changed": (
        lambda d: members(d, "CartLine")["id"].update(format="date"),
        "201.items[].id has the format date instead of uuid",
    ),
    "header of an answer removed": (
        lambda d: operation(d, ADD)["responses"]["201"]["headers"].pop("X-Cart-Token"),
        "201 no longer has the header X-Cart-Token",
    ),
    "failure no longer a problem document": (
        lambda d: operation(d, ADD)["responses"].update({"409": {"content": {}}}),
        "409 is no longer application/problem+json",
    ),
    "member of every problem removed": (
        lambda d: members(d, "Problem").pop("detail"),
        "400.detail is gone",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_breaking_change_is_found_with_its_screens(contract: dict[str, Any], name: str) -> None:
    change, what = BROKEN[name]

    breaking = [one for one in changed(contract, change) if one.level == "breaking"]

    assert what in [one.what for one in breaking]
    assert all(one.screens for one in breaking)


ADDED: dict[str, Change] = {
    "operation added": lambda d: d["paths"].update({"/api/v1/new": d["paths"][PLACE[0]]}),
    "optional parameter added": lambda d: operation(d, LIST)["parameters"].append(
        {"in": "query", "name": "city", "schema": {"type": "string"}}
    ),
    "required parameter made optional": lambda d: parameter(d, PLACE, "Idempotency-Key").update(
        required=False
    ),
    "maximum raised": lambda d: parameter(d, LIST, "limit")["schema"].update(maximum=500),
    "value added to a parameter": lambda d: parameter(d, LIST, "sort")["schema"]["enum"].append(
        "rating"
    ),
    "optional member added to a body": lambda d: members(d, "AddItemInputRequest").update(
        gift={"type": "boolean"}
    ),
    "member of a body made optional": lambda d: schema(d, "AddressInputRequest")["required"].remove(
        "state"
    ),
    "member added to an answer": lambda d: members(d, "CartLine").update(badge={"type": "string"}),
    "header added to an answer": lambda d: operation(d, LIST)["responses"]["200"]["headers"].update(
        {"ETag": {"schema": {"type": "string"}}}
    ),
    "operation opened to everybody": lambda d: operation(d, PLACE)["security"].append({}),
    "operation deprecated": lambda d: operation(d, LIST).update(deprecated=True),
    "another screen named": lambda d: operation(d, ADD)["tags"].append("Wishlist"),
    "words changed": lambda d: operation(d, ADD).update(summary="Something else"),
}


@pytest.mark.parametrize("name", ADDED)
def test_what_only_adds_passes_in_silence(contract: dict[str, Any], name: str) -> None:
    assert changed(contract, ADDED[name]) == []


RISKY: dict[str, tuple[Change, str]] = {
    "status of an order added": (
        lambda d: (
            members(d, "Change")["kind"].update({"$ref": "#/components/schemas/Widened"})
            or d["components"]["schemas"].update(
                Widened={"type": "string", "enum": ["price", "stock", "inactive", "coupon", "gift"]}
            )
        ),
        "200.changes[].kind may now be `gift`",
    ),
    "code added to a failure": (
        lambda d: operation(d, ADD)["responses"]["409"]["content"]["application/problem+json"][
            "schema"
        ]["allOf"][1]["properties"]["code"]["enum"].append("shop_closed"),
        "409.code may now be `shop_closed`",
    ),
    "status of a failure added": (
        lambda d: operation(d, LIST)["responses"].update({"451": {"description": "No."}}),
        "may now answer 451",
    ),
}


@pytest.mark.parametrize("name", RISKY)
def test_more_values_in_an_answer_are_a_risk_not_a_break(
    contract: dict[str, Any], name: str
) -> None:
    change, what = RISKY[name]

    found = changed(contract, change)

    assert what in [one.what for one in found]
    assert {one.level for one in found} == {"risky"}


def test_an_operation_may_go_once_its_sunset_has_passed(contract: dict[str, Any]) -> None:
    old = copy.deepcopy(contract)
    operation(old, LIST).update({"deprecated": True, "x-sunset": "2027-06-01"})
    new = copy.deepcopy(old)
    new["paths"].pop(LIST[0])

    before = compare(old, new, date(2027, 5, 31))
    after = compare(old, new, date(2027, 6, 1))

    assert [one.what for one in before] == ["the operation is gone before its sunset on 2027-06-01"]
    assert after == []


def test_the_report_names_each_screen_and_says_the_same_thing_once(
    contract: dict[str, Any],
) -> None:
    found = changed(contract, lambda d: members(d, "CartOutput").pop("version"))

    lines = report([one for one in found if "200." in one.what]).splitlines()

    assert lines == [
        "breaking for Cart:",
        "  DELETE /api/v1/cart/coupon and 4 more: 200.version is gone",
    ]


def test_a_contract_breaks_nothing_for_its_own_clients(contract: dict[str, Any]) -> None:
    assert compare(contract, contract) == []
