"""Every failure reaches the client as a problem document, and none tells how we work."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client, override_settings

from tests.core.told import VALID, post, problem


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
    endpoints: Client, address: str, status: int, code: str, debug: bool
) -> None:
    with override_settings(DEBUG=debug):
        document = problem(endpoints.get(address), status, code)
    assert document["instance"] == address


def test_refusal_shows_its_figures(endpoints: Client) -> None:
    document = problem(endpoints.get("/api/v1/fail/refusal"), 409, "quote_changed")
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
    endpoints: Client, address: str, header: str, value: str
) -> None:
    assert endpoints.get(address)[header] == value


def test_document_speaks_the_language_that_is_liked_best(endpoints: Client) -> None:
    answer = endpoints.get("/api/v1/fail/refusal", headers={"Accept-Language": "hi-IN, en;q=0.5"})
    document = problem(answer, 409, "quote_changed")
    assert document["title"] == "कुल रक़म बदल गई"
    assert document["detail"] == document["human_readable_cause"]
    assert document["suggested_action"] == "नई कुल रक़म दिखाएँ और ख़रीदार से दोबारा पूछें।"
    assert document["context"] == {"expected": "10.00"}
    assert (answer["Content-Language"], answer["Vary"]) == ("hi", "Accept-Language")


@pytest.mark.parametrize("address", ["/nowhere", "/api/v1/plain-bug", "/api/v1/private?q=a%00b"])
def test_document_from_outside_a_view_speaks_it_too(endpoints: Client, address: str) -> None:
    answer = endpoints.get(address, headers={"Accept-Language": "hi"})
    assert answer["Content-Language"] == "hi"
    assert answer.json()["suggested_action"].endswith("।")
    assert "Accept-Language" in answer["Vary"]


def test_field_at_fault_is_told_in_hindi_with_its_figures(endpoints: Client) -> None:
    bad = {"lines": [{"sku": "A" * 11, "quantity": 0}], "total": "1.001", "kind": "+919845012345"}
    answer = post(endpoints, bad, headers={"Accept-Language": "hi"})
    document = problem(answer, 400, "validation_failed")
    assert {one["pointer"]: one["detail"] for one in document["errors"]} == {
        "/lines/0/sku": "इसमें 10 से ज़्यादा अक्षर नहीं हो सकते।",
        "/lines/0/quantity": "यह 1 या उससे ज़्यादा होना चाहिए।",
        "/total": "दशमलव के बाद 2 से ज़्यादा अंक नहीं हो सकते।",
        "/kind": "यह दिए गए विकल्पों में से नहीं है।",
    }


def test_what_was_sent_is_not_repeated(endpoints: Client) -> None:
    document = problem(post(endpoints, VALID | {"kind": "+919845012345"}), 400, "validation_failed")
    (fault,) = document["errors"]
    assert fault["detail"] == "This is not one of the choices."


@pytest.mark.parametrize(("length", "status"), [(8192, 404), (8193, 414)])
def test_address_over_the_limit_is_refused(endpoints: Client, length: int, status: int) -> None:
    codes = {404: "not_found", 414: "uri_too_long"}
    answer = endpoints.get("/nowhere?" + "q" * (length - len("/nowhere")))
    problem(answer, status, codes[status])


@pytest.mark.django_db
def test_other_host_is_refused(endpoints: Client) -> None:
    problem(
        endpoints.get("/api/v1/orders", headers={"Host": "elsewhere.example"}), 400, "bad_request"
    )


@pytest.mark.parametrize("address", ["/api/v1/orders", "/admin/login/", "/health/ready"])
def test_host_that_no_host_has_is_refused_unread(
    endpoints: Client, address: str, caplog: Any
) -> None:
    for host in ("0" * 256, "0" * 24_000):
        problem(endpoints.get(address, headers={"Host": host}), 400, "bad_request")
    assert "0" * 256 not in caplog.text


def test_longest_host_is_still_judged_by_its_name(endpoints: Client) -> None:
    with override_settings(ALLOWED_HOSTS=[".example"]):
        answer = endpoints.get("/nowhere", headers={"Host": "a." * 123 + "a.example"})
        problem(answer, 404, "not_found")


@pytest.mark.parametrize(
    ("address", "instance"),
    [("//", "/"), ("//evil.example/x", "/evil.example/x"), ("/क ख", "/%E0%A4%95%20%E0%A4%96")],
)
def test_instance_is_a_path_of_ours(endpoints: Client, address: str, instance: str) -> None:
    path = address.encode().decode("latin-1")  # as a server hands it on
    document = problem(endpoints.get("/", PATH_INFO=path), 404, "not_found")
    assert document["instance"] == instance


def test_document_is_no_page(endpoints: Client) -> None:
    for address in ("/nowhere", "/api/v1/fail/refusal", "/api/v1/private?q=a%00b"):
        answer = endpoints.get(address)
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Content-Length"] == str(len(answer.content))


def test_answer_that_is_json_already_is_left_alone(endpoints: Client) -> None:
    response = endpoints.get("/health/ready")
    assert response["Content-Type"] == "application/json"
    assert response.json() == {"status": "degraded"}


def test_other_accept_is_not_acceptable(endpoints: Client) -> None:
    problem(post(endpoints, VALID, headers={"Accept": "text/csv"}), 406, "not_acceptable")


def test_other_media_type_is_unsupported(endpoints: Client) -> None:
    problem(post(endpoints, "a=b", "text/plain"), 415, "unsupported_media_type")
