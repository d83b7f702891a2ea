"""What a shopper asked for, as groups of terms and as conditions on rows.

A product passes a group when it has any of its terms, and is found when it passes every group. A
facet is counted over what the *other* filters leave, so each counted facet has a mask of its own: a
choice among the groups.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from commerce.catalog.shelf.terms import EVERY, PRICE_MAX, Term, price_code

OF_VARIANTS = frozenset({"size", "colour", "in_stock"})  # one variant must have all of them
PLAIN = {"gender": "gender", "discount": "discount", "rating": "rating", "age_band": "age"}
NOT_OF_ROWS = frozenset({"text", "title", "every"})
COUNTED = ("category", "brand", "gender", "age", "discount", "rating")
ALL = 0  # the mask of every filter


@dataclass(frozen=True)
class Group:
    """Some of the terms that a filter allows; `named` finds them by slug, `until` by number."""

    filter: str
    facet: str
    terms: Sequence[Term] = ()
    named: Sequence[str] = ()
    bound: int | None = None

    @property
    def single(self) -> bool:
        """Whether it allows one value only."""
        return len(self.terms) + len(self.named) == 1


@dataclass(frozen=True)
class Counted:
    """A facet to count: the family of its terms, the mask, and with a size or colour given whom."""

    name: str
    family: str
    mask: int
    by: str = "value"
    partners: Sequence[str] = ()


@dataclass
class Plan:
    """The groups of a request, the masks made of them, and which facet is counted over which."""

    groups: list[Group] = field(default_factory=list)
    masks: list[frozenset[int]] = field(default_factory=list)
    counted: list[Counted] = field(default_factory=list)
    price_mask: int = ALL
    stocked_mask: int | None = None
    title_mask: int = ALL
    low: int | None = None
    high: int | None = None

    def mask(self, groups: Iterable[int]) -> int:
        """The number of the mask of these groups."""
        wanted = frozenset(groups)
        if wanted not in self.masks:
            self.masks.append(wanted)
        return self.masks.index(wanted)


def plan_of(wanted: Mapping[str, Any], words: Sequence[Sequence[str]] = ()) -> Plan:
    """The plan of a list's query, and of the words that each of its search terms stands for."""
    plan = Plan(groups=list(groups_of(wanted, words)))
    if _bounds(plan, wanted):
        plan.groups.append(Group("price", "price"))
    chosen = range(len(plan.groups))
    filters = [one.filter for one in plan.groups]
    plan.mask(chosen)
    for name in COUNTED:  # a category divides into those below it, the others into their siblings
        left = [n for n in chosen if filters[n] != name or name == "category"]
        plan.counted.append(Counted(name, name, plan.mask(left)))
    plan.price_mask = plan.mask(n for n in chosen if filters[n] != "price")
    base = plan.mask(n for n in chosen if filters[n] != "variant")
    _count_variants(plan, wanted, base)
    if words:
        titles = [Group("title", "title", [Term("title", one) for one in of]) for of in words]
        left = [n for n in chosen if filters[n] != "text"]
        plan.title_mask = _more(plan, plan.mask(left), titles)
    return plan


def _more(plan: Plan, mask: int, groups: Sequence[Group]) -> int:
    """The mask of further groups with those of the mask given."""
    first = len(plan.groups)
    plan.groups += groups
    return plan.mask({*plan.masks[mask], *range(first, len(plan.groups))})


def groups_of(wanted: Mapping[str, Any], words: Sequence[Sequence[str]]) -> Iterable[Group]:
    """The groups of the filters and of the words, without the range of prices."""
    for forms in words:
        yield Group("text", "body", [Term("body", one) for one in forms])
    if slug := wanted.get("category"):
        yield Group("category", "within", named=[slug])
    if slugs := wanted.get("brand"):
        yield Group("brand", "brand", named=slugs)
    if (age := wanted.get("age")) is not None:
        yield Group("age", "age_min", bound=age)
        yield Group("age", "age_max", bound=age)
    for name, facet in PLAIN.items():
        if values := wanted.get(name):
            many = values if isinstance(values, list) else [values]
            yield Group(facet, facet, [Term(facet, str(one)) for one in many])
    if OF_VARIANTS & wanted.keys() and (terms := variant_terms(wanted)):
        yield Group("variant", terms[0].facet, terms)


def variant_terms(wanted: Mapping[str, Any]) -> list[Term]:
    """The terms of which a product has one when one of its variants is as wanted."""
    mark = "+" if wanted.get("in_stock") == "true" else ""
    sizes, colours = (list(dict.fromkeys(wanted.get(name, ()))) for name in ("size", "colour"))
    if sizes and colours:
        return [Term(f"pair{mark}", size, colour) for size in sizes for colour in colours]
    if sizes:
        return [Term(f"size{mark}", size) for size in sizes]
    if colours:
        return [Term(f"colour{mark}", colour) for colour in colours]
    return [Term("stock", "true")] if mark else []


def _count_variants(plan: Plan, wanted: Mapping[str, Any], base: int) -> None:
    """Sizes are counted of variants in the wanted colours, and colours in the wanted sizes."""
    mark = "+" if wanted.get("in_stock") == "true" else ""
    for name, by, partners in (
        ("size", "value", wanted.get("colour")),
        ("colour", "other", wanted.get("size")),
    ):
        if partners:
            mask = _more(plan, base, [Group("every", "every", [EVERY])])
            plan.counted.append(Counted(name, f"pair{mark}", mask, by, partners))
        else:
            plan.counted.append(Counted(name, f"{name}{mark}", base))
    if "size" in wanted or "colour" in wanted:
        stocked = variant_terms({**wanted, "in_stock": "true"})
        plan.stocked_mask = _more(plan, base, [Group("stock", "stock", stocked)])
    else:
        plan.counted.append(Counted("stock", "stock", base))


def _bounds(plan: Plan, wanted: Mapping[str, Any]) -> bool:
    """Set the bounds of the price as codes; whether there are any."""
    low: Decimal | None = wanted.get("min_price")
    high: Decimal | None = wanted.get("max_price")
    plan.low = min(price_code(low), PRICE_MAX) if low else None
    plan.high = price_code(high) + 1 if high is not None else None
    return plan.low is not None or plan.high is not None
