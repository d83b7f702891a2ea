"""No line tells who somebody is or what opens a door, and none loses what explains a fault."""

from __future__ import annotations

import json
import logging
import sys
from typing import Any

import pytest
from django.conf import settings
from django.db import DatabaseError, connection

from commerce.accounts.models import User
from commerce.core.logs import JsonFormatter
from commerce.core.redaction import HIDDEN, redacted, without_personal
from tests.shop.builder import Shop

PHONE = "+919845012345"
TOKEN = "eyJhbGciOiJIUzI1NiJ9.eyJ1c2VyX2lkIjoiMSJ9.c2lnbmF0dXJl"


def line(**record: Any) -> dict[str, Any]:
    """A record as it is written."""
    made = logging.makeLogRecord({"name": "commerce.test", "levelname": "INFO", **record})
    entry: dict[str, Any] = json.loads(JsonFormatter().format(made))
    return entry


@pytest.mark.parametrize(
    "private",
    [
        "+919845012345",
        "+91 98450 12345",
        "98450-12345",
        "09845012345",
        "919845012345",
        "meera.nair+shop@example.co.in",
        TOKEN,
        f"Bearer {TOKEN}",
        "Bearer opaque-thing",
        "ab12" * 16,
        "code 482913",
        "otp: 482913",
        "login code is 482913",
        "password=hunter2!",
        '"secret": "s3cr3t"',
        "token='abcdef'",
    ],
)
def test_private_thing_is_hidden_wherever_it_stands(private: str) -> None:
    for text in (private, f"before {private} after", f"({private})", f"to {private}."):
        assert private not in redacted(text)
        assert HIDDEN in redacted(text)


@pytest.mark.parametrize(
    "text",
    [
        "procedure add_to_cart: ok",
        "order 01994f3a-7c00-7000-8000-987654321012 given up: quote_changed",
        "KS-2611-9876543210",
        "4bf92f3577b34da6a3ce929d0e0e4736",
        "2026-11-20T17:09:26.456+00:00",
        "duration 9876.54321 ms",
        "GET /api/v1/products?cursor=abc",
        "sqlstate 40001, attempt 3",
        "celery@worker-1 ready",
        "redis://cache:6379/0",
        "HTTP 503",
    ],
)
def test_what_explains_a_fault_stays(text: str) -> None:
    assert redacted(text) == text


def test_login_of_an_address_is_hidden() -> None:
    hidden = redacted("postgres://shop:pa55word@db.example.com:5432/shop is gone")
    assert hidden == f"postgres://{HIDDEN}@db.example.com:5432/shop is gone"


def test_secret_of_the_settings_is_hidden_whatever_the_sentence() -> None:
    secret: str = settings.PAYMENT_SANDBOX_SECRET
    assert redacted(f"signed with {secret}, refused") == f"signed with {HIDDEN}, refused"


def test_field_is_hidden_by_its_name_at_any_depth() -> None:
    given = {"phone": "12", "lines": [{"pincode": "560001", "sku": "A"}], "X-Cart-Token": "t"}
    assert without_personal(given) == {
        "phone": HIDDEN,
        "lines": [{"pincode": HIDDEN, "sku": "A"}],
        "X-Cart-Token": HIDDEN,
    }


def test_field_keeps_its_kind() -> None:
    given = {"attempt": 3, "done": True, "nothing": None, "seconds": 0.5, "email": ""}
    assert without_personal(given) == given


def test_fields_and_message_of_a_line_are_freed() -> None:
    entry = line(msg="call %s", args=("+919845012345",), phone="5", note="mail a@b.example")
    assert entry["message"] == f"call {HIDDEN}"
    assert entry["phone"] == HIDDEN
    assert entry["note"] == f"mail {HIDDEN}"


def test_line_of_a_job_names_it_without_what_it_was_given() -> None:
    given = {"name": "send", "id": "7", "args": "('+919845012345', '482913')", "kwargs": "{}"}
    entry = line(msg="done", data=given)
    assert (entry["job"], entry["job_id"]) == ("send", "7")
    assert "args" not in json.dumps(entry)


def failed(sql: str, *values: str) -> dict[str, Any]:
    """The line of what the database refuses."""
    try:
        with connection.cursor() as cursor:
            cursor.execute(sql, values)
    except DatabaseError:
        return line(msg="unhandled error", exc_info=sys.exc_info())
    raise AssertionError("the database took it")


def test_row_that_the_database_refuses_is_not_quoted(shop: Shop) -> None:
    # given a customer
    User.objects.create(phone=PHONE, name="Meera Nair")
    # when another with the same number is refused
    entry = failed(
        "INSERT INTO users (id, phone, name) VALUES (gen_random_uuid(), %s, %s)",
        PHONE,
        "Farhan\nQureshi",
    )
    # then the line says what was broken, and of whom nothing
    text = json.dumps(entry)
    assert "Violation" in text
    assert "Traceback" in text
    assert "test_redaction.py" in text
    for private in ("9845012345", "Meera", "Farhan", "Qureshi"):
        assert private not in text


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("sql", "value"),
    [
        ("SELECT %s::integer", "Meera Nair"),
        ("SELECT %s::uuid", "Meera Nair"),
        ("SELECT %s::jsonb", '{"name": "Meera Nair"'),
        ("SELECT 'Meera Nair', %s FROM", "x"),
        ("SELECT %s::timestamptz", "Meera Nair"),
    ],
)
def test_value_that_the_database_refuses_is_not_quoted(sql: str, value: str) -> None:
    text = json.dumps(failed(sql, value))
    assert "Error" in text or "Invalid" in text
    assert "Meera" not in text
