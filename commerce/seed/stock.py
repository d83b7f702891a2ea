"""Receipts: how stock reaches the warehouses, before the opening and every month after it."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

from django.db.models import Sum

from commerce.catalog.models import Variant
from commerce.core.procedures import call
from commerce.inventory.models import Inventory, Warehouse
from commerce.seed.world import World

LINES_PER_RECEIPT = 250
NOT_STOCKED = 0.25  # of the variants in each warehouse
NOT_MADE_AGAIN = 0.6  # of what runs out, each month
RUNNING_OUT = 2
SOLD_OUT = 0.03  # of the variants, and of whole products, had gone before the story begins

Lines = list[dict[str, Any]]


def open_with(world: World, chance: random.Random) -> None:
    """Fill the warehouses: popular variants deep, no place with all of them."""
    products = list(dict.fromkeys(variant.product_id for variant in world.variants))
    gone = set(chance.sample(products, round(len(products) * SOLD_OUT)))
    stocked = [
        variant
        for variant in world.variants
        if variant.product_id not in gone and chance.random() > SOLD_OUT
    ]
    for place in world.warehouses:
        lines = [
            _line(variant, place, chance.randint(1, 6) + int(world.appeal[variant.id]))
            for variant in stocked
            if chance.random() > NOT_STOCKED
        ]
        _receive(f"GRN-{place.code}-OPENING", lines, "Opening stock")


def restock(world: World, chance: random.Random, number: int) -> None:
    """Order again some of what was sold until little or nothing was left."""
    left = dict(Inventory.objects.values_list("variant_id").annotate(units=Sum("on_hand")))
    low = [
        variant
        for variant in world.variants
        if left.get(variant.id, RUNNING_OUT + 1) <= RUNNING_OUT and chance.random() > NOT_MADE_AGAIN
    ]
    for place in world.warehouses:
        lines = [
            _line(variant, place, chance.randint(3, 9))
            for variant in low
            if chance.random() > NOT_STOCKED
        ]
        _receive(f"GRN-{place.code}-{number:03d}", lines, "Replenishment")


def _line(variant: Variant, place: Warehouse, quantity: int) -> dict[str, Any]:
    return {"sku": variant.sku, "warehouse": place.code, "quantity": quantity}


def _receive(reference: str, lines: Lines, reason: str) -> None:
    for part, chunk in enumerate(_chunks(lines), start=1):
        call(
            "increase_inventory",
            p_kind="receipt",
            p_reference=f"{reference}-{part}",
            p_lines=chunk,
            p_reason=reason,
        )


def _chunks(lines: Lines) -> Iterator[Lines]:
    for start in range(0, len(lines), LINES_PER_RECEIPT):
        yield lines[start : start + LINES_PER_RECEIPT]
