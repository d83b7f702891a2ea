"""What a limit costs Redis, and what holds without it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest
from rest_framework.test import APIClient

from commerce.core.models import RateWindow
from tests.api.conftest import Api
from tests.api.limits import LIMIT, log_in, order
from tests.shop.builder import Shop
from tests.shop.outages import OUTAGES, OwnRedis


def calls(redis: OwnRedis) -> dict[str, int]:
    """How often each command that a shop's process sends was called so far."""
    told = redis.client.info("commandstats")
    names = {name: name.removeprefix("cmdstat_") for name in told}
    asking = {"info", "hello", "select", "client", "client|setinfo"}
    return {names[name]: told[name]["calls"] for name in told if names[name] not in asking}


def test_a_request_costs_redis_one_command(redis: OwnRedis, shop: Shop, api: Api) -> None:
    client = api(shop.user())
    client.get("/api/v1/me")  # the script is known from here on
    before = calls(redis)

    client.get("/api/v1/me")

    inside = {"time": 1, "get": 1, "set": 1}  # of the script itself
    assert Counter(calls(redis)) - Counter(before) == {"evalsha": 1} | inside


@pytest.mark.parametrize("outage", [name for name in OUTAGES if name != "emptied"])
def test_without_redis_logins_are_limited_and_browsing_goes_on(
    redis: OwnRedis, shop: Shop, api: Api, lowered: Callable[..., None], outage: str
) -> None:
    lowered("auth", "standard", "critical", "critical-ip")
    OUTAGES[outage](redis)
    client = api(shop.user())

    assert [log_in(APIClient()) for _ in range(LIMIT + 2)] == [422] * LIMIT + [429] * 2
    assert [client.get("/api/v1/me").status_code for _ in range(LIMIT + 2)] == [200] * (LIMIT + 2)
    assert [order(client) for _ in range(LIMIT + 1)] == [400] * LIMIT + [429]
    assert sorted(RateWindow.objects.values_list("taken", flat=True)) == [4, 4, 5]


def test_without_redis_a_window_ends(redis: OwnRedis, lowered: Callable[..., None]) -> None:
    lowered("auth")
    redis.kill()
    assert [log_in(APIClient()) for _ in range(LIMIT + 1)][-1] == 429

    window = RateWindow.objects.get()
    RateWindow.objects.update(ends_at=window.created_at)

    assert log_in(APIClient()) == 422


def test_a_redis_that_comes_and_goes_lets_no_more_logins_through(
    redis: OwnRedis, lowered: Callable[..., None]
) -> None:
    lowered("auth")

    asked = []
    for _ in range(LIMIT + 1):
        asked.append(log_in(APIClient()))
        redis.flush()

    assert asked == [422] * LIMIT + [429]


def test_an_emptied_redis_counts_other_requests_anew(
    redis: OwnRedis, shop: Shop, api: Api, lowered: Callable[..., None]
) -> None:
    lowered("standard")
    client = api(shop.user())
    assert [client.get("/api/v1/me").status_code for _ in range(LIMIT + 1)][-1] == 429

    redis.flush()

    assert client.get("/api/v1/me").status_code == 200


def test_a_restarted_redis_is_given_the_script_again(
    redis: OwnRedis, lowered: Callable[..., None]
) -> None:
    lowered("auth")
    assert log_in(APIClient()) == 422

    redis.client.script_flush()

    assert [log_in(APIClient()) for _ in range(LIMIT)] == [422, 422, 429]
    assert redis.client.dbsize() == 1
