"""The shape of a product kind: everything about a product except what is drawn on it."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of product, from which several products with different motifs are made.

    `low` and `high` bound the selling price in rupees; `gst` is (rate up to 2,500 rupees, above).
    `weight` is how many of a shop's products are of this kind, relative to the others.
    """

    name: str
    category: str
    brands: str
    sizes: str
    colours: str
    motifs: str
    low: int
    high: int
    hsn: str
    gst: tuple[int, int]
    about: tuple[str, ...]
    gender: str = "unisex"
    weight: int = 2
    attributes: dict[str, str] = field(default_factory=dict)


CLOTHING_GST = (5, 18)
FOOTWEAR_GST = (5, 18)
TOY_GST = (5, 5)
ELECTRIC_TOY_GST = (18, 18)
SCHOOL_GST = (18, 18)
STATIONERY_GST = (5, 5)
