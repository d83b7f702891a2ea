"""The facets of a list: exact where that is cheap, else estimated from a part of the shelf."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from math import floor, log10
from typing import Any, NamedTuple

from commerce.catalog.shelf.conditions import conditions
from commerce.catalog.shelf.filters import ALL, Counted
from commerce.catalog.shelf.measuring import Measure
from commerce.core.replica import reading

FEW = 1_000  # products that are looked at one by one
DIGITS = 2  # of an estimate


class Value(NamedTuple):
    """A value of a facet with its name and how many products have it."""

    value: str
    label: str
    number: int


@dataclass
class Facets:
    """The counts of a list; `approximate` names those that are estimates."""

    total: int
    values: dict[str, list[Value]]
    stocked: int
    prices: Mapping[str, Decimal]
    approximate: list[str]


LOOK = """
SELECT %s AS name, COALESCE(c.slug, b.slug, x.value) AS value, count(*) AS number,
       COALESCE(c.name, b.name, x.value) AS label
FROM (
    SELECT DISTINCT r.product_id, CASE %s WHEN 'other' THEN t.other ELSE t.value END AS value
    FROM rows_{mask} r, unnest(r.terms || r.figures) AS n JOIN shelf_terms t ON t.id = n
    WHERE t.facet = %s AND (cardinality(%s::text[]) = 0
          OR lower(CASE %s WHEN 'other' THEN t.value ELSE t.other END) = ANY(%s::text[]))
) x
LEFT JOIN categories c ON c.id = CASE WHEN {category} THEN x.value::uuid END
LEFT JOIN brands b ON b.id = CASE WHEN {brand} THEN x.value::uuid END
GROUP BY 1, 2, 4
"""


def facets(
    found: Measure,
    wanted: Mapping[str, Any],
    *,
    text: str = "",
    rare: bool = False,
    unsure: bool = False,
) -> Facets:
    """The facets of a measured plan; few products are counted exactly, by looking at them.

    Where the bitmaps are `unsure`, they know most of what they count: more than a few are said to
    be estimates.
    """
    few = {
        mask
        for mask in range(len(found.plan.masks))
        if rare or ((unsure or found.sampled(mask)) and found.total(mask) <= FEW)
    }
    if few:
        _look(found, wanted, few, text)
    masks = {one.name: one.mask for one in found.plan.counted}
    masks |= {"price": found.plan.price_mask, "total": ALL}
    stocked = found.plan.stocked_mask
    if stocked is not None:
        masks["stock"] = stocked
        found.counts["stock"]["true"] = ("", found.totals.get(stocked, 0))
    return Facets(
        total=_count(found, ALL, found.totals.get(ALL, 0)),
        values={one.name: _values(found, one) for one in found.plan.counted},
        stocked=_count(found, masks["stock"], found.counts["stock"].get("true", ("", 0))[1]),
        prices=found.prices,
        approximate=sorted(
            name
            for name, mask in masks.items()
            if found.sampled(mask) or (unsure and mask not in few)
        ),
    )


def _count(found: Measure, mask: int, count: int) -> int:
    if not found.sampled(mask) or not count:
        return count
    scaled = found.scaled(mask, count)
    step = 10 ** max(0, floor(log10(scaled)) - DIGITS + 1)
    return int(round(scaled / step) * step)


def _values(found: Measure, counted: Counted) -> list[Value]:
    values = found.counts[counted.name].items()
    if not found.sampled(counted.mask):
        return [Value(value, label, count) for value, (label, count) in values]
    return [
        Value(value, label, _count(found, counted.mask, count)) for value, (label, count) in values
    ]


def _look(found: Measure, wanted: Mapping[str, Any], few: set[int], text: str) -> None:
    """Count the facets of these masks by their rows, in one statement."""
    tables, parts, values = [], [], []
    for mask in sorted(few):
        where, given = conditions(found, mask, wanted, text=text)
        tables.append(
            f"rows_{mask} AS MATERIALIZED (SELECT p.product_id, p.price, p.terms, p.figures "
            f"FROM shelf_products p WHERE {where})"
        )
        values += given
        name = f"rows_{mask}"
        parts.append(f"SELECT 'total', '{mask}', count(*), '' FROM {name}")
    for one in found.plan.counted:
        if one.mask in few:
            parts.append(
                LOOK.format(
                    mask=one.mask,
                    category=str(one.name == "category").upper(),
                    brand=str(one.name == "brand").upper(),
                )
            )
            partners = [partner.lower() for partner in one.partners]
            values += [one.name, one.by, one.family, partners, one.by, partners]
            found.counts[one.name] = {}
    if found.plan.price_mask in few:
        for edge in ("min", "max"):
            parts.append(
                f"SELECT 'price', '{edge}', {edge}(price), '' FROM rows_{found.plan.price_mask}"
            )
        found.prices.clear()
    with reading().cursor() as cursor:
        cursor.execute(f"WITH {', '.join(tables)} {' UNION ALL '.join(parts)}", values)
        for name, value, number, label in cursor.fetchall():
            if name == "total":
                found.totals[int(value)] = int(number)
                found.exact.add(int(value))
            elif name == "price":
                if number is not None:
                    found.prices[value] = number
            else:
                found.counts[name][value] = (label, int(number))
