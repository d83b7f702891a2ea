"""The OpenAPI document, as far as it is the same for every operation."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml
from django.contrib.staticfiles import finders
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema
from rest_framework.response import Response

from commerce.core.contract import refusals
from commerce.core.errors import REGISTRY
from commerce.core.schema import codes_named
from commerce.core.views import LiveView
from tests.api.conftest import Api
from tests.contracts.held import ContractClient
from tests.shop.builder import Shop

METHODS = ("get", "post", "put", "patch", "delete")


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    """The document as it is served."""
    generator: Any = SchemaGenerator
    made: dict[str, Any] = generator().get_schema(request=None, public=True)
    return made


def operations(document: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Every operation with its name for messages."""
    return [
        (f"{method} {path}", one)
        for path, methods in document["paths"].items()
        for method, one in methods.items()
        if method in METHODS
    ]


def test_document_is_valid_and_made_without_a_warning(document: dict[str, Any]) -> None:
    check: Any = validate_schema
    check(document)

    assert document["openapi"].startswith("3.1")
    assert list(GENERATOR_STATS._warn_cache) == []
    assert list(GENERATOR_STATS._error_cache) == []


def test_every_operation_has_a_name_of_its_own_screens_and_a_summary(
    document: dict[str, Any],
) -> None:
    found = operations(document)

    names = [one["operationId"] for _, one in found]
    assert len(set(names)) == len(names)
    assert [name for name, one in found if not one.get("summary")] == []
    assert [name for name, one in found if not one.get("tags")] == []


def test_every_operation_tells_of_its_problems(document: dict[str, Any]) -> None:
    for name, one in operations(document):
        expected = {"400", "406", "500"}
        if "/api/v1/" in name:
            expected |= {"429", "503"}
        if one["security"]:
            expected |= {"401"}
        if "Staff" in one["tags"]:
            expected |= {"403"}
        if "{" in name:
            expected |= {"404"}
        if "requestBody" in one:
            expected |= {"413"}
        assert expected <= set(one["responses"]), name
        assert ("403" in one["responses"]) <= ({"Staff", "Login"} & {*one["tags"]} != set()), name


def test_each_problem_names_its_codes_and_shows_each(document: dict[str, Any]) -> None:
    for name, one in operations(document):
        for status, response in one["responses"].items():
            codes = codes_named(document, response)
            assert bool(codes) == (status >= "4"), f"{name} {status}"
            assert [code for code in codes if REGISTRY[code].status != int(status)] == [], name
            assert [code for code in codes if code not in document["components"]["examples"]] == []


def test_codes_said_never_to_come_would_be_told_otherwise(monkeypatch: Any) -> None:
    kept = refusals.codes_of

    def checked(operation: dict[str, Any], *place: Any, staff: bool) -> list[str]:
        never = operation.pop("x-never", [])
        told = kept(operation, *place, staff=staff)
        assert [one for one in never if one not in told] == [], operation["operationId"]
        operation["x-never"] = never
        return kept(operation, *place, staff=staff)

    monkeypatch.setattr("commerce.core.schema.codes_of", checked)
    generator: Any = SchemaGenerator

    made: dict[str, Any] = generator().get_schema(request=None, public=True)

    assert len(operations(made)) > 40


def test_waiting_is_said_in_seconds(document: dict[str, Any]) -> None:
    for name, one in operations(document):
        for status in {"429", "503"} & set(one["responses"]):
            response = resolved(document, one["responses"][status])
            assert "Retry-After" in response["headers"], f"{name} {status}"
        if "request_in_progress" in codes_named(document, one["responses"].get("409", {})):
            assert "Retry-After" in one["responses"]["409"]["headers"], name


def test_who_may_ask_is_said_of_every_operation(document: dict[str, Any]) -> None:
    ways = {
        name: [next(iter(one), "nobody") for one in operation["security"]]
        for name, operation in operations(document)
    }

    assert ways["get /api/v1/products"] == []
    assert ways["get /api/v1/orders"] == ["bearer"]
    assert ways["post /api/v1/cart/items"] == ["bearer", "cartToken", "nobody"]
    assert set(document["components"]["securitySchemes"]) == {"bearer", "cartToken"}


def resolved(document: dict[str, Any], response: dict[str, Any]) -> dict[str, Any]:
    """The response that a reference names."""
    if "$ref" not in response:
        return response
    found: dict[str, Any] = document["components"]["responses"][response["$ref"].rsplit("/", 1)[1]]
    return found


def test_bodies_allow_no_unknown_field(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    for name, one in operations(document):
        body = one.get("requestBody", {}).get("content", {}).get("application/json")
        if body and "$ref" in body["schema"]:
            declared = schemas[body["schema"]["$ref"].rsplit("/", 1)[1]]
            assert declared.get("additionalProperties") is False, name


@pytest.mark.parametrize("accepted", ["application/yaml", "application/json"])
def test_document_is_served(shop: Shop, api: Api, accepted: str) -> None:
    served = api().get("/api/schema", headers={"Accept": accepted})

    assert served.status_code == 200
    assert served["Content-Type"] == f"{accepted}; charset=utf-8"
    assert "/api/v1/products" in yaml.load(served.content, Loader=yaml.CSafeLoader)["paths"]


@pytest.mark.parametrize("address", ["/api/docs", "/api/redoc"])
def test_readers_load_everything_from_the_shop_itself(shop: Shop, api: Api, address: str) -> None:
    page = api().get(address, headers={"Accept": "text/html"})

    assert page.status_code == 200
    loaded = re.findall(r"""(?:src|href)=["']([^"']+)""", page.content.decode())
    own = [one for one in loaded if one.startswith(("/static/", f"{address}?"))]
    assert loaded == own
    assert own != []
    for one in own:
        assert _served(api, one), one
    policy = dict(part.split(" ", 1) for part in page["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert {"'self'", "'unsafe-inline'", "'none'", "data:", "blob:"} >= {
        source for sources in policy.values() for source in sources.split()
    }
    assert "'unsafe-inline'" not in policy["script-src"]


def _served(api: Api, address: str) -> bool:
    """Whether the shop has what a page loads: a static file, or an answer of its own."""
    if address.startswith("/static/"):
        return finders.find(address.removeprefix("/static/")) is not None
    status: int = api().get(address, headers={"Accept": "*/*"}).status_code
    return status == 200


def test_answer_that_is_not_declared_fails_the_test_that_met_it(monkeypatch: Any) -> None:
    monkeypatch.setattr(LiveView, "get", lambda *_: Response({"status": "fine"}))

    with pytest.raises(AssertionError, match="getLiveness answers what it does not declare"):
        ContractClient().get("/health/live")
