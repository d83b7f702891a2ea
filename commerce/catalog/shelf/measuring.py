"""Counts over the bitmaps, in one statement whatever the filters.

Of a shelf of many chunks only the first few are counted. A chunk is every n-th product, so the
counts of some are a fair sample of all; `share` says by what to divide them.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from commerce.catalog.shelf.filters import Group, Plan
from commerce.catalog.shelf.terms import OF_OFFERS, PAISE_BITS, PRICE_BITS, SCOPES
from commerce.core import prepared

WHOLE = -1  # instead of a group
SAMPLED = 3  # chunks that are counted at most

EDGES = {"min": "low", "max": "high"}
FOLDER = Path(__file__).parent / "sql"


@cache
def _statement(name: str, sampled: int) -> str:
    """A statement without its comments and blanks, which would be read at each use."""
    text = (FOLDER / f"{name}.sql").read_text(encoding="utf-8")
    text = text.replace("{sampled}", str(sampled)).replace("{price_bits}", str(PRICE_BITS))
    return " ".join(re.sub(r"--.*", "", text).split())


@dataclass
class Measure:
    """What the bitmaps say of a plan: the terms of its groups, sizes of masks, counts, prices.

    `bounds` are the lowest and the highest price in a group, where they are kept ready.
    """

    plan: Plan
    chunks: int = 0
    terms: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    totals: dict[int, int] = field(default_factory=dict)
    exact: set[int] = field(default_factory=set)
    counts: dict[str, dict[str, tuple[str, int]]] = field(default_factory=lambda: defaultdict(dict))
    prices: dict[str, Decimal] = field(default_factory=dict)
    bounds: dict[int, dict[str, Decimal]] = field(default_factory=lambda: defaultdict(dict))

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
    found = Measure(plan)
    scopes = [_scope(plan, groups) for groups in plan.masks]
    if None in scopes or len(plan.groups) > 1:
        params = {"plan": json.dumps(_parameters(plan))}
        for row in prepared.public_rows(_statement("measure", SAMPLED), params):
            _take(found, **row)
        return found
    for row in prepared.public_rows(_statement("kept", SAMPLED), _kept(plan, scopes)):
        _take(found, **row)
    if plan.price_mask >= 0:
        edges = found.bounds[scopes[plan.price_mask] or 0]
        found.prices = {name: edges[edge] for name, edge in EDGES.items() if edge in edges}
    return found


def _take(found: Measure, kind: str, name: str, value: str, number: int, label: str) -> None:
    if kind == "count":
        found.counts[name][value] = (label, number)
    elif kind == "state":
        found.chunks = number
    elif kind == "group":
        found.terms[int(name)].append(number)
    elif kind in {"sampled", "exact"}:
        found.totals[int(name)] = number
        if kind == "exact":
            found.exact.add(int(name))
    elif kind == "scope":
        every = enumerate(found.plan.masks)
        masks = [n for n, groups in every if _scope(found.plan, groups) == int(name)]
        found.totals |= dict.fromkeys(masks, number)
        found.exact.update(masks)
    elif kind == "code":
        paise = number % (1 << PAISE_BITS)
        found.prices[name] = Decimal(number >> PAISE_BITS) + Decimal(paise) / 100
    elif kind == "price":
        found.prices[name] = Decimal(label)
    else:
        found.bounds[int(name)][kind] = Decimal(label)


def _kept(plan: Plan, scopes: Sequence[int | None]) -> dict[str, Any]:
    """What the counts kept ready are asked for, where they are enough."""
    (group,) = plan.groups or (Group("", ""),)
    (value,) = [one.value for one in group.terms] or group.named or ("",)
    whole = [one.family for one in plan.counted if scopes[one.mask] == WHOLE]
    own = [one.family for one in plan.counted if scopes[one.mask] != WHOLE]
    return {
        "scope_facet": group.facet,
        "scope_value": value,
        "of_whole": f"{{{','.join(whole)}}}",
        "of_scope": f"{{{','.join(own)}}}",
    }


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
        "groups": [n for n, _ in listed],
        "facets": [one.facet for _, one in listed],
        "texts": [one.value for _, one in listed],
        "others": [one.other for _, one in listed],
        "cased_groups": [n for n, _ in cased],
        "cased_facets": [one.facet for _, one in cased],
        "cased_texts": [one.value for _, one in cased],
        "cased_others": [one.other for _, one in cased],
        "named_groups": [n for n, _, _ in named],
        "named_facets": [facet for _, facet, _ in named],
        "slugs": [slug for _, _, slug in named],
        "bound_groups": [n for n, _, _ in bound],
        "bound_facets": [facet for _, facet, _ in bound],
        "bounds": [number for _, _, number in bound],
        "scope_masks": [mask for mask, _ in scoped],
        "scope_groups": [group for _, group in scoped],
        "masks": [mask for mask, _, _ in masked],
        "mask_groups": [group for _, group, _ in masked],
        "mask_sizes": [size for _, _, size in masked],
        "masked": sorted({group for _, group, _ in masked}),
        "count_names": [one.name for one in plain],
        "count_families": [one.family for one in plain],
        "count_masks": [one.mask for one in plain],
        "pair_names": [one.name for one, _ in pairs],
        "pair_families": [one.family for one, _ in pairs],
        "pair_masks": [one.mask for one, _ in pairs],
        "pair_bys": [one.by for one, _ in pairs],
        "pair_partners": [partner for _, partner in pairs],
        "single": [n for n, one in enumerate(plan.groups) if one.single and one.facet in SCOPES],
        "price_mask": plan.price_mask,
        "price_group": next(
            (n for n, one in enumerate(plan.groups) if one.filter == "price"), None
        ),
        "low": plan.low,
        "high": plan.high,
    }


def _scope(plan: Plan, groups: frozenset[int]) -> int | None:
    """The group whose counts are kept ready for the mask, WHOLE for those of all."""
    if not groups:
        return WHOLE
    (first, *more) = groups
    group = plan.groups[first]
    return first if not more and group.single and group.facet in SCOPES else None
