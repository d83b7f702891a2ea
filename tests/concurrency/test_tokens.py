"""Of several sessions that spend one refresh token or one login code at once, one gets in."""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import Any

import pytest
from django.db.models import QuerySet

from commerce.accounts import tokens
from commerce.accounts.models import LoginSession, OtpPhone, User
from commerce.core.errors import ProblemError
from commerce.core.procedures import Result, call
from tests.concurrency.mutants import mutants, unlocked
from tests.concurrency.racing import Action, outcomes, pile_up
from tests.concurrency.web import Client, Web, together
from tests.shop.builder import Shop

SESSIONS = 12
PHONE = "+919812345678"
CODE_HASH = "h" * 64
GUESSES = 5
UNGUARDED = (
    unlocked("phone; one that never asked for a code has no row, and nothing to guess"),
    unlocked("phone's pending code"),
)


def refreshes(shop: Shop, device: tokens.Device) -> list[Any]:
    """What becomes of refreshes by one token that all arrive while the row of the login is busy."""
    refresh = tokens.issue(shop.user(), device)["refresh"]
    row = LoginSession.objects.get()
    return pile_up(row, *[partial(tokens.rotate, refresh, device)] * SESSIONS)


def test_one_of_twelve_refreshes_wins_and_the_others_end_the_login(shop: Shop) -> None:
    results = refreshes(shop, tokens.NOWHERE)

    assert outcomes(results) == {"ok": 1, "token_reused": SESSIONS - 1}
    session = LoginSession.objects.get()
    assert (session.generation, session.end_reason) == (2, "token_reused")


def test_twelve_refreshes_of_one_device_get_one_pair(shop: Shop) -> None:
    results = refreshes(shop, tokens.Device("phone-of-asha-rao"))

    assert outcomes(results) == {"ok": SESSIONS}
    assert len({one["refresh"] for one in results}) == len({one["access"] for one in results}) == 1
    session = LoginSession.objects.get()
    assert (session.generation, session.ended_at) == (2, None)
    assert tokens.rotate(results[0]["refresh"])["refresh"] != results[0]["refresh"]


def test_without_the_lock_twelve_refreshes_win(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QuerySet, "select_for_update", lambda rows, **_options: rows)

    assert outcomes(refreshes(shop, tokens.NOWHERE)) == {"ok": SESSIONS}


def test_one_of_twelve_refreshes_wins_over_http(shop: Shop, web: Web) -> None:
    body = {"refresh": tokens.issue(shop.user())["refresh"]}
    refresh = partial(Client(web.port).post, "auth/token/refresh", body)

    answers = together([refresh] * SESSIONS, SESSIONS)

    assert Counter(one.outcome for one in answers) == {
        "200": 1,
        "401 token_reused": SESSIONS - 1,
    }


def test_a_login_that_ends_during_a_refresh_gives_no_tokens(shop: Shop) -> None:
    refresh = tokens.issue(shop.user())["refresh"]
    row = LoginSession.objects.get()

    both: list[Action] = [partial(tokens.end, refresh), partial(tokens.rotate, refresh)]

    results = pile_up(row, *both * 4)

    assert LoginSession.objects.get().end_reason in {"logged_out", "token_reused"}
    for won in [one for one in results if isinstance(one, dict)]:
        with pytest.raises(ProblemError):
            tokens.rotate(won["refresh"])


def verify(code_hash: str) -> Result:
    """One attempt to log in, of five wrong ones an hour."""
    return call(
        "verify_otp",
        p_phone=PHONE,
        p_code_hash=code_hash,
        p_max_failures=GUESSES,
        p_failure_window_seconds=3600,
    )


def twelve_attempts(shop: Shop, code_hash: str, row: type[OtpPhone] | type[User]) -> Counter[str]:
    """What becomes of attempts that all arrive while the row of this phone is busy."""
    User.objects.create_user(PHONE)
    call(
        "send_otp",
        p_phone=PHONE,
        p_ip="127.0.0.1",
        p_code_hash=CODE_HASH,
        p_ttl_seconds=300,
        p_cooldown_seconds=30,
        p_phone_limit=5,
        p_ip_limit=30,
        p_max_failures=GUESSES,
        p_failure_window_seconds=3600,
    )
    busy = row.objects.get(phone=PHONE)
    return outcomes(pile_up(busy, *[partial(verify, code_hash)] * SESSIONS))


def test_a_code_is_spent_once(shop: Shop) -> None:
    assert twelve_attempts(shop, CODE_HASH, User) == {"ok": 1, "otp_invalid": SESSIONS - 1}


def test_without_locks_a_code_is_spent_twelve_times(shop: Shop) -> None:
    with mutants(verify_otp=UNGUARDED):
        assert twelve_attempts(shop, CODE_HASH, User) == {"ok": SESSIONS}


def test_five_of_twelve_guesses_are_judged(shop: Shop) -> None:
    assert twelve_attempts(shop, "wrong", OtpPhone) == {
        "otp_invalid": GUESSES,
        "otp_locked": SESSIONS - GUESSES,
    }


def test_without_locks_twelve_guesses_are_judged(shop: Shop) -> None:
    with mutants(verify_otp=UNGUARDED):
        assert twelve_attempts(shop, "wrong", OtpPhone) == {"otp_invalid": SESSIONS}
