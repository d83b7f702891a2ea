"""Of several sessions that spend one refresh token or one login code at once, one gets in."""

from __future__ import annotations

from collections import Counter
from functools import partial
from threading import Barrier

from rest_framework_simplejwt.tokens import RefreshToken

from commerce.accounts import tokens
from commerce.accounts.models import OtpPhone, User
from commerce.core.procedures import Result, call
from tests.concurrency.mutants import mutants, unlocked
from tests.concurrency.racing import crowd, outcomes, pile_up
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


def test_one_of_twelve_refreshes_wins(shop: Shop) -> None:
    refresh = tokens.issue(shop.user())["refresh"]

    results = crowd([partial(tokens.rotate, refresh)] * SESSIONS, threads=SESSIONS)

    assert outcomes(results) == {"ok": 1, "token_reused": SESSIONS - 1}


def test_one_of_twelve_refreshes_wins_over_http(shop: Shop, web: Web) -> None:
    body = {"refresh": tokens.issue(shop.user())["refresh"]}
    refresh = partial(Client(web.port).post, "auth/token/refresh", body)

    answers = together([refresh] * SESSIONS, SESSIONS)

    assert Counter(one.outcome for one in answers) == {
        "200": 1,
        "401 token_reused": SESSIONS - 1,
    }


def test_when_the_list_of_spent_tokens_is_read_first_twelve_win(shop: Shop) -> None:
    raw = tokens.issue(shop.user())["refresh"]
    gate = Barrier(SESSIONS)

    def read_then_write() -> str:
        """Rotate as the library's own view does, met between its check and its entry."""
        token = RefreshToken(raw)  # type: ignore[arg-type]
        gate.wait(timeout=10)
        token.blacklist()
        return raw

    assert outcomes(crowd([read_then_write] * SESSIONS, threads=SESSIONS)) == {"ok": SESSIONS}


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
