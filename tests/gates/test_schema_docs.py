"""The drawn schema and the models stay a pair."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

from commerce.core.schema_page import foreign_keys, schema_page, subjects

DOCS = Path(__file__).resolve().parents[2] / "docs"
AGGREGATES = (DOCS / "aggregates.md").read_text(encoding="utf-8")


def test_the_schema_reference_is_up_to_date() -> None:
    assert (DOCS / "schema.md").read_text(encoding="utf-8") == schema_page(), "run `make docs`"


def test_every_table_is_drawn_once() -> None:
    drawn = Counter(re.findall(r"^ {8}class (\w+)$", AGGREGATES, re.MULTILINE))
    tables = {model._meta.db_table for _, owned in subjects() for model in owned}

    assert {name for name, times in drawn.items() if times > 1} == set()
    assert set(drawn) == tables


def test_every_arrow_is_a_foreign_key() -> None:
    arrows = set(re.findall(r"^ {4}(\w+) (?:\*--|<--) (\w+)$", AGGREGATES, re.MULTILINE))
    keys = {
        (key.related_model._meta.db_table, model._meta.db_table)
        for _, owned in subjects()
        for model in owned
        for key in foreign_keys(model)
    }

    assert arrows
    assert arrows - keys == set()


def test_required_tables_exist() -> None:
    required = (
        "users otp_verifications categories products product_images inventory carts cart_items "
        "wishlists orders order_items payments refunds coupons coupon_usage addresses"
    ).split()
    tables = {model._meta.db_table for _, owned in subjects() for model in owned}

    assert set(required) - tables == set()


def test_every_table_has_the_common_columns() -> None:
    lacking = [
        model._meta.db_table
        for _, owned in subjects()
        for model in owned
        if not {"id", "created_at", "updated_at", "created_by_id"}
        <= {field.column for field in model._meta.local_fields}
        and not model._meta.auto_created
    ]

    assert lacking == []
