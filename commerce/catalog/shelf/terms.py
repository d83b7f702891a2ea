"""What a product has, as terms: one term for each value that a list filters by or counts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

PAISE_BITS = 7  # 100 paise fit; whole rupees leave these slices empty
PRICE_BITS = PAISE_BITS + 17  # up to 131,071.99 rupees; what is dearer counts as that
PRICE_MAX = (1 << PRICE_BITS) - 1
DISCOUNT_STEPS = (10, 20, 30, 40, 50, 60, 70)
RATING_STEPS = (1, 2, 3, 4)
AGE_BANDS = {  # from the first month up to, not including, the second
    "0-6m": (0, 6),
    "6-12m": (6, 12),
    "1-2y": (12, 24),
    "2-4y": (24, 48),
    "4-6y": (48, 72),
    "6-8y": (72, 96),
    "8-10y": (96, 120),
    "10-12y": (120, 144),
    "12y+": (144, 217),
}
# Terms by which rows are found; the others are only counted.
FOUND_BY = frozenset(
    {"within", "brand", "gender", "size", "colour", "pair", "size+", "colour+", "pair+"}
    | {"stock", "age", "discount", "rating"}
)
OF_OFFERS = frozenset({"size", "colour", "pair", "size+", "colour+", "pair+"})
SCOPES = frozenset({"within", "brand", "gender"})
COUNTED = frozenset(
    {"category", "brand", "gender", "size", "colour", "age", "discount", "rating", "stock"}
    | {"size+", "colour+"}
)


class Term(NamedTuple):
    """A value of a facet; a size with a colour is one term, since one variant has both."""

    facet: str
    value: str
    other: str = ""


EVERY = Term("every", "")  # which each product has
PRICE_SLICES = [Term("price", str(bit)) for bit in range(PRICE_BITS)]


@dataclass(frozen=True, slots=True)
class Offer:
    """What a shopper could choose of a product, and whether any warehouse has it."""

    size: str
    colour: str
    stocked: bool


@dataclass(frozen=True, slots=True)
class Facts:
    """What the shelf copies of one visible product; price and discount are the cheapest offer's."""

    id: UUID
    brand: UUID
    category: UUID
    within: tuple[UUID, ...]
    gender: str
    age_min: int
    age_max: int
    rating: Decimal
    rating_count: int
    popularity: int
    published_at: datetime
    price: Decimal
    discount: int
    offers: tuple[Offer, ...]
    name: str
    labels: str
    text: str


def price_code(price: Decimal) -> int:
    """A whole number that sorts as the price does: rupees in the high bits, paise in the low."""
    rupees = int(price)
    return min((rupees << PAISE_BITS) | int((price - rupees) * 100), PRICE_MAX)


def terms_of(facts: Facts) -> set[Term]:
    """Every term of a product but its words."""
    found = {Term("within", str(one)) for one in facts.within}
    found |= {
        Term("category", str(facts.category)),
        Term("brand", str(facts.brand)),
        Term("gender", facts.gender),
        Term("age_min", str(facts.age_min)),
        Term("age_max", str(facts.age_max)),
    }
    found.update(_of_offers(facts.offers))
    found.update(_steps("discount", DISCOUNT_STEPS, facts.discount))
    found.update(_steps("rating", RATING_STEPS, facts.rating))
    found.update(
        Term("age", band)
        for band, (first, end) in AGE_BANDS.items()
        if facts.age_min < end and facts.age_max >= first
    )
    code = price_code(facts.price)
    found.update(PRICE_SLICES[bit] for bit in range(PRICE_BITS) if code >> bit & 1)
    found.add(EVERY)
    return found


def _of_offers(offers: Iterable[Offer]) -> Iterator[Term]:
    for one in offers:
        for mark in ("", "+") if one.stocked else ("",):
            yield Term(f"size{mark}", one.size)
            yield Term(f"colour{mark}", one.colour)
            yield Term(f"pair{mark}", one.size, one.colour)
        if one.stocked:
            yield Term("stock", "true")


def _steps(facet: str, steps: Iterable[int], value: int | Decimal) -> Iterator[Term]:
    return (Term(facet, str(step)) for step in steps if value >= step)
