"""`Together`: callers of one moment share a call, and none suffers from another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event
from time import monotonic, sleep

import pytest

from commerce.core.together import Together

PATIENCE = 5.0  # never over in these tests but where it is the point


class Counter:
    """Doubles numbers; a call for 0 takes until `free` is set, a batch with 13 fails."""

    def __init__(self, most: int = 64, linger: float = 0.0, patience: float = PATIENCE) -> None:
        self.free = Event()
        self.begun = Event()
        self.calls: list[list[int]] = []
        self.queue = Together(self.one, self.many, most=most, linger=linger, patience=patience)

    def one(self, ask: int) -> int:
        self.calls.append([ask])
        if ask == 0:
            self.begun.set()
            assert self.free.wait(10)
        if ask < 0:
            raise ValueError(ask)
        return 2 * ask

    def many(self, asks: Sequence[int]) -> Mapping[int, int]:
        self.calls.append(list(asks))
        if 13 in asks:
            raise RuntimeError("no batch with 13")
        return {ask: 2 * ask for ask in asks if ask > 0}


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(32) as threads:
        yield threads


def gather(counter: Counter, pool: ThreadPoolExecutor, *asks: int) -> list[Future[int]]:
    """Let a slow call begin, then these ask one after the other while it is under way."""
    answers = [pool.submit(counter.queue.ask, 0)]
    assert counter.begun.wait(10)
    for number, ask in enumerate(asks, start=1):
        answers.append(pool.submit(counter.queue.ask, ask))
        until(lambda n=number: len(counter.queue._waiting) == n)
    return answers


def until(holds: object) -> None:
    """Wait for what must come."""
    end = monotonic() + 10
    while not holds():  # type: ignore[operator]
        assert monotonic() < end
        sleep(0.001)


def test_who_comes_alone_is_served_alone() -> None:
    counter = Counter()

    assert counter.queue.ask(4) == 8

    assert counter.calls == [[4]]


def test_who_comes_during_a_call_shares_the_next(pool: ThreadPoolExecutor) -> None:
    counter = Counter()
    answers = gather(counter, pool, 1, 2, 3)

    counter.free.set()

    assert [one.result(10) for one in answers] == [0, 2, 4, 6]
    assert counter.calls == [[0], [1, 2, 3]]


def test_in_a_rush_a_call_waits_a_moment_for_company(pool: ThreadPoolExecutor) -> None:
    counter = Counter(linger=0.5)
    answers = gather(counter, pool, 1, 2)
    counter.free.set()
    assert [one.result(10) for one in answers] == [0, 2, 4]

    third = pool.submit(counter.queue.ask, 3)
    until(lambda: counter.queue._leaders == 1)
    fourth = pool.submit(counter.queue.ask, 4)

    assert (third.result(10), fourth.result(10)) == (6, 8)
    assert counter.calls == [[0], [1, 2], [3, 4]]


def test_a_batch_takes_no_more_than_it_may(pool: ThreadPoolExecutor) -> None:
    counter = Counter(most=2)
    answers = gather(counter, pool, 1, 2, 3)

    counter.free.set()

    assert [one.result(10) for one in answers] == [0, 2, 4, 6]
    assert counter.calls == [[0], [1, 2], [3]]


def test_who_is_left_out_is_served_alone_and_told_why(pool: ThreadPoolExecutor) -> None:
    counter = Counter()
    answers = gather(counter, pool, 1, -2, 3)

    counter.free.set()

    assert (answers[1].result(10), answers[3].result(10)) == (2, 6)
    with pytest.raises(ValueError, match="-2"):
        answers[2].result(10)
    assert counter.calls == [[0], [1, -2, 3], [-2]]


def test_a_failed_batch_is_served_one_by_one(pool: ThreadPoolExecutor) -> None:
    counter = Counter()
    answers = gather(counter, pool, 1, 13, 3)

    counter.free.set()

    assert [one.result(10) for one in answers] == [0, 2, 26, 6]
    assert counter.calls[:2] == [[0], [1, 13, 3]]
    assert sorted(counter.calls[2:]) == [[1], [3], [13]]


def test_an_error_reaches_its_own_caller_and_frees_the_queue() -> None:
    counter = Counter()

    with pytest.raises(ValueError, match="-1"):
        counter.queue.ask(-1)

    assert counter.queue.ask(4) == 8


def test_a_stuck_call_keeps_nobody_for_ever(pool: ThreadPoolExecutor) -> None:
    counter = Counter(patience=0.01)
    stuck = pool.submit(counter.queue.ask, 0)
    assert counter.begun.wait(10)

    assert pool.submit(counter.queue.ask, 5).result(10) == 10
    assert not stuck.done()

    counter.free.set()
    assert stuck.result(10) == 0
    assert counter.queue._leaders == 0


@pytest.mark.parametrize("patience", [PATIENCE, 0.0])
def test_everybody_gets_an_answer_of_their_own(patience: float, pool: ThreadPoolExecutor) -> None:
    counter = Counter(most=5, patience=patience)
    asks = range(1, 2_000)

    assert list(pool.map(counter.queue.ask, asks)) == [2 * ask for ask in asks]

    assert (counter.queue._leaders, counter.queue._waiting) == (0, [])


def test_a_leader_that_fails_before_its_call_frees_the_queue(pool: ThreadPoolExecutor) -> None:
    counter = Counter(linger=-1.0)  # which sleep refuses
    answers = gather(counter, pool, 1, 2)
    counter.free.set()
    assert [one.result(10) for one in answers] == [0, 2, 4]

    with pytest.raises(ValueError, match="sleep"):
        counter.queue.ask(3)

    assert counter.queue._leaders == 0
