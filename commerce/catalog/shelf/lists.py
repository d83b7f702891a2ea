"""A list of products: its page, its facets, its cursors, from one picture of the shelf."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import isqrt
from typing import Any
from uuid import UUID

from commerce.catalog.shelf.conditions import conditions
from commerce.catalog.shelf.counting import FEW, Facets, facets
from commerce.catalog.shelf.filters import ALL, plan_of
from commerce.catalog.shelf.making import CHUNK_BITS
from commerce.catalog.shelf.measuring import Measure, measure
from commerce.catalog.shelf.paging import (
    POPULARITY,
    RELEVANCE,
    SORTS,
    Sort,
    Tier,
    cursors,
    page,
    read_cursor,
)
from commerce.catalog.shelf.rows import ELSEWHERE

# Of 24 in a million, walking meets one row in total / 1,000,000; gathering looks at all of them.
ROWS_OF_A_PAGE = 25


@dataclass(frozen=True)
class Search:
    """What is searched: for each word typed the forms that count as it."""

    forms: Sequence[Sequence[str]] = field(default_factory=list)

    @property
    def each(self) -> list[str]:
        """For each word a tsquery that any of its forms answers."""
        return [" | ".join(quoted(one) for one in forms) for forms in self.forms]

    @property
    def elsewhere(self) -> str:
        """The search as a tsquery of bodies whose title lacks one of the words at least."""
        marked = (quoted(ELSEWHERE + one) for forms in self.forms for one in forms)
        return f"{self.query} & ({' | '.join(marked)})"

    @property
    def query(self) -> str:
        """The search as a tsquery: every word, in any of its forms."""
        return " & ".join(f"({one})" for one in self.each)


def quoted(word: str) -> str:
    """A word that means nothing else in a tsquery."""
    return f"'{word}'"


@dataclass(frozen=True)
class Listed:
    """The keys of a page's products in their order, with what stands beside them."""

    ids: list[UUID]
    facets: Facets
    next: str | None
    previous: str | None


def listed(wanted: Mapping[str, Any], search: Search | None = None) -> Listed:
    """The page that `wanted` asks for; call it within a snapshot."""
    name = wanted["sort"]
    sort = SORTS[POPULARITY if name == RELEVANCE and search is None else name]
    position = read_cursor(wanted["cursor"], sort) if wanted.get("cursor") else None
    found = measure(plan_of(wanted, search.forms if search else ()))
    rare = search is not None and _rare(found)
    text = search.query if search else ""
    counted = facets(found, wanted, text=text, rare=rare, unsure=_unsure(found))
    tiers = _tiers(found, wanted, sort, search, rare=rare)
    places = page(tiers, sort, position, wanted["limit"] + 1)
    more = len(places) > wanted["limit"]
    if more:
        places = places[1:] if position and position.back else places[:-1]
    onward, before = cursors(places, sort, position, more=more)
    return Listed([one.id for one in places], counted, onward, before)


def _rare(found: Measure) -> bool:
    """Whether some word is so rare that the bitmaps do not know it."""
    groups = enumerate(found.plan.groups)
    return any(one.filter == "text" and not found.terms.get(n) for n, one in groups)


def _unsure(found: Measure) -> bool:
    """Whether the bitmaps lack some form of a word, and so some of the products that have it."""
    groups = enumerate(found.plan.groups)
    return any(
        one.filter == "text" and len(found.terms.get(n, ())) < len(one.terms) for n, one in groups
    )


def _tiers(
    found: Measure, wanted: Mapping[str, Any], sort: Sort, search: Search | None, *, rare: bool
) -> list[Tier]:
    if search is None or sort.name != RELEVANCE:
        gather = rare or few(found, found.total(ALL))
        text = search.query if search else ""
        by_price = sort.keys[0] == "price"
        where = conditions(found, ALL, wanted, text=text, indexed=gather, by_price=by_price)
        return [Tier(where, gather)]
    in_titles = found.total(found.plan.title_mask)
    others = found.total(ALL) - in_titles
    query = search.query
    return [
        _tier(found, wanted, 1, query, query, gather=rare or few(found, in_titles)),
        _tier(found, wanted, 0, search.elsewhere, query, gather=rare or few(found, others)),
    ]


def _tier(
    found: Measure,
    wanted: Mapping[str, Any],
    title: int,
    text: str,
    in_title: str,
    *,
    gather: bool,
) -> Tier:
    """The products with all words in the title, or the others: some word is elsewhere only."""
    column = "title" if title else "body"
    sql, values = conditions(found, ALL, wanted, text=text, column=column, indexed=gather)
    if not title:  # a form of the word may be elsewhere while another is in the title
        sql, values = f"{sql} AND NOT p.title @@ %s::tsquery", [*values, in_title]
    return Tier((sql, values), gather, title)


def few(found: Measure, count: int) -> bool:
    """Whether gathering so many is quicker than walking the shelf until a page is full."""
    whole = found.chunks * CHUNK_BITS
    return count <= max(FEW, isqrt(ROWS_OF_A_PAGE * whole))
