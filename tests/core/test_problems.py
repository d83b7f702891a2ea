"""Every failure reaches the client as a problem document, and none tells how we work."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.wsgi import get_wsgi_application
from django.http import QueryDict
from django.test import Client, override_settings
from rest_framework.exceptions import ValidationError

from commerce.core.problems import field_errors
from commerce.core.serializers import validated
from tests.core.endpoints import LineInput

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


@pytest.fixture
def client() -> Iterator[Client]:
    """A client of the endpoints beside this file that sees answers, not exceptions."""
    with override_settings(ROOT_URLCONF="tests.core.endpoints"):
        yield Client(raise_request_exception=False)


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


def test_valid_body_passes(client: Client) -> None:
    response = post(client, VALID | {"gift": True, "note": "नमस्ते"})
    assert response.status_code == 200
    assert response.json()["total"] == "10.00"


@pytest.mark.parametrize("number", ["2", "2.0", "2e0", "0.2E+1"])
def test_a_number_without_a_fraction_is_an_integer(client: Client, number: str) -> None:
    body = f'{{"lines": [{{"sku": "A", "quantity": {number}}}], "total": "10.00"}}'
    response = post(client, body)
    assert response.status_code == 200
    assert response.json()["lines"][0]["quantity"] == 2


@pytest.mark.parametrize("number", ["1e18", "-1e18", "2e-1"])
def test_other_numbers_are_no_integers(client: Client, number: str) -> None:
    body = f'{{"lines": [{{"sku": "A", "quantity": {number}}}], "total": "10.00"}}'
    document = problem(post(client, body), 400, "validation_failed")
    assert faults(document) == {("/lines/0/quantity", "wrong_type")}


@pytest.mark.parametrize("debug", [False, True])
@pytest.mark.parametrize(
    ("address", "status", "code"),
    [
        ("/api/v1/nowhere", 404, "not_found"),
        ("/nowhere", 404, "not_found"),
        ("/api/v1/items/not-a-uuid", 404, "not_found"),
        ("/api/v1/plain-bug", 500, "internal_error"),
        ("/api/v1/plain-refusal", 409, "quote_changed"),
        ("/api/v1/fail/bug", 500, "internal_error"),
        ("/api/v1/fail/refusal", 409, "quote_changed"),
        ("/api/v1/fail/unregistered", 409, "brand_new"),
        ("/api/v1/fail/throttled", 429, "rate_limited"),
        ("/api/v1/fail/forbidden", 403, "permission_denied"),
        ("/api/v1/fail/database", 503, "temporarily_unavailable"),
        ("/api/v1/private", 401, "not_authenticated"),
        ("/api/v1/orders", 405, "method_not_allowed"),
    ],
)
def test_failure_becomes_a_problem(
    client: Client, address: str, status: int, code: str, debug: bool
) -> None:
    with override_settings(DEBUG=debug):
        document = problem(client.get(address), status, code)
    assert document["instance"] == address


def test_refusal_shows_its_figures(client: Client) -> None:
    document = problem(client.get("/api/v1/fail/refusal"), 409, "quote_changed")
    assert document["context"] == {"expected": "10.00"}


@pytest.mark.parametrize(
    ("address", "header", "value"),
    [
        ("/api/v1/fail/throttled", "Retry-After", "3"),
        ("/api/v1/fail/database", "Retry-After", "2"),
        ("/api/v1/private", "WWW-Authenticate", 'Bearer realm="api"'),
        ("/api/v1/orders", "Allow", "POST, OPTIONS"),
    ],
)
def test_header_tells_what_to_do_next(
    client: Client, address: str, header: str, value: str
) -> None:
    assert client.get(address)[header] == value


def test_document_speaks_the_language_that_is_liked_best(client: Client) -> None:
    answer = client.get("/api/v1/fail/refusal", headers={"Accept-Language": "hi-IN, en;q=0.5"})
    document = problem(answer, 409, "quote_changed")
    assert document["title"] == "कुल रक़म बदल गई"
    assert document["detail"] == document["human_readable_cause"]
    assert document["suggested_action"] == "नई कुल रक़म दिखाएँ और ख़रीदार से दोबारा पूछें।"
    assert document["context"] == {"expected": "10.00"}
    assert (answer["Content-Language"], answer["Vary"]) == ("hi", "Accept-Language")


@pytest.mark.parametrize("address", ["/nowhere", "/api/v1/plain-bug", "/api/v1/private?q=a%00b"])
def test_document_from_outside_a_view_speaks_it_too(client: Client, address: str) -> None:
    answer = client.get(address, headers={"Accept-Language": "hi"})
    assert answer["Content-Language"] == "hi"
    assert answer.json()["suggested_action"].endswith("।")
    assert "Accept-Language" in answer["Vary"]


def test_field_at_fault_is_told_in_hindi_with_its_figures(client: Client) -> None:
    bad = {"lines": [{"sku": "A" * 11, "quantity": 0}], "total": "1.001", "kind": "+919845012345"}
    answer = post(client, bad, headers={"Accept-Language": "hi"})
    document = problem(answer, 400, "validation_failed")
    assert {one["pointer"]: one["detail"] for one in document["errors"]} == {
        "/lines/0/sku": "इसमें 10 से ज़्यादा अक्षर नहीं हो सकते।",
        "/lines/0/quantity": "यह 1 या उससे ज़्यादा होना चाहिए।",
        "/total": "दशमलव के बाद 2 से ज़्यादा अंक नहीं हो सकते।",
        "/kind": "यह दिए गए विकल्पों में से नहीं है।",
    }


def test_what_was_sent_is_not_repeated(client: Client) -> None:
    document = problem(post(client, VALID | {"kind": "+919845012345"}), 400, "validation_failed")
    (fault,) = document["errors"]
    assert fault["detail"] == "This is not one of the choices."


@pytest.mark.parametrize(("length", "status"), [(8192, 404), (8193, 414)])
def test_address_over_the_limit_is_refused(client: Client, length: int, status: int) -> None:
    codes = {404: "not_found", 414: "uri_too_long"}
    answer = client.get("/nowhere?" + "q" * (length - len("/nowhere")))
    problem(answer, status, codes[status])


@pytest.mark.django_db
def test_other_host_is_refused(client: Client) -> None:
    problem(client.get("/api/v1/orders", headers={"Host": "elsewhere.example"}), 400, "bad_request")


@pytest.mark.parametrize("address", ["/api/v1/orders", "/admin/login/", "/health/ready"])
def test_host_that_no_host_has_is_refused_unread(client: Client, address: str, caplog: Any) -> None:
    for host in ("0" * 256, "0" * 24_000):
        problem(client.get(address, headers={"Host": host}), 400, "bad_request")
    assert "0" * 256 not in caplog.text


def test_longest_host_is_still_judged_by_its_name(client: Client) -> None:
    with override_settings(ALLOWED_HOSTS=[".example"]):
        answer = client.get("/nowhere", headers={"Host": "a." * 123 + "a.example"})
        problem(answer, 404, "not_found")


@pytest.mark.parametrize(
    ("address", "instance"),
    [("//", "/"), ("//evil.example/x", "/evil.example/x"), ("/क ख", "/%E0%A4%95%20%E0%A4%96")],
)
def test_instance_is_a_path_of_ours(client: Client, address: str, instance: str) -> None:
    path = address.encode().decode("latin-1")  # as a server hands it on
    document = problem(client.get("/", PATH_INFO=path), 404, "not_found")
    assert document["instance"] == instance


def test_document_is_no_page(client: Client) -> None:
    for address in ("/nowhere", "/api/v1/fail/refusal", "/api/v1/private?q=a%00b"):
        answer = client.get(address)
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Content-Length"] == str(len(answer.content))


def test_answer_that_is_json_already_is_left_alone(client: Client) -> None:
    response = client.get("/health/ready")
    assert response["Content-Type"] == "application/json"
    assert response.json() == {"status": "degraded"}


def test_other_accept_is_not_acceptable(client: Client) -> None:
    problem(post(client, VALID, headers={"Accept": "text/csv"}), 406, "not_acceptable")


def test_other_media_type_is_unsupported(client: Client) -> None:
    problem(post(client, "a=b", "text/plain"), 415, "unsupported_media_type")


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
def test_unreadable_body_is_refused(client: Client, body: str | bytes, code: str) -> None:
    problem(post(client, body), 400, code)


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
    client: Client, body: str, pointer: str
) -> None:
    document = problem(post(client, body), 400, "invalid_text")
    assert faults(document) == {(pointer, "invalid_text")}


def test_nul_in_the_query_string_is_refused_by_name(client: Client) -> None:
    document = problem(client.get("/api/v1/private?q=a%00b"), 400, "invalid_text")
    assert faults(document) == {("/q", "invalid_text")}


def test_nul_in_the_path_names_nothing(client: Client) -> None:
    problem(client.get("/api/v1/fail/a%00b"), 404, "not_found")


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
    client: Client, change: dict[str, Any], pointer: str, code: str
) -> None:
    document = problem(post(client, VALID | change), 400, "validation_failed")
    assert faults(document) == {(pointer, code)}


def test_all_faults_are_told_at_once(client: Client) -> None:
    document = problem(post(client, {"surprise": 1, "gift": 3}), 400, "validation_failed")
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


def test_body_that_is_no_object_is_refused_as_a_whole(client: Client) -> None:
    document = problem(post(client, [1]), 400, "validation_failed")
    assert faults(document) == {("", "invalid")}


@pytest.mark.parametrize(("length", "status"), [(1_048_576, 400), (1_048_577, 413)])
def test_body_over_the_limit_is_refused_before_parsing(
    client: Client, length: int, status: int
) -> None:
    codes = {400: "malformed_json", 413: "body_too_large"}
    problem(post(client, "x" * length), status, codes[status])


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
