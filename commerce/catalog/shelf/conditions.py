"""A plan as conditions on the rows of the shelf."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from commerce.catalog.shelf.filters import NOT_OF_ROWS
from commerce.catalog.shelf.measuring import Measure

Sql = tuple[str, list[Any]]
# Conditions that an index of the terms or words answers, and the same so that none can.
BY_INDEX = {"terms": "p.terms && %s::integer[]", "body": "p.body @@ %s::tsquery"}
ROW_BY_ROW = {
    "terms": "(p.terms || '{}'::integer[]) && %s::integer[]",
    "body": "(p.body || ''::tsvector) @@ %s::tsquery",
}


def conditions(
    found: Measure, mask: int, wanted: Mapping[str, Any], *, text: str = "", indexed: bool = True
) -> Sql:
    """What a row must be to pass the mask and hold the words of `text`, a tsquery."""
    form = BY_INDEX if indexed else ROW_BY_ROW
    parts: list[Sql] = [(form["body"], [text])] if text else []
    for number in sorted(found.plan.masks[mask]):
        group = found.plan.groups[number]
        if group.bound is not None:
            sign = "<=" if group.facet == "age_min" else ">="
            parts.append((f"p.{group.facet} {sign} %s", [group.bound]))
        elif group.filter == "price":
            parts += _prices(wanted)
        elif group.filter not in NOT_OF_ROWS:
            parts.append((form["terms"], [found.terms[number]]))
    return " AND ".join(sql for sql, _ in parts) or "TRUE", [one for _, its in parts for one in its]


def _prices(wanted: Mapping[str, Any]) -> Iterable[Sql]:
    bounds: dict[str, Decimal | None] = {
        ">=": wanted.get("min_price"),
        "<=": wanted.get("max_price"),
    }
    return [(f"p.price {sign} %s", [one]) for sign, one in bounds.items() if one is not None]
