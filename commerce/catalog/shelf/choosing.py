"""The first products of several choices at once, in two statements however many there are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from commerce.catalog.shelf.conditions import conditions
from commerce.catalog.shelf.filters import Plan, groups_of
from commerce.catalog.shelf.lists import few
from commerce.catalog.shelf.measuring import Measure, measure
from commerce.catalog.shelf.paging import SORTS, Sort, Tier, first_of
from commerce.core.replica import reading

NO_PRICES = -1  # no mask: nobody asks for the cheapest and the dearest


@dataclass(frozen=True)
class Choice:
    """Products that pass filters named as a product list names them, the first few of a sort."""

    wanted: Mapping[str, Any]
    sort: str
    limit: int


@dataclass(frozen=True)
class Chosen:
    """What a choice found: the keys of its products in order, and how many there are in all."""

    ids: list[UUID]
    total: int


def choose(choices: Sequence[Choice]) -> list[Chosen]:
    """The products of each choice, in the order of the choices."""
    if not choices:
        return []
    plan, masks = _plan(choices)
    found = measure(plan)
    parts = []
    for number, (one, mask) in enumerate(zip(choices, masks, strict=True)):
        gather = few(found, found.total(mask))
        by_price = _sort(one).keys[0] == "price"
        where = conditions(found, mask, one.wanted, indexed=gather, by_price=by_price)
        tier = Tier(where, gather)
        parts.append(first_of(number, tier, _sort(one), one.limit))
    sql = " UNION ALL ".join(f"({part})" for part, _ in parts)
    ids: list[list[UUID]] = [[] for _ in choices]
    with reading().cursor() as cursor:
        cursor.execute(f"{sql} ORDER BY 1, 2", [one for _, values in parts for one in values])
        for number, _, key in cursor.fetchall():
            ids[number].append(key)
    return [Chosen(of, _total(found, mask, of)) for of, mask in zip(ids, masks, strict=True)]


def _plan(choices: Sequence[Choice]) -> tuple[Plan, list[int]]:
    """One plan of all the choices, and the mask of each; equal ones share theirs."""
    plan, masks = Plan(price_mask=NO_PRICES), []
    for one in choices:
        numbers = []
        for group in groups_of(one.wanted, ()):
            if group not in plan.groups:
                plan.groups.append(group)
            numbers.append(plan.groups.index(group))
        masks.append(plan.mask(numbers))
    return plan, masks


def _sort(choice: Choice) -> Sort:
    return SORTS[choice.sort]


def _total(found: Measure, mask: int, ids: Sequence[UUID]) -> int:
    """How many pass; a sample may have missed the few that there are."""
    return max(found.total(mask), len(ids))
