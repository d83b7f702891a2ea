"""Every table has its page in the admin, and only what people own can be changed there."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from commerce.accounts import tokens
from commerce.accounts.models import OtpIpCounter, OtpPhone, OtpVerification
from commerce.audit.models import AuditFinding, AuditRun
from commerce.catalog.models import HomeSection, ProductImage, SearchSynonym
from commerce.core.admin import ReadOnlyAdmin
from commerce.core.models import IdempotencyKey, InstalledProcedure, RateWindow, RequestInFlight
from commerce.core.procedures import call
from commerce.wishlist.models import Wishlist
from tests.shop.builder import Shop

SHOP_MODELS = [
    model
    for model in apps.get_models()
    if model.__module__.startswith("commerce.") and model._meta.managed
]
EDITABLE = {
    "Brand",
    "Category",
    "Coupon",
    "CouponScope",
    "HomeSection",
    "Product",
    "ProductImage",
    "SearchSynonym",
    "ServiceablePincode",
    "ShippingRule",
    "User",
    "Variant",
    "Warehouse",
    "WarehouseRegion",
}
MOST_QUERIES = 12


def url(model: Any, page: str, *args: Any) -> str:
    """The address of a model's page in the admin."""
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def full_shop(shop: Shop) -> None:
    """At least one row in every table."""
    user = shop.user(name="Asha Rao")
    shop.shipping_rule("0", "79")
    variant = shop.variant("500.00", stock=20)
    shop.coupon("SAVE10", scopes=[variant.product])
    order = shop.delivered({variant: 2}, user=user, coupon="SAVE10")
    item = order.items.get()
    call(
        "increase_inventory",
        p_kind="receipt",
        p_reference="GRN-1",
        p_lines=[{"sku": variant.sku, "warehouse": "BLR", "quantity": 1}],
    )
    call(
        "request_return",
        p_order_id=order.id,
        p_user_id=user.id,
        p_items=[{"order_item_id": str(item.id), "quantity": 1}],
        p_reason="Too small",
        p_window_days=15,
    )
    call(
        "initiate_refund",
        p_payment_id=order.payments.get().id,
        p_items=[{"order_item_id": str(item.id), "quantity": 1}],
        p_reason="Goodwill",
    )
    small_rows(user, variant)


def small_rows(user: Any, variant: Any) -> None:
    """Rows that no journey makes."""
    now = timezone.now()
    phone = user.phone
    Wishlist.objects.create(user=user, product=variant.product)
    ProductImage.objects.create(product=variant.product, image="a.jpg")
    HomeSection.objects.create(title="New", kind="newest")
    SearchSynonym.objects.create(words=["dress", "frock"])
    OtpPhone.objects.create(phone=phone, window_started_at=now)
    tokens.issue(user, tokens.Device("secret-device-id", "Asha's phone", "203.0.113.7"))
    OtpIpCounter.objects.create(ip="127.0.0.1", window_started_at=now)
    OtpVerification.objects.create(
        phone=phone, code_hash="secret-hash", expires_at=now + timedelta(minutes=5)
    )
    IdempotencyKey.objects.create(
        owner=user.id, key="k", fingerprint="f", procedure="create_order", body="secret-body"
    )
    RequestInFlight.objects.create(fingerprint="f", token=uuid.uuid4(), expires_at=now)
    RateWindow.objects.create(bucket="b", taken=1, ends_at=now)
    AuditRun.objects.create(trigger="schedule")
    AuditFinding.objects.create(
        invariant="outbox_moves", table="outbox", subject_id=user.id, last_seen_at=now
    )
    InstalledProcedure.objects.create(
        name="create_order", sha256="0" * 64, reviewer="Asha Rao", reviewed_on=now.date()
    )


@pytest.fixture
def staff(shop: Shop) -> Client:
    """A superuser's browser."""
    client = Client()
    client.force_login(shop.staff())
    return client


def test_every_table_has_a_page_of_the_right_kind() -> None:
    registered = {model.__name__: admin.site._registry.get(model) for model in SHOP_MODELS}

    assert [name for name, page in registered.items() if page is None] == []
    assert {
        name for name, page in registered.items() if not isinstance(page, ReadOnlyAdmin)
    } == EDITABLE


def test_every_list_and_one_row_of_each_open(shop: Shop, staff: Client) -> None:
    full_shop(shop)

    for model in SHOP_MODELS:
        row = model._default_manager.first()
        assert row is not None, f"no row of {model.__name__} to open"
        with CaptureQueriesContext(connection) as queries:
            listing = staff.get(url(model, "changelist"), {"q": ""})
        assert listing.status_code == 200, model.__name__
        assert len(queries) <= MOST_QUERIES, (model.__name__, len(queries))
        detail = staff.get(url(model, "change", row.pk))
        assert detail.status_code == 200, model.__name__
        page = detail.content.decode()
        assert "secret-hash" not in page, model.__name__
        assert "secret-body" not in page, model.__name__
        can_be_saved = bool(re.search(r'name="_save"', page))
        assert can_be_saved == (model.__name__ in EDITABLE), model.__name__
        assert staff.get(url(model, "delete", row.pk)).status_code == 403, model.__name__


def test_every_list_can_be_searched(shop: Shop, staff: Client) -> None:
    for model in SHOP_MODELS:
        answer = staff.get(url(model, "changelist"), {"q": "x'1"})
        assert answer.status_code == 200, model.__name__


@pytest.mark.parametrize("model", SHOP_MODELS, ids=lambda model: model.__name__)
def test_rows_are_added_only_where_people_own_them(shop: Shop, staff: Client, model: Any) -> None:
    answer = staff.get(url(model, "add"))

    assert answer.status_code == (200 if model.__name__ in EDITABLE else 403)


def test_lists_take_as_many_queries_for_many_rows_as_for_one(shop: Shop, staff: Client) -> None:
    counts = []
    for round_of in (1, 5):
        for _ in range(round_of):
            shop.delivered({shop.variant(): 1})
        found = {}
        for model in SHOP_MODELS:
            with CaptureQueriesContext(connection) as queries:
                staff.get(url(model, "changelist"))
            found[model.__name__] = len(queries)
        counts.append(found)

    assert counts[0] == counts[1]
