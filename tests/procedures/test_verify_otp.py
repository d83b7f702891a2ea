"""`verify_otp`: a right code works once, a wrong one counts although the call fails."""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import Any

import pytest
from django.utils import timezone

from commerce.accounts.models import OtpPhone, OtpVerification, User
from commerce.core.procedures import ProcedureError, Result, call
from tests.shop.builder import Shop
from tests.shop.locks import assert_locks, at_once
from tests.shop.refusals import refusal

NAME = "verify_otp"
PHONE = "+919812345678"


@pytest.fixture(autouse=True)
def _sent(shop: Shop) -> None:
    """The code `right` was sent to the phone."""
    send("right")


def send(code: str) -> None:
    """One send without cool-down."""
    call(
        "send_otp",
        p_phone=PHONE,
        p_ip="203.0.113.7",
        p_code_hash=code,
        p_ttl_seconds=300,
        p_cooldown_seconds=0,
        p_phone_limit=9,
        p_ip_limit=9,
        p_max_failures=3,
        p_failure_window_seconds=3600,
    )


def entering(code: str, **params: Any) -> dict[str, Any]:
    """The parameters of one attempt; three wrong ones in an hour lock the phone."""
    values = {"p_phone": PHONE, "p_code_hash": code}
    return values | {"p_max_failures": 3, "p_failure_window_seconds": 3600} | params


def test_right_code_creates_the_user_of_an_unknown_phone() -> None:
    spent = call(NAME, **entering("right"))

    user = User.objects.get()
    assert dict(spent) == {"user_id": user.id, "is_new": True}
    assert (user.phone, user.status, user.is_staff, user.is_superuser, user.cod_allowed) == (
        PHONE,
        "active",
        False,
        False,
        True,
    )
    code = OtpVerification.objects.get()
    assert (code.status, code.attempts) == ("verified", 1)
    assert code.verified_at is not None


def test_right_code_finds_the_user_of_a_known_phone() -> None:
    user = User.objects.create_user(PHONE)

    assert dict(call(NAME, **entering("right"))) == {"user_id": user.id, "is_new": False}
    assert User.objects.count() == 1


def test_wrong_code_is_counted_although_the_call_fails() -> None:
    first = refusal(NAME, **entering("wrong"))
    second = refusal(NAME, **entering("wrong"))

    assert first == ("otp_invalid", 422, {"attempts_left": 2})
    assert second == ("otp_invalid", 422, {"attempts_left": 1})
    phone, code = OtpPhone.objects.get(), OtpVerification.objects.get()
    assert (phone.failures, code.attempts, code.status) == (2, 2, "pending")
    assert phone.failures_since is not None
    assert User.objects.count() == 0


def test_right_code_after_wrong_ones_forgives_them() -> None:
    refusal(NAME, **entering("wrong"))

    call(NAME, **entering("right"))

    phone = OtpPhone.objects.get()
    assert (phone.failures, phone.failures_since) == (0, None)


def test_too_many_wrong_codes_lock_out_the_right_one_and_a_new_one() -> None:
    for _ in range(2):
        refusal(NAME, **entering("wrong"))
    send("new")
    last = refusal(NAME, **entering("wrong"))
    OtpPhone.objects.update(failures_since=timezone.now() - timedelta(minutes=50))

    said = refusal(NAME, **entering("new"))

    assert last == ("otp_invalid", 422, {"attempts_left": 0})
    assert said == ("otp_locked", 429, {"retry_after_seconds": pytest.approx(600, abs=5)})
    assert OtpPhone.objects.get().failures == 3
    assert User.objects.count() == 0


def test_lock_ends_with_its_window_and_the_count_starts_anew() -> None:
    OtpPhone.objects.update(failures=3, failures_since=timezone.now() - timedelta(hours=1))

    said = refusal(NAME, **entering("wrong"))

    phone = OtpPhone.objects.get()
    assert said == ("otp_invalid", 422, {"attempts_left": 2})
    assert phone.failures == 1
    assert phone.failures_since is not None
    assert timezone.now() - phone.failures_since < timedelta(minutes=1)


def test_superseded_code_is_invalid() -> None:
    send("newer")

    assert refusal(NAME, **entering("right"))[0] == "otp_invalid"
    assert call(NAME, **entering("newer")).is_new is True


def test_phone_that_never_asked_is_invalid_and_leaves_no_row() -> None:
    said = refusal(NAME, **entering("right", p_phone="+919800000001"))

    assert said == ("otp_invalid", 422, {"attempts_left": 3})
    assert OtpPhone.objects.count() == 1


def test_right_code_after_its_time_is_expired() -> None:
    expires_at = timezone.now().replace(microsecond=0) - timedelta(seconds=1)
    OtpVerification.objects.update(expires_at=expires_at)

    code, status, context = refusal(NAME, **entering("right"))

    assert (code, status) == ("otp_expired", 410)
    assert context == {"expired_at": expires_at.astimezone(UTC).isoformat()}
    assert User.objects.count() == 0


def test_wrong_code_after_its_time_counts_all_the_same() -> None:
    OtpVerification.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

    assert refusal(NAME, **entering("wrong")) == ("otp_invalid", 422, {"attempts_left": 2})


@pytest.mark.parametrize("status", ["deactivated", "erased"])
def test_deactivated_user_is_refused_by_the_right_code_alone(status: str) -> None:
    User.objects.create_user(PHONE, status=status)

    wrong = refusal(NAME, **entering("wrong"))
    right = refusal(NAME, **entering("right"))

    assert (wrong[0], right) == ("otp_invalid", ("user_deactivated", 403, {}))
    assert OtpVerification.objects.get().status == "pending"


def test_code_works_once() -> None:
    call(NAME, **entering("right"))

    said = refusal(NAME, **entering("right"))

    assert said == ("otp_invalid", 422, {"attempts_left": 3})
    assert OtpPhone.objects.get().failures == 0


def test_right_code_several_times_at_once_logs_in_once() -> None:
    answers = at_once(*[lambda: call(NAME, **entering("right"))] * 4)

    refused = [one.code for one in answers if isinstance(one, ProcedureError)]
    assert [type(one) for one in answers].count(Result) == 1
    assert refused == ["otp_invalid"] * 3
    assert User.objects.count() == 1


def test_wrong_codes_at_once_are_all_counted_up_to_the_lock() -> None:
    answers = at_once(*[lambda: call(NAME, **entering("wrong"))] * 6)

    codes = sorted(one.code for one in answers if isinstance(one, ProcedureError))
    assert codes == ["otp_invalid"] * 3 + ["otp_locked"] * 3
    assert OtpPhone.objects.get().failures == 3


def test_phone_its_pending_code_and_the_user_are_locked() -> None:
    user = User.objects.create_user(PHONE)

    assert_locks(OtpPhone.objects.get(), NAME, **entering("right"))
    assert_locks(OtpVerification.objects.get(), NAME, **entering("right"))
    assert_locks(user, NAME, **entering("right"))
