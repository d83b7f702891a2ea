"""Whole purchases over HTTP, with web server, worker and beat as processes of their own."""

from __future__ import annotations

from django.conf import settings

from commerce.core.models import OutboxMessage, SagaStep
from tests.journeys.live import LiveShop
from tests.journeys.purchase import Journey
from tests.shop.builder import Shop


def journey(live_shop: LiveShop) -> Journey:
    secret: str = settings.PAYMENT_SANDBOX_SECRET
    return Journey(live_shop.base, live_shop.data_dir, secret, "+919900000001", "WELCOME15")


def test_an_online_purchase_goes_all_the_way_and_back(shop: Shop, live_shop: LiveShop) -> None:
    order = journey(live_shop).online()

    assert order["status"] == "returned"
    assert not SagaStep.objects.exclude(status="done").exists()
    shop.audit()


def test_cash_on_delivery_goes_all_the_way(shop: Shop, live_shop: LiveShop) -> None:
    order = journey(live_shop).cash_on_delivery()

    assert (order["status"], order["payment_status"]) == ("delivered", "paid")
    assert OutboxMessage.objects.filter(topic="order.delivered").count() == 1
    shop.audit()
