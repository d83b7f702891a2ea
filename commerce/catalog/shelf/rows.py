"""The rows of the shelf, one for each visible product, and the numbers of its terms."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db import connection

from commerce.catalog.shelf.terms import FOUND_BY, Facts, Term
from commerce.catalog.splitting import words_in, words_of_ages, words_of_size

COLUMNS = (
    "product_id, place, price, discount, rating, rating_count, popularity, published_at, "
    "age_min, age_max, terms, figures, title, body"
)
WORD_LENGTH_MAX = 40
GIRLS, BOYS = frozenset({"girl", "girls"}), frozenset({"boy", "boys"})
FOR_WHOM = {"girl": GIRLS, "boy": BOYS, "unisex": GIRLS | BOYS | {"kids", "unisex"}}
ELSEWHERE = "="  # before a word of the body that the title has not: so an index can find it
VALUE_LENGTH_MAX = 80


@dataclass(frozen=True, slots=True)
class Row:
    """A row of `shelf_products`: what lists sort by, the numbers of its terms, its words."""

    id: UUID
    place: int
    price: Decimal
    discount: int
    rating: Decimal
    rating_count: int
    popularity: int
    published_at: datetime
    age_min: int
    age_max: int
    terms: frozenset[int]
    figures: frozenset[int]
    title: frozenset[str]
    body: frozenset[str]


class TermBook:
    """The numbers of terms; a term that turns up for the first time gets the next one."""

    def __init__(self) -> None:
        self.numbers: dict[Term, int] = {}
        self.terms: dict[int, Term] = {}
        with connection.cursor() as cursor:
            cursor.execute("SELECT id, facet, value, other FROM shelf_terms")
            self._add(cursor.fetchall())

    def learn(self, terms: Iterable[Term]) -> None:
        """Number those of the terms that have no number yet."""
        new = sorted(set(terms) - self.numbers.keys())
        if not new:
            return
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO shelf_terms (facet, value, other) "
                "SELECT * FROM unnest(%s::text[], %s::text[], %s::text[]) "
                "RETURNING id, facet, value, other",
                [list(column) for column in zip(*new, strict=True)],
            )
            self._add(cursor.fetchall())

    def _add(self, rows: Iterable[Sequence[Any]]) -> None:
        for number, *term in rows:
            self.numbers[Term(*term)] = number
            self.terms[number] = Term(*term)

    def bits_of(self, row: Row) -> set[int]:
        """The terms whose bitmaps hold the product; of words those that are frequent."""
        words = {
            self.numbers.get(Term(facet, word))
            for facet, found in (("title", row.title), ("body", row.body))
            for word in found
        }
        return {*row.terms, *row.figures, *(one for one in words if one is not None)}


def row_of(facts: Facts, found: Iterable[Term], place: int, book: TermBook) -> Row:
    """The row of a product with the terms found of it, which the book has learnt."""
    title = frozenset().union(*_titles(facts))
    return Row(
        id=facts.id,
        place=place,
        price=facts.price,
        discount=facts.discount,
        rating=facts.rating,
        rating_count=facts.rating_count,
        popularity=facts.popularity,
        published_at=facts.published_at,
        age_min=facts.age_min,
        age_max=facts.age_max,
        terms=frozenset(book.numbers[one] for one in found if one.facet in FOUND_BY),
        figures=frozenset(book.numbers[one] for one in found if one.facet not in FOUND_BY),
        title=title,
        body=title | _words_in(facts.text) | FOR_WHOM[facts.gender],
    )


def _titles(facts: Facts) -> Iterator[Iterable[str]]:
    """What a product is called, and the colours, sizes and ages that it comes in."""
    yield _words_in(f"{facts.name} {facts.labels}")
    yield words_of_ages(facts.age_min, facts.age_max)
    for colour in {one.colour for one in facts.offers}:
        yield _words_in(colour)
    for size in {one.size for one in facts.offers}:
        yield _words_of_size(size)


# Many products share a text, a colour, a size.
@lru_cache(maxsize=8_192)
def _words_in(text: str) -> frozenset[str]:
    return _short(words_in(text))


@lru_cache(maxsize=1_024)
def _words_of_size(size: str) -> frozenset[str]:
    return _short(words_of_size(size))


def _short(words: Iterable[str]) -> frozenset[str]:
    return frozenset(word[:WORD_LENGTH_MAX] for word in words)


def read_rows(ids: Sequence[UUID]) -> dict[UUID, Row]:
    """The rows that the shelf has of these products."""
    columns = COLUMNS.replace("title, body", "tsvector_to_array(title), tsvector_to_array(body)")
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {columns} FROM shelf_products WHERE product_id = ANY(%s)",
            [list(ids)],
        )
        return {row[0]: _row(row) for row in cursor.fetchall()}


def _row(values: Sequence[Any]) -> Row:
    *plain, terms, figures, title, body = values
    words = (word for word in body if not word.startswith(ELSEWHERE))
    return Row(*[*plain, *map(frozenset, (terms, figures, title, words))])


def delete_rows(ids: Sequence[UUID]) -> None:
    """Take products off the shelf; their places stay empty until it is made anew."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM shelf_products WHERE product_id = ANY(%s)", [list(ids)])


def write_rows(rows: Iterable[Row]) -> None:
    """Add rows of products that the shelf does not hold."""
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY shelf_products ({COLUMNS}) FROM STDIN") as copy,
    ):
        for row in rows:
            copy.write_row(
                (
                    row.id,
                    row.place,
                    row.price,
                    row.discount,
                    row.rating,
                    row.rating_count,
                    row.popularity,
                    row.published_at,
                    row.age_min,
                    row.age_max,
                    _array(row.terms),
                    _array(row.figures),
                    _vector(row.title),
                    _vector({*row.body, *(ELSEWHERE + one for one in row.body - row.title)}),
                )
            )


def _array(numbers: Iterable[int]) -> str:
    return f"{{{','.join(map(str, sorted(numbers)))}}}"


def _vector(words: Iterable[str]) -> str:
    """The words as a tsvector in text form; `words_of` leaves nothing in them to be quoted."""
    return " ".join(f"'{word}'" for word in words)
