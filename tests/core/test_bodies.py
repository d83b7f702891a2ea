"""What a request may hold: each fault of body or query is named, none is read beyond its limit."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from django.core.wsgi import get_wsgi_application
from django.http import QueryDict
from django.test import Client, override_settings
from rest_framework.exceptions import ValidationError

from commerce.core.problems import field_errors
from commerce.core.serializers import validated
from tests.core.endpoints import LineInput
from tests.core.told import VALID, faults, post, problem


def test_valid_body_passes(endpoints: Client) -> None:
    response = post(endpoints, VALID | {"gift": True, "note": "नमस्ते"})
    assert response.status_code == 200
    assert response.json()["total"] == "10.00"


@pytest.mark.parametrize("number", ["2", "2.0", "2e0", "0.2E+1"])
def test_a_number_without_a_fraction_is_an_integer(endpoints: Client, number: str) -> None:
    body = f'{{"lines": [{{"sku": "A", "quantity": {number}}}], "total": "10.00"}}'
    response = post(endpoints, body)
    assert response.status_code == 200
    assert response.json()["lines"][0]["quantity"] == 2


@pytest.mark.parametrize("number", ["1e18", "-1e18", "2e-1"])
def test_other_numbers_are_no_integers(endpoints: Client, number: str) -> None:
    body = f'{{"lines": [{{"sku": "A", "quantity": {number}}}], "total": "10.00"}}'
    document = problem(post(endpoints, body), 400, "validation_failed")
    assert faults(document) == {("/lines/0/quantity", "wrong_type")}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("{", "malformed_json"),
        ('{"total": NaN}', "malformed_json"),
        (b'{"note": "\xff"}', "malformed_json"),
        ("1" * 5000, "malformed_json"),
        ("[" * 100_000, "json_too_deep"),
        ("[" * 100 + "]" * 100, "json_too_deep"),
        ('{"a":' * 100_000, "json_too_deep"),
    ],
)
def test_unreadable_body_is_refused(endpoints: Client, body: str | bytes, code: str) -> None:
    problem(post(endpoints, body), 400, code)


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ('{"note": "a\\u0000b"}', "/note"),
        ('{"lines": [{"sku": "\\ud800"}]}', "/lines/0/sku"),
        ('{"a/b~": "\\u0000"}', "/a~1b~0"),
        ('{"\\u0000": 1}', ""),
    ],
)
def test_text_that_cannot_be_stored_is_refused_by_name(
    endpoints: Client, body: str, pointer: str
) -> None:
    document = problem(post(endpoints, body), 400, "invalid_text")
    assert faults(document) == {(pointer, "invalid_text")}


def test_nul_in_the_query_string_is_refused_by_name(endpoints: Client) -> None:
    document = problem(endpoints.get("/api/v1/private?q=a%00b"), 400, "invalid_text")
    assert faults(document) == {("/q", "invalid_text")}


def test_nul_in_the_path_names_nothing(endpoints: Client) -> None:
    problem(endpoints.get("/api/v1/fail/a%00b"), 404, "not_found")


@pytest.mark.parametrize(
    ("change", "pointer", "code"),
    [
        ({"surprise": 1}, "/surprise", "unknown_field"),
        ({"lines": [{"sku": "A", "quantity": 1, "price": "1"}]}, "/lines/0/price", "unknown_field"),
        ({"total": None}, "/total", "null"),
        ({"total": "1.001"}, "/total", "max_decimal_places"),
        ({"total": True}, "/total", "wrong_type"),
        ({"total": "1_0"}, "/total", "invalid"),
        ({"total": "१०"}, "/total", "invalid"),
        ({"total": "1e1"}, "/total", "invalid"),
        ({"total": " 10"}, "/total", "invalid"),
        ({"gift": "yes"}, "/gift", "wrong_type"),
        ({"gift": 1}, "/gift", "wrong_type"),
        ({"note": 5}, "/note", "wrong_type"),
        ({"kind": ["home"]}, "/kind", "wrong_type"),
        ({"address": "zz"}, "/address", "invalid"),
        ({"address": 7}, "/address", "wrong_type"),
        ({"lines": "A"}, "/lines", "not_a_list"),
        ({"lines": ["A"]}, "/lines/0", "invalid"),
        ({"lines": [{"sku": "A", "quantity": 0}]}, "/lines/0/quantity", "min_value"),
        ({"lines": [{"sku": "A", "quantity": -1}]}, "/lines/0/quantity", "min_value"),
        ({"lines": [{"sku": "A", "quantity": 10**12}]}, "/lines/0/quantity", "max_value"),
        ({"lines": [{"sku": "A", "quantity": "1"}]}, "/lines/0/quantity", "wrong_type"),
        ({"lines": [{"sku": "A", "quantity": 1.5}]}, "/lines/0/quantity", "wrong_type"),
        ({"lines": [{"sku": "A", "quantity": True}]}, "/lines/0/quantity", "wrong_type"),
    ],
)
def test_field_at_fault_is_named(
    endpoints: Client, change: dict[str, Any], pointer: str, code: str
) -> None:
    document = problem(post(endpoints, VALID | change), 400, "validation_failed")
    assert faults(document) == {(pointer, code)}


def test_all_faults_are_told_at_once(endpoints: Client) -> None:
    document = problem(post(endpoints, {"surprise": 1, "gift": 3}), 400, "validation_failed")
    assert faults(document) == {
        ("/surprise", "unknown_field"),
        ("/gift", "wrong_type"),
        ("/lines", "required"),
        ("/total", "required"),
    }


def test_query_string_is_text_and_knows_its_parameters() -> None:
    assert validated(LineInput, QueryDict("sku=A&quantity=2")) == {"sku": "A", "quantity": 2}
    with pytest.raises(ValidationError) as refused:
        validated(LineInput, QueryDict("sku=A&quantity=two&colour=red"))
    assert faults({"errors": list(field_errors(refused.value.detail))}) == {
        ("/quantity", "invalid"),
        ("/colour", "unknown_field"),
    }


def test_body_that_is_no_object_is_refused_as_a_whole(endpoints: Client) -> None:
    document = problem(post(endpoints, [1]), 400, "validation_failed")
    assert faults(document) == {("", "invalid")}


@pytest.mark.parametrize(("length", "status"), [(1_048_576, 400), (1_048_577, 413)])
def test_body_over_the_limit_is_refused_before_parsing(
    endpoints: Client, length: int, status: int
) -> None:
    codes = {400: "malformed_json", 413: "body_too_large"}
    problem(post(endpoints, "x" * length), status, codes[status])


@pytest.mark.parametrize(
    ("body", "status"),
    [(json.dumps(VALID).encode(), 200), (b"x" * 1_048_577, 413)],
)
@pytest.mark.django_db
@override_settings(ROOT_URLCONF="tests.core.endpoints")
def test_body_in_chunks_is_read_up_to_the_limit(body: bytes, status: int) -> None:
    # given a request without Content-Length, as a server hands on a chunked body
    source = io.BytesIO(body)
    environ = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": "/api/v1/orders",
        "CONTENT_TYPE": "application/json",
        "SERVER_NAME": "testserver",
        "SERVER_PORT": "80",
        "wsgi.input": source,
        "wsgi.input_terminated": True,
        "wsgi.url_scheme": "http",
        "wsgi.errors": io.StringIO(),
    }
    told: list[str] = []

    def start_response(status_line: str, *_rest: Any) -> Any:
        told.append(status_line)

    # when it is answered
    b"".join(get_wsgi_application()(environ, start_response))
    # then no more than the limit and one byte was read
    assert told[0].startswith(str(status))
    assert source.tell() == len(body)
