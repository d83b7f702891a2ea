"""A load in bulk repeats itself, refuses to mix, and is all or nothing."""

from __future__ import annotations

import io

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError

from commerce.accounts.models import User
from commerce.catalog.models import Product
from commerce.seed.scale.load import TABLES
from tests.seed.conftest import bulk, rows
from tests.shop.fixtures import empty_tables

STRUCTURE = """
SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
WHERE connamespace = 'public'::regnamespace
UNION ALL
SELECT indrelid::regclass::text, indexrelid::regclass::text, pg_get_indexdef(indexrelid)
FROM pg_index JOIN pg_class c ON c.oid = indrelid WHERE c.relnamespace = 'public'::regnamespace
ORDER BY 1, 2, 3
"""


def digests() -> dict[str, str]:
    """Return a digest of all that is in each table."""
    return {
        table: rows(f"SELECT md5(string_agg(t::text, '|' ORDER BY id)) FROM {table} t")[0][0]
        for table in TABLES
    }


def test_the_same_number_makes_the_same_rows_and_leaves_the_structure(empty: None) -> None:
    structure = rows(STRUCTURE)
    bulk(60, 80)
    first = digests()
    empty_tables()
    bulk(60, 80)
    again = digests()
    empty_tables()
    bulk(60, 80, random_seed=8)
    other = digests()

    assert again == first
    assert [table for table in TABLES if other[table] == first[table]] == []
    assert rows(STRUCTURE) == structure


def test_a_load_that_fails_leaves_nothing_behind(empty: None) -> None:
    User.objects.create(phone="+919000000037")  # the number of the first made-up customer
    structure = rows(STRUCTURE)

    with pytest.raises(DatabaseError, match="users_phone"):
        bulk(20, 20)

    assert User.objects.count() == 1
    assert Product.objects.count() == 0
    assert rows(STRUCTURE) == structure


def test_the_command_loads_in_bulk_and_refuses_to_mix_with_customers(
    empty: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEED_ADMIN_PASSWORD", "a long enough pass phrase")
    said = io.StringIO()

    call_command("seed", "--products", "20", "--orders", "25", stdout=said)

    assert "\n25 orders in " in said.getvalue()
    assert (Product.objects.count(), User.objects.filter(is_staff=False).count()) == (20, 5)
    empty_tables()
    User.objects.create(phone="+919812345678")
    with pytest.raises(CommandError, match="customers already"):
        call_command("seed", "--products", "20", "--orders", "25")
    assert Product.objects.count() == 0
