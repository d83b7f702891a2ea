"""The way through checkout over the API."""

from __future__ import annotations

from typing import Any

from rest_framework.test import APIClient

from commerce.accounts.models import User
from tests.shop.builder import Shop


def check_out(client: APIClient, shop: Shop, user: User, method: str = "online") -> dict[str, Any]:
    """Check out to a new address; the body to place the order with, and the checkout's answer."""
    address = str(shop.address(user).id)
    body = {"address_id": address, "payment_method": method}
    answer = client.post("/api/v1/checkout", body)
    assert answer.status_code == 201, answer.json()
    held = answer.json()
    return {"held": held, "placing": body | {"expected_total": held["quote"]["total"]}}
