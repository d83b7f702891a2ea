"""Makes the shelf from nothing, chunk by chunk, so that a million products need little memory."""

from __future__ import annotations

import gc
import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from uuid import UUID

from django.db import connection

from commerce.catalog.shelf import scopes, vocabulary
from commerce.catalog.shelf.bits import write_chunk
from commerce.catalog.shelf.facts import Reader, every_product
from commerce.catalog.shelf.rows import Row, TermBook, row_of, write_rows
from commerce.catalog.shelf.state import State, store
from commerce.catalog.shelf.terms import Term, terms_of

CHUNK_BITS = 31_744  # two rows of bits fit a page of the database
SPACE_MIN = 1_024
SPARE = 1.2  # places for each product, so that a shelf can grow for a while
BATCH = 2_000
FREQUENT = 100  # products, or one in a thousand; a word of fewer is counted by looking at them
Words = dict[str, defaultdict[str, list[int]]]  # by facet, the bits that a word's products have
TABLES = ("products", "terms", "bits", "counts", "scopes", "words", "state")


def make(until: datetime) -> int:
    """Fill the shelf anew; how many products it holds. Its lock is held."""
    _empty()
    ids = every_product()
    space = max(SPACE_MIN, int(len(ids) * SPARE))
    chunks = math.ceil(space / CHUNK_BITS)
    width = math.ceil(space / chunks / 8) * 8
    filling = Filling(chunks, width)
    with _trusting_counts():
        for chunk in range(chunks):
            filling.fill(chunk, ids[chunk::chunks])
    scopes.make()
    vocabulary.store(filling.titles, filling.bodies)
    next_place = math.ceil(len(ids) / chunks) * chunks
    store(State(chunks, width, next_place, until), until)
    _analyze()
    return filling.count


class Filling:
    """Fills chunk after chunk, counting words as it goes."""

    def __init__(self, chunks: int, width: int) -> None:
        self.chunks, self.width = chunks, width
        self.reader, self.book = Reader(), TermBook()
        self.titles: Counter[str] = Counter()
        self.bodies: Counter[str] = Counter()
        self.count = 0

    def fill(self, chunk: int, ids: Sequence[UUID]) -> None:
        """Put the products into the chunk's places, in their order."""
        bits: dict[int, list[int]] = defaultdict(list)
        words: Words = {"title": defaultdict(list), "body": defaultdict(list)}
        for start in range(0, len(ids), BATCH):
            rows = list(self._rows(chunk, start, ids[start : start + BATCH]))
            write_rows(rows)
            for row in rows:
                bit = row.place // self.chunks
                for number in (*row.terms, *row.figures):
                    bits[number].append(bit)
                self._words(row, bit, words)
        self._count(words)
        if chunk == 0:  # each chunk is a fair sample: what is frequent there is so everywhere
            least = max(FREQUENT / self.chunks, len(ids) / 1_000)
            self.book.learn(
                Term(facet, word)
                for facet, places in words.items()
                for word, found in places.items()
                if len(found) >= least
            )
        for term, number in self.book.numbers.items():
            if term.facet in words and term.value in words[term.facet]:
                bits[number] = words[term.facet][term.value]
        write_chunk(chunk, self.width, bits)

    def _rows(self, chunk: int, start: int, ids: Sequence[UUID]) -> Iterator[Row]:
        found = [(one, terms_of(one)) for one in self.reader.facts(ids)]
        self.book.learn(term for _, terms in found for term in terms)
        for bit, (one, terms) in enumerate(found, start):
            self.count += 1
            yield row_of(one, terms, bit * self.chunks + chunk, self.book)

    def _count(self, words: Words) -> None:
        for counter, facet in ((self.titles, "title"), (self.bodies, "body")):
            counter.update({word: len(places) for word, places in words[facet].items()})

    @staticmethod
    def _words(row: Row, bit: int, words: Words) -> None:
        for facet, found in (("title", row.title), ("body", row.body)):
            places = words[facet]
            for word in found:
                places[word].append(bit)


@contextmanager
def _trusting_counts() -> Iterator[None]:
    """Nothing here refers to itself: to look for cycles among so many rows takes a third longer."""
    looking = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if looking:
            gc.enable()


def _empty() -> None:
    """DELETE, not TRUNCATE: who reads meanwhile goes on seeing the old shelf."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")  # a million products take minutes
        for table in TABLES:
            cursor.execute(f"DELETE FROM shelf_{table}")


def _analyze() -> None:
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"ANALYZE shelf_{table}")
