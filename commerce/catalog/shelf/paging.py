"""A page of the shelf: found by the sort keys of its neighbour, walking an index or gathering."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.core import signing
from rest_framework.exceptions import ErrorDetail, ValidationError

from commerce.catalog.shelf.conditions import Sql
from commerce.core.pagination import BACKWARD, FORWARD
from commerce.core.replica import reading

RELEVANCE, POPULARITY = "relevance", "popularity"
KINDS = {
    "title": "integer",
    "popularity": "integer",
    "published_at": "timestamptz",
    "price": "numeric",
    "discount": "smallint",
    "rating": "numeric",
    "rating_count": "integer",
    "product_id": "uuid",
}


@dataclass(frozen=True)
class Sort:
    """An order of the shelf: all its keys one way, so that one comparison of rows finds a page."""

    name: str
    keys: tuple[str, ...]
    descending: bool = True


SORTS = {
    RELEVANCE: Sort(RELEVANCE, ("title", "popularity", "product_id")),
    "newest": Sort("newest", ("published_at", "product_id")),
    "price": Sort("price", ("price", "product_id"), descending=False),
    "-price": Sort("-price", ("price", "product_id")),
    "discount": Sort("discount", ("discount", POPULARITY, "product_id")),
    POPULARITY: Sort(POPULARITY, ("popularity", "product_id")),
    "rating": Sort("rating", ("rating", "rating_count", "product_id")),
}
SORTS |= {"price_asc": SORTS["price"], "price_desc": SORTS["-price"]}


@dataclass(frozen=True)
class Position:
    """Where a page begins: beyond these keys, onward or back."""

    keys: Sequence[str]
    back: bool


@dataclass(frozen=True)
class Place:
    """A product of a page and its keys."""

    id: UUID
    keys: tuple[Any, ...]


def read_cursor(cursor: str, sort: Sort) -> Position:
    """The position that a cursor holds; ValidationError when it is not one of this order."""
    try:
        direction, *keys = _signer(sort).unsign_object(cursor)
    except (signing.BadSignature, ValueError, TypeError):
        fault = ErrorDetail("This is no cursor of this list and sort.", code="invalid_cursor")
        raise ValidationError({"cursor": [fault]}) from None
    return Position(keys, direction == BACKWARD)


def cursors(
    found: Sequence[Place], sort: Sort, position: Position | None, *, more: bool
) -> tuple[str | None, str | None]:
    """The cursors of the next page and of the one before."""
    if not found:
        return None, None
    back = position is not None and position.back
    has_next, has_previous = (True, more) if back else (more, position is not None)
    return (
        _cursor(FORWARD, found[-1], sort) if has_next else None,
        _cursor(BACKWARD, found[0], sort) if has_previous else None,
    )


def _cursor(direction: str, place: Place, sort: Sort) -> str:
    return _signer(sort).sign_object([direction, *map(str, place.keys)])


def _signer(sort: Sort) -> signing.Signer:
    return signing.Signer(salt=f"{__name__}:{sort.name}")


@dataclass(frozen=True)
class Tier:
    """Rows that a page is read from: what they must be, and their relevance where it matters.

    Few of them are gathered and sorted; of many the first in order are met soon, so the index of
    the order is walked. The planner can't tell, since it does not know how filters depend on each
    other; whoever makes the tier has counted.
    """

    where: Sql
    gather: bool
    title: int | None = None


def page(tiers: Sequence[Tier], sort: Sort, position: Position | None, limit: int) -> list[Place]:
    """At most `limit` rows of the tiers beyond the position, in reading order."""
    back = position is not None and position.back
    falling = sort.descending != back
    parts = [
        _part(tier, sort, position, limit, falling=falling)
        for tier in tiers
        if not _passed(tier, position)
    ]
    columns = ", ".join(f"{key} {'DESC' if falling else 'ASC'}" for key in sort.keys)
    sql = " UNION ALL ".join(f"({part})" for part, _ in parts)
    with reading().cursor() as cursor:
        cursor.execute(
            f"SELECT * FROM ({sql}) AS found ORDER BY {columns} LIMIT {limit}",
            [one for _, values in parts for one in values],
        )
        found = [Place(row[-1], row) for row in cursor.fetchall()]
    return found[::-1] if back else found


def first_of(number: int, tier: Tier, sort: Sort, limit: int) -> Sql:
    """A statement of the first rows of a tier: the number given, place and key of each."""
    sql, values = _part(tier, sort, None, limit, falling=sort.descending)
    order = ", ".join(f"{key} {'DESC' if sort.descending else 'ASC'}" for key in sort.keys)
    place = f"row_number() OVER (ORDER BY {order})"
    return f"SELECT {number}, {place}, product_id FROM ({sql}) AS one", values


def _passed(tier: Tier, position: Position | None) -> bool:
    """Whether all rows of the tier lie on the near side of the position."""
    if tier.title is None or position is None:
        return False
    at = int(position.keys[0])
    return tier.title < at if position.back else tier.title > at


def _part(tier: Tier, sort: Sort, position: Position | None, limit: int, *, falling: bool) -> Sql:
    where, values = tier.where
    keys = sort.keys
    if tier.title is not None:
        keys = keys[1:]
    beyond = _beyond(tier, sort, position, falling=falling)
    if beyond:
        where, values = f"{where} AND {beyond[0]}", [*values, *beyond[1]]
    columns = ", ".join(f"p.{key}" for key in keys)
    order = ", ".join(f"{key} {'DESC' if falling else 'ASC'}" for key in keys)
    first = f"{tier.title} AS title, " if tier.title is not None else ""
    rows = f"SELECT {first}{columns} FROM shelf_products p WHERE {where}"
    if tier.gather:
        rows = f"WITH gathered AS MATERIALIZED ({rows}) SELECT * FROM gathered"
    return f"{rows} ORDER BY {order} LIMIT {limit}", values


def _beyond(tier: Tier, sort: Sort, position: Position | None, *, falling: bool) -> Sql | None:
    """Rows after the position; of a tier that begins after it, all."""
    if position is None:
        return None
    keys, values = list(sort.keys), list(position.keys)
    if tier.title is not None:
        if tier.title != int(values[0]):
            return None
        keys, values = keys[1:], values[1:]
    columns = ", ".join(f"p.{key}" for key in keys)
    bounds = ", ".join(f"%s::{KINDS[key]}" for key in keys)
    return f"({columns}) {'<' if falling else '>'} ({bounds})", values
