"""Months of trade: who comes when, and everything in the order in which it happens."""

from __future__ import annotations

import hashlib
import heapq
import logging
import random
from bisect import bisect_right
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import count, takewhile

from django.conf import settings

from commerce.core.procedures import ProcedureError, call
from commerce.seed.clock import Clock
from commerce.seed.data import story
from commerce.seed.journeys import Journey, Visit
from commerce.seed.stock import open_with, restock
from commerce.seed.world import DAYS_PER_MONTH, Shopper, World

VISITS_PER_CUSTOMER = 6.2  # in six months
MONTHS_OF_THAT = 6
RECEIPTS_BEFORE = timedelta(days=2)
SAY_EVERY = 100
QUIET_LOGGERS = ("commerce.procedures", "commerce.orders", "commerce.payments")


def unfold(world: World) -> None:
    """Let everything happen, step by step, then move it all back to when it was meant to be."""
    levels = {name: logging.getLogger(name).level for name in QUIET_LOGGERS}
    for name in QUIET_LOGGERS:  # tens of thousands of calls, refusals among them on purpose
        logging.getLogger(name).setLevel(logging.ERROR)
    try:
        clock = Clock()
        clock.begin(world.opening - RECEIPTS_BEFORE)
        open_with(world, world.fork("stock"))
        _run(world, clock)
        world.say("moving everything back to when it happened …")
        clock.turn_back(world.now)
    finally:
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)


def _run(world: World, clock: Clock) -> None:
    """Take the earliest step of all journeys again and again, until the present."""
    numbers = count()
    agenda: list[tuple[datetime, int, Journey]] = []
    for moment, journey in (*_visits(world), *_replenishments(world), *_guests(world)):
        agenda.append((moment, next(numbers), journey))
    heapq.heapify(agenda)
    began = set[int]()
    total = len(agenda)
    while agenda and agenda[0][0] < world.now:
        moment, number, journey = heapq.heappop(agenda)
        if number not in began:
            began.add(number)
            if len(began) % SAY_EVERY == 0:
                world.say(f"{moment:%d %b %Y}: {len(began)} of {total} visits")
        clock.begin(moment)
        pause = next(journey, None)
        if pause is not None:
            heapq.heappush(agenda, (moment + pause, number, journey))


def _visits(world: World) -> Iterator[tuple[datetime, Journey]]:
    """Visits over the days by the curve of trade, each of a customer who had joined by then."""
    chance = world.fork("visits")
    days = world.months * DAYS_PER_MONTH + 1  # today too, as far as it has come
    visits = round(world.customers * VISITS_PER_CUSTOMER * world.months / MONTHS_OF_THAT)
    weights = [day_weight(day, days) for day in range(days)]
    moments = sorted(
        world.opening + timedelta(days=day, hours=hour, seconds=chance.uniform(0, 3599))
        for day, hour in zip(
            chance.choices(range(days), weights, k=visits),
            chance.choices(range(24), story.HOURS, k=visits),
            strict=True,
        )
    )
    members = sorted(world.shoppers, key=lambda shopper: shopper.joined)
    joined = [shopper.joined for shopper in members]
    busy: dict[str, datetime] = {}
    for number, moment in enumerate(moments):
        known = members[: bisect_right(joined, moment)]
        if not known:
            continue
        shopper = _free(chance, known, busy, moment)
        if shopper:
            fork = random.Random(f"{world.random_seed}/visit/{number}")
            yield moment, Visit(world, shopper, fork, number).run()


def _free(
    chance: random.Random, known: list[Shopper], busy: dict[str, datetime], moment: datetime
) -> Shopper | None:
    """A customer, keen ones more often, who isn't in the middle of another visit."""
    shopper = chance.choices(known, [one.weight for one in known])[0]
    phone = shopper.user.phone or ""
    if busy.get(phone, moment) > moment:
        return None
    busy[phone] = moment + timedelta(hours=2)
    return shopper


def day_weight(day: int, days: int) -> float:
    """How much is bought on a day: slow growth, busy weekends, one festive sale."""
    share = day / days
    sale = story.SALE_STARTS * days <= day < story.SALE_STARTS * days + story.SALE_DAYS
    lift = story.SALE_LIFT if sale else 1.0
    return (1 + story.GROWTH * share) * story.WEEK[day % len(story.WEEK)] * lift


def _replenishments(world: World) -> Iterator[tuple[datetime, Journey]]:
    chance = world.fork("restock")
    due = (world.opening + timedelta(days=DAYS_PER_MONTH * n, hours=7) for n in count(1))
    for number, moment in enumerate(takewhile(lambda day: day < world.now, due), start=1):
        yield moment, _restocking(world, chance, number)


def _restocking(world: World, chance: random.Random, number: int) -> Journey:
    restock(world, chance, number)
    yield from ()


def _guests(world: World) -> Iterator[tuple[datetime, Journey]]:
    """Carts of the last weeks whose owners never logged in."""
    chance = world.fork("guests")
    for number in range(story.GUEST_CARTS):
        moment = world.now - timedelta(days=chance.uniform(0.1, 25))
        yield moment, _browsing(world, random.Random(f"{world.random_seed}/guest/{number}"))


def _browsing(world: World, chance: random.Random) -> Journey:
    token = hashlib.sha256(chance.randbytes(32)).hexdigest()
    for variant in chance.sample(world.variants, chance.randint(1, 3)):
        try:
            call(
                "add_to_cart",
                p_token_hash=token,
                p_user_id=None,
                p_variant_id=variant.id,
                p_quantity=1,
                p_line_max=settings.CART_LINE_MAX,
                p_lines_max=settings.CART_LINES_MAX,
            )
        except ProcedureError:
            continue
    yield from ()
