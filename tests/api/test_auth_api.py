"""Login by code, tokens, logout."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as configured
from rest_framework.test import APIClient

from commerce.accounts.models import OtpVerification, User
from commerce.cart.models import Cart
from config.celery import app
from tests.api.conftest import Api
from tests.shop.builder import Shop

PHONE = "+919812345678"


class Codes:
    """The login codes in the SMS files, by phone."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __getitem__(self, phone: str) -> str:
        newest = max(self.folder.glob("*.json"), key=lambda path: path.stat().st_mtime_ns)
        message = json.loads(newest.read_text())
        assert message["to"] == phone
        found = re.search(r"[0-9]{6}", message["text"])
        assert found
        return found[0]


@pytest.fixture
def sent_codes(settings: Any, tmp_path: Path) -> Iterator[Codes]:
    """What has left by SMS; the worker's task runs at once."""
    settings.SMS_DIR = tmp_path
    app.conf.task_always_eager = True
    yield Codes(tmp_path)
    app.conf.task_always_eager = False


def log_in(client: APIClient, codes: Codes, **headers: str) -> dict[str, object]:
    client.post("/api/v1/auth/otp/send", {"phone": PHONE})
    answer = client.post(
        "/api/v1/auth/otp/verify", {"phone": PHONE, "code": codes[PHONE]}, headers=headers
    )
    assert answer.status_code == 200, answer.json()
    body: dict[str, object] = answer.json()
    return body


def test_a_code_logs_in_and_makes_the_customer(shop: Shop, api: Api, sent_codes: Codes) -> None:
    sent = api().post("/api/v1/auth/otp/send", {"phone": PHONE})
    body = api().post("/api/v1/auth/otp/verify", {"phone": PHONE, "code": sent_codes[PHONE]}).json()

    assert sent.status_code == 202
    assert sent.json() == {"resend_after_seconds": 30, "expires_in_seconds": 300}
    user = User.objects.get(phone=PHONE)
    assert body["user"] == {"id": str(user.id), "phone": PHONE, "name": "", "is_new": True}
    assert body["cart_merge"] is None
    shown = APIClient().get("/api/v1/me", headers={"Authorization": f"Bearer {body['access']}"})
    assert shown.json()["phone"] == PHONE


def test_the_answer_is_the_same_for_a_known_number(shop: Shop, api: Api, sent_codes: Codes) -> None:
    shop.user(email="")
    known = User.objects.get()

    first = api().post("/api/v1/auth/otp/send", {"phone": known.phone})
    second = api().post("/api/v1/auth/otp/send", {"phone": PHONE})

    assert (first.status_code, first.content) == (second.status_code, second.content)


def test_only_a_keyed_hash_is_stored(shop: Shop, api: Api, sent_codes: Codes) -> None:
    api().post("/api/v1/auth/otp/send", {"phone": PHONE})

    stored = OtpVerification.objects.get().code_hash
    assert len(stored) == 64
    assert stored != hashlib.sha256(sent_codes[PHONE].encode()).hexdigest()


def test_a_wrong_code_counts_although_it_fails(shop: Shop, api: Api, sent_codes: Codes) -> None:
    api().post("/api/v1/auth/otp/send", {"phone": PHONE})
    wrong = "000000" if sent_codes[PHONE] != "000000" else "111111"

    answers = [
        api().post("/api/v1/auth/otp/verify", {"phone": PHONE, "code": wrong})
        for _ in range(configured.OTP_MAX_FAILURES)
    ]
    right = api().post("/api/v1/auth/otp/verify", {"phone": PHONE, "code": sent_codes[PHONE]})

    assert [(a.status_code, a.json()["code"]) for a in answers] == [(422, "otp_invalid")] * 5
    assert (right.status_code, right.json()["code"]) == (429, "otp_locked")
    assert int(right["Retry-After"]) > 0
    assert not User.objects.exists()


def test_a_second_code_must_wait(shop: Shop, api: Api, sent_codes: Codes) -> None:
    api().post("/api/v1/auth/otp/send", {"phone": PHONE})

    answer = api().post("/api/v1/auth/otp/send", {"phone": PHONE})

    assert (answer.status_code, answer.json()["code"]) == (429, "otp_cooldown")
    assert 0 < int(answer["Retry-After"]) <= 30


