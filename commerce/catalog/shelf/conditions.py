"""A plan as conditions on the rows of the shelf."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from commerce.catalog.shelf.filters import NOT_OF_ROWS
from commerce.catalog.shelf.measuring import Measure

EDGES = (("low", ">="), ("high", "<="))
Sql = tuple[str, list[Any]]


def conditions(
    found: Measure,
    mask: int,
    wanted: Mapping[str, Any],
    *,
    text: str = "",
    column: str = "body",
    indexed: bool = True,
    by_price: bool = False,
) -> Sql:
    """What a row must be to pass the mask and to hold in the column the words of a tsquery.

    Where no index of terms or words may be used, the planner is left to guess that half of the rows
    pass: so it walks the index of the order, as whoever has counted wants it to. Of prices it knows
    how many there are, and walking begins where the range does: `by_price` it is that of the groups
    too, else the cheapest of one category would be looked for among all that is cheaper elsewhere.
    """
    parts: list[Sql] = [(f"p.{column} @@ %s::tsquery", [text])] if text else []
    prices: list[Sql] = []
    for number in sorted(found.plan.masks[mask]):
        group = found.plan.groups[number]
        if group.bound is not None:
            sign = "<=" if group.facet == "age_min" else ">="
            parts.append((f"p.{group.facet} {sign} %s", [group.bound]))
        elif group.filter == "price":
            prices += _prices(wanted)
        elif group.filter not in NOT_OF_ROWS:
            parts.append(("p.terms && %s::integer[]", [found.terms[number]]))
    if by_price and not indexed:
        prices += _kept(found, mask)
    if parts and not indexed:
        parts = [(unindexed(_all(parts)[0]), _all(parts)[1])]
    return _all([*parts, *prices])


def _all(parts: Sequence[Sql]) -> Sql:
    sql = " AND ".join(part for part, _ in parts) or "TRUE"
    return sql, [one for _, values in parts for one in values]


def unindexed(sql: str) -> str:
    """The condition in a form that is looked at row by row."""
    return f"CASE WHEN {sql} THEN TRUE ELSE FALSE END"


def _kept(found: Measure, mask: int) -> Iterable[Sql]:
    """The prices between which all products of the mask's categories, brands or genders lie."""
    for number in sorted(found.plan.masks[mask]):
        bounds = found.bounds.get(number, {})
        yield from (
            (f"p.price {sign} %s", [bounds[edge]]) for edge, sign in EDGES if edge in bounds
        )


def _prices(wanted: Mapping[str, Any]) -> Iterable[Sql]:
    bounds: dict[str, Decimal | None] = {
        ">=": wanted.get("min_price"),
        "<=": wanted.get("max_price"),
    }
    return [(f"p.price {sign} %s", [one]) for sign, one in bounds.items() if one is not None]
