"""`send_otp`: one pending code per phone, and the limits of phone and network."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from commerce.accounts.models import OtpIpCounter, OtpPhone, OtpVerification, User
from commerce.core.procedures import ProcedureError, Result, call
from tests.shop.builder import Shop
from tests.shop.locks import assert_locks, at_once
from tests.shop.refusals import refusal

NAME = "send_otp"
PHONE, IP = "+919812345678", "203.0.113.7"


@pytest.fixture(autouse=True)
def _shop(shop: Shop) -> None:
    """An empty shop, emptied again afterwards."""


def sending(code: str = "one", **params: Any) -> dict[str, Any]:
    """The parameters of one send; the cool-down is off unless a test turns it on."""
    values = {
        "p_phone": PHONE,
        "p_ip": IP,
        "p_code_hash": code,
        "p_ttl_seconds": 300,
        "p_cooldown_seconds": 0,
        "p_phone_limit": 3,
        "p_ip_limit": 4,
        "p_max_failures": 5,
        "p_failure_window_seconds": 3600,
    }
    return values | params


def ago(**time: int) -> Any:
    """A moment in the past."""
    return timezone.now() - timedelta(**time)


def soon(code: str, seconds: int) -> tuple[str, int, dict[str, Any]]:
    """The refusal with this wait, less the moment that the test itself took."""
    return code, 429, {"retry_after_seconds": pytest.approx(seconds, abs=5)}


def test_code_is_recorded_with_its_end_and_counted() -> None:
    before = timezone.now()

    sent = call(NAME, **sending("hash"))

    code = OtpVerification.objects.get()
    assert dict(sent) == {"otp_id": code.id, "expires_at": code.expires_at}
    assert (code.phone, code.code_hash, code.status, code.ip, code.attempts) == (
        PHONE,
        "hash",
        "pending",
        IP,
        0,
    )
    assert timedelta(seconds=300) <= code.expires_at - before < timedelta(seconds=305)
    phone, network = OtpPhone.objects.get(), OtpIpCounter.objects.get()
    assert (phone.phone, phone.sends, phone.failures) == (PHONE, 1, 0)
    assert phone.last_sent_at == code.expires_at - timedelta(seconds=300)
    assert (network.ip, network.sends) == (IP, 1)
    assert User.objects.count() == 0


def test_new_code_voids_the_earlier_one_and_keeps_the_failures() -> None:
    call(NAME, **sending("one"))
    OtpPhone.objects.update(failures=4, failures_since=ago(minutes=1))

    call(NAME, **sending("two"))

    codes = OtpVerification.objects.values_list("code_hash", "status")
    assert sorted(codes) == [("one", "superseded"), ("two", "pending")]
    assert (OtpPhone.objects.get().sends, OtpPhone.objects.get().failures) == (2, 4)


def test_earlier_code_whose_time_was_over_is_told_apart() -> None:
    call(NAME, **sending("one"))
    OtpVerification.objects.update(expires_at=ago(seconds=1))

    call(NAME, **sending("two"))

    assert OtpVerification.objects.get(code_hash="one").status == "expired"


def test_second_send_within_the_cool_down_is_refused_and_counts_nothing() -> None:
    call(NAME, **sending())

    said = refusal(NAME, **sending("two", p_cooldown_seconds=30))

    assert said == soon("otp_cooldown", 30)
    assert OtpVerification.objects.get().code_hash == "one"
    assert (OtpPhone.objects.get().sends, OtpIpCounter.objects.get().sends) == (1, 1)


def test_send_after_the_cool_down_passes() -> None:
    call(NAME, **sending())
    OtpPhone.objects.update(last_sent_at=ago(seconds=30))

    assert call(NAME, **sending("two", p_cooldown_seconds=30)).otp_id is not None


def test_phone_has_its_limit_in_an_hour_whatever_the_network() -> None:
    for n in range(3):
        call(NAME, **sending(p_ip=f"203.0.113.{n}"))
    OtpPhone.objects.update(window_started_at=ago(minutes=50))

    said = refusal(NAME, **sending(p_ip="203.0.113.99"))

    assert said == soon("otp_phone_limit", 600)
    assert OtpIpCounter.objects.filter(ip="203.0.113.99").count() == 0


def test_phones_hour_starts_anew_when_it_is_over() -> None:
    for _ in range(3):
        call(NAME, **sending())
    OtpPhone.objects.update(window_started_at=ago(hours=1))

    call(NAME, **sending())

    phone = OtpPhone.objects.get()
    assert (phone.sends, phone.window_started_at) == (1, phone.last_sent_at)


def test_network_has_its_limit_in_an_hour_whatever_the_phone() -> None:
    for n in range(4):
        call(NAME, **sending(p_phone=f"+91981234567{n}"))
    OtpIpCounter.objects.update(window_started_at=ago(minutes=59))

    said = refusal(NAME, **sending(p_phone="+919812345679"))
    other = call(NAME, **sending(p_phone="+919812345679", p_ip="2001:db8::1"))

    assert said == soon("otp_ip_limit", 60)
    assert other.otp_id is not None


def test_networks_hour_starts_anew_when_it_is_over() -> None:
    for n in range(4):
        call(NAME, **sending(p_phone=f"+91981234567{n}"))
    OtpIpCounter.objects.update(window_started_at=ago(hours=1))

    call(NAME, **sending(p_phone="+919812345679"))

    assert OtpIpCounter.objects.get().sends == 1


def test_phone_locked_by_wrong_codes_gets_no_new_one_until_the_window_ends() -> None:
    call(NAME, **sending())
    OtpPhone.objects.update(failures=5, failures_since=ago(minutes=50))

    said = refusal(NAME, **sending())
    OtpPhone.objects.update(failures_since=ago(minutes=60))
    sent = call(NAME, **sending())

    assert said == soon("otp_locked", 600)
    assert sent.otp_id is not None


def test_two_sends_at_once_leave_one_code() -> None:
    answers = at_once(*[lambda: call(NAME, **sending(p_cooldown_seconds=30))] * 4)

    refused = [one.code for one in answers if isinstance(one, ProcedureError)]
    assert [type(one) for one in answers].count(Result) == 1
    assert refused == ["otp_cooldown"] * 3
    assert OtpVerification.objects.get().status == "pending"


def test_sends_to_many_phones_at_once_keep_the_networks_limit() -> None:
    def send(n: int) -> Any:
        return lambda: call(NAME, **sending(p_phone=f"+91981234567{n}"))

    answers = at_once(*[send(n) for n in range(6)])

    assert [type(one) for one in answers].count(Result) == 4
    assert OtpIpCounter.objects.get().sends == 4


def test_phone_its_pending_code_and_network_are_locked() -> None:
    call(NAME, **sending())

    assert_locks(OtpPhone.objects.get(), NAME, **sending())
    assert_locks(OtpVerification.objects.get(), NAME, **sending())
    assert_locks(OtpIpCounter.objects.get(), NAME, **sending())
