"""Counts over the bitmaps, in one statement whatever the filters.

Of a shelf of many chunks only the first few are counted. A chunk is every n-th product, so the
counts of some are a fair sample of all; `share` says by what to divide them.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from commerce.catalog.shelf.filters import Plan
from commerce.catalog.shelf.terms import OF_OFFERS, PAISE_BITS, PRICE_BITS, SCOPES
from commerce.core.replica import reading

SAMPLED = 3  # chunks that are counted at most

FOLDER = Path(__file__).parent / "sql"
MEASURE = (FOLDER / "measure.sql").read_text(encoding="utf-8")
PRICES = (FOLDER / "prices.sql").read_text(encoding="utf-8")
ZERO = "(SELECT repeat('0', width::integer)::bit varying FROM state)"


@dataclass
class Measure:
    """What the bitmaps say of a plan: the terms of its groups, sizes of masks, counts, prices."""

    plan: Plan
    chunks: int = 0
    terms: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    totals: dict[int, int] = field(default_factory=dict)
    exact: set[int] = field(default_factory=set)
    counts: dict[str, dict[str, tuple[str, int]]] = field(default_factory=lambda: defaultdict(dict))
    prices: dict[str, Decimal] = field(default_factory=dict)

    def sampled(self, mask: int) -> bool:
        """Whether the mask was counted in part of the chunks only."""
        return self.chunks > SAMPLED and mask not in self.exact

    def total(self, mask: int) -> int:
        """How many products pass the mask, a good guess where it was sampled."""
        return self.scaled(mask, self.totals.get(mask, 0))

    def scaled(self, mask: int, count: int) -> int:
        """The count of a sample, for the whole shelf."""
        return round(count * self.chunks / SAMPLED) if self.sampled(mask) else count


def measure(plan: Plan) -> Measure:
    """Count the plan's facets and masks over the bitmaps, or take the counts kept ready."""
    price = next((n for n, one in enumerate(plan.groups) if one.filter == "price"), None)
    sql = MEASURE.replace("{price_group}", _price_group(plan) if price is not None else "")
    with reading().cursor() as cursor:
        cursor.execute(sql, {**_parameters(plan), "price_group": price})
        rows = cursor.fetchall()
    found = Measure(plan)
    for kind, name, value, number, label in rows:
        _take(found, kind, name, value, number, label)
    return found


def _take(found: Measure, kind: str, name: str, value: str, number: Decimal, label: str) -> None:
    if kind == "state":
        found.chunks = int(number)
    elif kind == "group":
        found.terms[int(name)].append(int(number))
    elif kind in {"sampled", "exact"}:
        found.totals[int(name)] = int(number)
        if kind == "exact":
            found.exact.add(int(name))
    elif kind == "count":
        found.counts[name][value] = (label, int(number))
    elif kind == "code":
        code = int(number)
        found.prices[name] = Decimal(code >> PAISE_BITS) + Decimal(code % (1 << PAISE_BITS)) / 100
    else:
        found.prices[name] = number


def _parameters(plan: Plan) -> dict[str, Any]:
    given = [(n, one) for n, group in enumerate(plan.groups) for one in group.terms]
    listed = [(n, one) for n, one in given if one.facet not in OF_OFFERS]
    cased = [(n, one) for n, one in given if one.facet in OF_OFFERS]
    named = [(n, g.facet, slug) for n, g in enumerate(plan.groups) for slug in g.named]
    bound = [(n, g.facet, g.bound) for n, g in enumerate(plan.groups) if g.bound is not None]
    scoped, masked = [], []
    for mask, groups in enumerate(plan.masks):
        scope = _scope(plan, groups)
        if scope is None:
            masked += [(mask, n, len(groups)) for n in groups]
        else:
            scoped.append((mask, scope))
    plain = [one for one in plan.counted if not one.partners]
    pairs = [(one, partner) for one in plan.counted for partner in one.partners]
    return {
        "sampled": SAMPLED,
        "price_bits": PRICE_BITS,
        "group": [n for n, _ in listed],
        "facet": [one.facet for _, one in listed],
        "value": [one.value for _, one in listed],
        "other": [one.other for _, one in listed],
        "cased_group": [n for n, _ in cased],
        "cased_facet": [one.facet for _, one in cased],
        "cased_value": [one.value for _, one in cased],
        "cased_other": [one.other for _, one in cased],
        "named_group": [n for n, _, _ in named],
        "named_facet": [facet for _, facet, _ in named],
        "slug": [slug for _, _, slug in named],
        "bound_group": [n for n, _, _ in bound],
        "bound_facet": [facet for _, facet, _ in bound],
        "bound": [number for _, _, number in bound],
        "scope_mask": [mask for mask, _ in scoped],
        "scope_group": [group for _, group in scoped],
        "mask": [mask for mask, _, _ in masked],
        "mask_group": [group for _, group, _ in masked],
        "mask_size": [size for _, _, size in masked],
        "masked": sorted({group for _, group, _ in masked}),
        "count_name": [one.name for one in plain],
        "count_family": [one.family for one in plain],
        "count_mask": [one.mask for one in plain],
        "pair_name": [one.name for one, _ in pairs],
        "pair_family": [one.family for one, _ in pairs],
        "pair_mask": [one.mask for one, _ in pairs],
        "pair_by": [one.by for one, _ in pairs],
        "pair_partner": [partner for _, partner in pairs],
        "price_mask": plan.price_mask,
    }


def _scope(plan: Plan, groups: frozenset[int]) -> int | None:
    """The group whose counts are kept ready for the mask, -1 for those of the whole shelf."""
    if not groups:
        return -1
    (first, *more) = groups
    group = plan.groups[first]
    return first if not more and group.single and group.facet in SCOPES else None


def _price_group(plan: Plan) -> str:
    """The bitmap of a range of prices, from those of the bits of the price."""
    conditions = ["s.every"]
    if plan.low is not None:
        conditions.append(_at_least(plan.low))
    if plan.high is not None:
        conditions.append(f"~({_at_least(plan.high)})")
    slices = ", ".join(
        f"COALESCE(bit_or(b.bits) FILTER (WHERE t.facet = 'price' AND t.value = '{bit}'), {ZERO}) "
        f"AS s{bit}"
        for bit in range(PRICE_BITS)
    )
    return PRICES.format(condition=" & ".join(conditions), slices=slices)


def _at_least(code: int) -> str:
    """The products whose price has this code or a higher one (O'Neil and Quass, bit slices)."""
    if code >> PRICE_BITS:
        return ZERO
    passing = "s.every"
    for bit in range(PRICE_BITS):
        if passing == "s.every" and not code >> bit & 1:
            continue  # every product passes a bound whose lower bits are all zero
        passing = f"(s.s{bit} {'&' if code >> bit & 1 else '|'} {passing})"
    return passing
