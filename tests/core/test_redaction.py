"""No line tells who somebody is or what opens a door, and none loses what explains a fault."""

from __future__ import annotations

import json
import logging
import re
import sys
from importlib import import_module
from typing import Any

import pytest
from django.conf import settings
from django.db import DatabaseError, connection

from commerce.accounts.models import User
from commerce.core.logs import JsonFormatter
from commerce.core.redaction import (
    HIDDEN,
    LONGEST,
    MARGIN,
    PATTERNS,
    QUOTED,
    redacted,
    without_personal,
)
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
        "access_token=abcdef",
        "phone=%2B919812345678",
        "to %2B91%2098123%2045678",
        "phone=%2B442079460018",
        "(98123) 45678",
        "981 234 5678",
        "+91 9812 345 678",
        "९८४५०१२३४५",
        "+९१ ९८४५० १२३४५",
        "a.b%40example.com",
        "482913 is your login code",
        "482913 is your Kite & Sprout OTP",
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
        "waited 600 200 100 ms",
        "total 9876543210.50",
        "sizes 98 123 45678",
        "123456 is the number of the order",
        "%E0%A4%AB%E0%A5%8D%E0%A4%B0",
    ],
)
def test_what_explains_a_fault_stays(text: str) -> None:
    assert redacted(text) == text


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("9812345678.x is gone", f"{HIDDEN}.x is gone"),
        ("?q=%209812345678&page=2", f"?q=%20{HIDDEN}&page=2"),
    ],
)
def test_what_stands_beside_a_number_does_not_save_it(text: str, told: str) -> None:
    assert redacted(text) == told


EVIL = (
    "0", "a", "+1 ", "a.b%40", "@a.", "eyJ-", "bearer ", "code  ", "otp: ", "1 is your ", "://a:",
    "9876543210.-", "(981 ", "password ", "DETAIL:\n", "LINE 1", "CONTEXT:  COPY", "\n\nDuring ",
    "invalid input syntax for type ", "Traceback", "deadbeef", "%2B1", "\n", " ",
)  # fmt: skip


@pytest.mark.parametrize("piece", EVIL)
def test_text_of_any_length_and_make_is_read(piece: str) -> None:
    """Patterns that go over a text again and again never end here."""
    redacted(piece * (200_000 // len(piece)))


def endless(parsed: Any) -> list[tuple[bool, bool]]:
    """Of each repetition without bound: whether it is possessive, and whether it ends the whole."""
    found = []
    for n, (kind, given) in enumerate(parsed):
        last = n == len(parsed) - 1
        if kind in (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT):
            _, most, inner = given
            if most is sre.MAXREPEAT:
                found.append((kind is sre.POSSESSIVE_REPEAT, last))
            found += [(possessive, False) for possessive, _ in endless(inner)]
        elif kind is sre.BRANCH:
            found += [(one, False) for branch in given[1] for one, _ in endless(branch)]
        elif kind in (sre.ASSERT, sre.ASSERT_NOT, sre.SUBPATTERN):
            found += [(possessive, False) for possessive, _ in endless(given[-1])]
        else:
            assert kind in PLAIN, kind
    return found


sre: Any = import_module("re._parser")
PLAIN = (sre.LITERAL, sre.NOT_LITERAL, sre.IN, sre.ANY, sre.AT)


@pytest.mark.parametrize("pattern", [*QUOTED, *PATTERNS])
def test_pattern_takes_time_in_proportion_to_the_text(pattern: str) -> None:
    """Nothing is tried again: what has no bound ends the pattern and gives nothing back."""
    assert endless(sre.parse(pattern)) in ([], [(True, True)])


@pytest.mark.parametrize(
    "pattern", [r"a+b", r"(?:a*)+", r"a++b", r"a*?", r"x(?!a*b)", r"(?:a+|b)c"]
)
def test_pattern_that_goes_back_would_be_found(pattern: str) -> None:
    assert endless(sre.parse(pattern)) not in ([], [(True, True)])


def test_long_text_keeps_its_start_and_its_end() -> None:
    told = redacted("first " + "x" * 50_000 + " last")
    assert told.startswith("first xxx")
    assert told.endswith("xxx last")
    assert f" [{50_011 - LONGEST} characters cut] " in told
    assert len(told) < LONGEST + 50


@pytest.mark.parametrize("private", [PHONE, "meera.nair@example.com", TOKEN, "ab12" * 16])
@pytest.mark.parametrize("half", ["start", "end"])
def test_cut_leaves_no_half_of_something_private(private: str, half: str) -> None:
    for shift in range(0, len(private), 5):
        # given a cut within the private thing
        before = "-" * (LONGEST // 2 + MARGIN - shift)
        text = f"{before} {private} " + "-" * 50_000
        text = text if half == "start" else text[::-1].replace(private[::-1], private)
        # then neither side of it tells any of it
        told = re.sub(r"\[\d+ characters cut\]|\[hidden\]|[- ]", "", redacted(text))
        assert told == ""


def test_row_that_is_longer_than_the_log_is_not_quoted() -> None:
    hidden = redacted("refused\nDETAIL:  Key (" + "Meera Nair " * 5_000 + ")\nHINT:  none")
    assert hidden == f"refused\n{HIDDEN}HINT:  none"


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
