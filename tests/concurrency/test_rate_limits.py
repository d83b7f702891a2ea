"""Of many requests at one moment exactly as many pass as the limit says."""

from __future__ import annotations

from collections import Counter
from functools import partial
from pathlib import Path
from threading import Barrier
from typing import Any
from uuid import uuid4

from rest_framework.throttling import SimpleRateThrottle

from commerce.accounts.tokens import issue
from commerce.core.breaker import CACHE, circuit
from commerce.core.models import RateWindow
from commerce.core.rates import Rate
from commerce.core.throttling import Policy, take
from tests.concurrency.racing import crowd
from tests.concurrency.web import Client, serving, together
from tests.shop.builder import Shop
from tests.shop.outages import closed_circuits

LIMIT, ASKING, THREADS = 5, 50, 12
WRONG_CODE = {"phone": "+919812345678", "code": "000000"}


def passed(policies: list[Policy]) -> int:
    """How many of fifty requests at once got through."""
    results = crowd([partial(take, policies)] * ASKING, threads=THREADS)
    assert {len(levels) for levels in results} == {len(policies)}
    return sum(not any(level.empty for level in levels) for levels in results)


def test_exactly_five_of_fifty_pass(shop: Shop, patient: None) -> None:
    assert passed([Policy("auth", f"ip:{uuid4()}", Rate(LIMIT, 3600))]) == LIMIT


def test_the_narrower_of_two_limits_counts(shop: Shop, patient: None) -> None:
    wide = Policy("critical", f"user:{uuid4()}", Rate(2 * LIMIT, 3600))
    narrow = Policy("critical-ip", f"ip:{uuid4()}", Rate(LIMIT, 3600))

    assert passed([wide, narrow]) == LIMIT
    assert take([wide])[0].left == LIMIT - 1  # who was turned away had taken nothing


def test_exactly_five_of_fifty_pass_while_redis_is_away(shop: Shop) -> None:
    with closed_circuits():
        circuit(CACHE).breaker.open()
        assert passed([Policy("auth", f"ip:{uuid4()}", Rate(LIMIT, 3600))]) == LIMIT

    assert RateWindow.objects.get().taken == ASKING


def test_when_the_count_is_read_first_all_pass(shop: Shop) -> None:
    gate = Barrier(THREADS)

    class ReadThenWrite(SimpleRateThrottle):
        """The framework's own, met between its reading and its writing."""

        rate = f"{LIMIT}/hour"
        key = str(uuid4())

        def get_cache_key(self, request: Any, view: Any) -> str:
            return self.key

        def throttle_success(self) -> bool:
            gate.wait(timeout=10)
            return super().throttle_success()

    def ask() -> bool:
        return ReadThenWrite().allow_request(None, None)  # type: ignore[arg-type]

    assert crowd([ask] * THREADS, threads=THREADS) == [True] * THREADS


def test_two_processes_share_a_limit(shop: Shop, tmp_path: Path) -> None:
    limits = {"RATE_LIMIT_AUTH": f"{LIMIT}/h", "RATE_LIMIT_STANDARD": f"{LIMIT}/h"}
    patient = {"BREAKER_SLOW_SECONDS": "60", "REDIS_TIMEOUT_SECONDS": "10"}
    with serving(tmp_path, **limits, **patient) as web:
        log_in = partial(Client(web.port).post, "auth/otp/verify", WRONG_CODE)
        logins = together([log_in] * ASKING)
        shopper = Client(web.port, issue(shop.user())["access"])
        reads = together([partial(shopper.ask, "GET", "me")] * ASKING)

    turned_away = ASKING - LIMIT
    assert Counter(one.outcome for one in logins) == {
        "422 otp_invalid": LIMIT,
        "429 rate_limited": turned_away,
    }
    assert Counter(one.outcome for one in reads) == {"200": LIMIT, "429 rate_limited": turned_away}