def test_login_brings_the_guest_cart_along(shop: Shop, api: Api, sent_codes: Codes) -> None:
    variant = shop.variant()
    guest = api().post("/api/v1/cart/items", {"variant_id": str(variant.id), "quantity": 2})

    body = log_in(api(), sent_codes, **{"X-Cart-Token": guest["X-Cart-Token"]})

    report = body["cart_merge"]
    assert isinstance(report, dict)
    assert [line["quantity"] for line in report["added"]] == [2]
    mine = APIClient().get("/api/v1/cart", headers={"Authorization": f"Bearer {body['access']}"})
    assert [line["quantity"] for line in mine.json()["items"]] == [2]
    ignored = api().get("/api/v1/cart", headers={"X-Cart-Token": guest["X-Cart-Token"]})
    assert ignored.json()["items"] == []


def test_a_merged_token_is_replaced_at_the_next_add(
    shop: Shop, api: Api, sent_codes: Codes
) -> None:
    add = {"variant_id": str(shop.variant().id), "quantity": 1}
    guest = api().post("/api/v1/cart/items", add)
    log_in(api(), sent_codes, **{"X-Cart-Token": guest["X-Cart-Token"]})

    answer = api().post("/api/v1/cart/items", add, headers={"X-Cart-Token": guest["X-Cart-Token"]})

    assert answer.status_code == 201
    assert answer["X-Cart-Token"] != guest["X-Cart-Token"]
    assert Cart.objects.filter(status="open").count() == 2


def test_a_refresh_token_works_once(shop: Shop, api: Api, sent_codes: Codes) -> None:
    refresh = {"refresh": log_in(api(), sent_codes)["refresh"]}

    first = api().post("/api/v1/auth/token/refresh", refresh)
    second = api().post("/api/v1/auth/token/refresh", refresh)

    assert first.status_code == 200
    assert set(first.json()) == {"access", "refresh"}
    assert (second.status_code, second.json()["code"]) == (401, "token_reused")


def test_logout_ends_the_refresh_token(shop: Shop, api: Api, sent_codes: Codes) -> None:
    refresh = {"refresh": log_in(api(), sent_codes)["refresh"]}

    assert api().post("/api/v1/auth/logout", refresh).status_code == 204
    assert api().post("/api/v1/auth/logout", refresh).status_code == 204
    assert api().post("/api/v1/auth/token/refresh", refresh).status_code == 401


@pytest.mark.parametrize("token", ["", "nonsense", "a.b.c", "é" * 10])
def test_a_forged_refresh_token_is_refused(shop: Shop, api: Api, token: str) -> None:
    answer = api().post("/api/v1/auth/token/refresh", {"refresh": token})

    assert answer.status_code in {400, 401}
    assert answer["Content-Type"] == "application/problem+json"


def test_a_token_signed_by_somebody_else_is_refused(
    shop: Shop, api: Api, sent_codes: Codes
) -> None:
    raw = str(log_in(api(), sent_codes)["refresh"])
    head, payload, signature = raw.split(".")
    forged = f"{head}.{payload}.{signature[::-1]}"

    answer = api().post("/api/v1/auth/token/refresh", {"refresh": forged})

    assert (answer.status_code, answer.json()["code"]) == (401, "token_invalid")


def test_a_refresh_for_a_deactivated_user_is_refused(
    shop: Shop, api: Api, sent_codes: Codes
) -> None:
    body = log_in(api(), sent_codes)
    User.objects.filter(phone=PHONE).update(status="deactivated")

    refreshed = api().post("/api/v1/auth/token/refresh", {"refresh": body["refresh"]})
    shown = APIClient().get("/api/v1/me", headers={"Authorization": f"Bearer {body['access']}"})

    assert (refreshed.status_code, refreshed.json()["code"]) == (401, "token_invalid")
    assert shown.status_code == 401


@pytest.mark.parametrize("phone", ["9812345678", "+0123456789", "+91 98123 45678", "", None, 42])
def test_a_phone_not_in_e164_is_refused(shop: Shop, api: Api, phone: object) -> None:
    answer = api().post("/api/v1/auth/otp/send", {"phone": phone})

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == "/phone"
    assert not OtpVerification.objects.exists()
