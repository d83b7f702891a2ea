"""The OpenAPI document, as far as it is the same for every operation."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema

from tests.api.conftest import Api
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
        expected = {"400", "406", "429", "500", "503"}
        if one.get("security") and {} not in one["security"]:
            expected |= {"401", "403"}
        if "{" in name:
            expected |= {"404"}
        if "requestBody" in one:
            expected |= {"409", "413", "415", "422"}
        assert expected <= set(one["responses"]), name
        shared = one["responses"]["500"]["$ref"].rsplit("/", 1)[1]
        content = document["components"]["responses"][shared]["content"]
        assert list(content) == ["application/problem+json"]


def test_bodies_allow_no_unknown_field(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    for name, one in operations(document):
        body = one.get("requestBody", {}).get("content", {}).get("application/json")
        if body and "$ref" in body["schema"]:
            schema = schemas[body["schema"]["$ref"].rsplit("/", 1)[1]]
            assert schema.get("additionalProperties") is False, name


def test_document_and_its_reader_are_served(shop: Shop, api: Api) -> None:
    served = api().get("/api/schema")
    reader = api().get("/api/docs", headers={"Accept": "text/html"})

    assert served.status_code == 200
    assert "/api/v1/products" in yaml.safe_load(served.content)["paths"]
    assert reader.status_code == 200
    page = reader.content.decode()
    assert "/static/drf_spectacular_sidecar/" in page
    assert "cdn.jsdelivr" not in page
