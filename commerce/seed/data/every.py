"""Every kind of product that the shop has."""

from __future__ import annotations

from commerce.seed.data import baby, boys, footwear, girls, school, toys

KINDS = (
    *girls.KINDS,
    *boys.KINDS,
    *baby.KINDS,
    *toys.KINDS,
    *school.KINDS,
    *footwear.KINDS,
)
