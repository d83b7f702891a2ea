"""Requests that are counted."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from rest_framework.test import APIClient

from commerce.core.rates import Rate

LIMIT = 3
LOW = Rate(LIMIT, 3600)
WRONG_CODE = {"phone": "+919812345678", "code": "000000"}


def log_in(client: APIClient, **headers: Any) -> int:
    return client.post("/api/v1/auth/otp/verify", WRONG_CODE, **headers).status_code


def order(client: APIClient) -> int:
    key = {"Idempotency-Key": str(uuid4())}
    return client.post("/api/v1/orders", {}, headers=key).status_code
