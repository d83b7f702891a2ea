"""`manage.py seed`: the same shop for the same number, and never on top of another."""

from __future__ import annotations

import hashlib
import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from commerce.accounts.models import Address, User
from commerce.catalog.models import Product, ProductImage, Variant
from commerce.inventory.models import StockLedgerEntry
from commerce.orders.models import OrderEvent, OrderItem
from commerce.payments.models import Refund
from commerce.seed import people
from tests.seed.conftest import made_up
from tests.shop.builder import Shop
from tests.shop.fixtures import empty_tables

SMALL = ("--customers", "5", "--products", "12", "--months", "1", "--random-seed", "3")


def content() -> dict[str, Any]:
    """All that a visitor could tell one made-up shop from another by, keys of orders left out."""
    rows: dict[str, Any] = {
        "users": User.objects.order_by("phone").values_list("id", "phone", "name", "email"),
        "addresses": Address.objects.order_by("id").values_list("id", "line1", "line2", "pincode"),
        "products": Product.objects.order_by("slug").values_list("id", "slug", "rating"),
        "variants": Variant.objects.order_by("sku").values_list("id", "sku", "price", "mrp"),
        "images": ProductImage.objects.order_by("id").values_list("id", "image"),
        "lines": OrderItem.objects.order_by("order__placed_at", "sku").values_list(
            "order__user__phone", "order__total", "sku", "quantity", "line_total", "warehouse__code"
        ),
        "events": OrderEvent.objects.order_by("order__placed_at", "seq").values_list(
            "order__user__phone", "seq", "to_status", "note"
        ),
        "refunds": Refund.objects.order_by("amount").values_list("amount", "status", "reason"),
        "stock": StockLedgerEntry.objects.order_by("variant__sku", "seq").values_list(
            "variant__sku", "warehouse__code", "kind", "delta", "on_hand_after"
        ),
    }
    return {
        name: (
            len(found),
            hashlib.sha256(json.dumps(list(found), default=str).encode()).hexdigest(),
        )
        for name, found in rows.items()
    }


def test_the_same_number_makes_the_same_shop_and_another_does_not(empty: None) -> None:
    made_up(random_seed=7)
    first = content()
    empty_tables()
    made_up(random_seed=7)
    again = content()
    empty_tables()
    made_up(random_seed=8)
    other = content()

    assert again == first
    assert all(other[name] != first[name] for name in ("users", "products", "lines", "stock"))


def test_the_command_fills_a_shop_and_shows_its_progress(
    empty: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEED_ADMIN_PASSWORD", "a long enough pass phrase")
    said = io.StringIO()

    call_command("seed", *SMALL, stdout=said)

    lines = said.getvalue().splitlines()
    assert "12 products …" in lines
    assert "5 customers …" in lines
    assert lines[-1] == "administrator +919900000001, password as in SEED_ADMIN_PASSWORD"
    admin = User.objects.get(phone="+919900000001")
    assert (admin.is_superuser, admin.is_staff) == (True, True)
    assert admin.check_password("a long enough pass phrase")


def test_a_password_is_made_up_when_none_is_given(
    empty: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SEED_ADMIN_PASSWORD", raising=False)

    admin, password = people.administrator()

    assert len(password) == 12
    assert admin.check_password(password)


def test_a_seeding_that_was_interrupted_starts_over(
    shop: Shop, settings: Any, tmp_path: Path
) -> None:
    settings.DATA_DIR = tmp_path
    settings.DATABASE_URL = ""
    (tmp_path / "seed-unfinished").touch()
    shop.delivered({shop.variant(): 1})
    said = io.StringIO()

    call_command("seed", *SMALL, "--if-empty", stdout=said)

    assert said.getvalue().startswith("the last seeding did not finish; starting over …\n")
    assert Product.objects.count() == 12
    assert not (tmp_path / "seed-unfinished").exists()


def test_it_refuses_to_mix_with_a_shop(shop: Shop) -> None:
    shop.product()

    with pytest.raises(CommandError, match="products already"):
        call_command("seed", *SMALL)

    assert Product.objects.count() == 1


def test_if_empty_leaves_a_shop_as_it_is(shop: Shop) -> None:
    shop.product()
    said = io.StringIO()

    call_command("seed", "--if-empty", stdout=said)

    assert said.getvalue() == "the shop has products already; nothing to do\n"
    assert Product.objects.count() == 1
