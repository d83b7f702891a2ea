"""Makes the shelf follow the catalogue: what changed is copied anew, in one transaction.

Only the holder of an advisory lock writes, so the bitmaps have one writer; readers see the shelf
before or after a run, never between.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from uuid import UUID

from django.db import transaction

from commerce.catalog.shelf import making, scopes, vocabulary
from commerce.catalog.shelf.bits import Turn, turn
from commerce.catalog.shelf.facts import Reader, changed_since, seen_until
from commerce.catalog.shelf.rows import Row, TermBook, delete_rows, read_rows, row_of, write_rows
from commerce.catalog.shelf.state import State, locked, store
from commerce.catalog.shelf.terms import terms_of

REBUILD_FROM = 20_000  # changes at once for which making the shelf anew is quicker
BATCH = 1_000


def catch_up(*, wait: bool = False) -> int:
    """Copy what has changed since the last run; how many products were looked at.

    A run that finds another at work leaves it alone, or waits for it.
    """
    with transaction.atomic():
        if not locked(wait=wait):
            return 0
        until = seen_until()
        state = State.read()
        if state is None:
            return making.make(until)
        ids = changed_since(state.seen_until)
        if len(ids) > REBUILD_FROM or state.next_place + len(ids) > state.space:
            return making.make(until)
        Keeper(state).take(ids)
        store(state, until)
    return len(ids)


def rebuild() -> int:
    """Make the shelf anew; how many products it holds. Readers have the old one meanwhile."""
    with transaction.atomic():
        locked(wait=True)
        return making.make(seen_until())


class Keeper:
    """Copies some products anew onto a shelf that is otherwise right."""

    def __init__(self, state: State) -> None:
        self.state = state

    def take(self, ids: Sequence[UUID]) -> None:
        """Put on the shelf what is visible of these products, and take off what isn't."""
        if ids:
            self.reader, self.book = Reader(), TermBook()
        for start in range(0, len(ids), BATCH):
            self._take(ids[start : start + BATCH])

    def _take(self, ids: Sequence[UUID]) -> None:
        before = read_rows(ids)
        after = self._rows(ids, before)
        changed = [key for key in ids if before.get(key) != after.get(key)]
        if not changed:
            return
        pairs = [(before.get(key), after.get(key)) for key in changed]
        delete_rows([row.id for row, _ in pairs if row])
        write_rows(row for _, row in pairs if row)
        turn(self._turns(pairs), self.state.chunks, self.state.width)
        scopes.change(self.book, pairs)
        vocabulary.change(pairs)

    def _rows(self, ids: Sequence[UUID], before: dict[UUID, Row]) -> dict[UUID, Row]:
        rows = {}
        found = [(one, terms_of(one)) for one in self.reader.facts(ids)]
        self.book.learn(term for _, terms in found for term in terms)
        for one, terms in found:
            old = before.get(one.id)
            place = old.place if old else self.state.next_place
            self.state.next_place += old is None
            rows[one.id] = row_of(one, terms, place, self.book)
        return rows

    def _turns(self, pairs: Iterable[tuple[Row | None, Row | None]]) -> Iterator[Turn]:
        for before, after in pairs:
            old = self.book.bits_of(before) if before else set()
            new = self.book.bits_of(after) if after else set()
            for row, lost_or_got, on in ((before, old - new, False), (after, new - old, True)):
                if row:
                    yield from (Turn(term, row.place, on) for term in lost_or_got)
