"""Erasing a person."""

from __future__ import annotations

import pytest

from commerce.accounts import tokens
from commerce.accounts.erasure import erase, living
from commerce.accounts.models import Address, LoginSession, User
from commerce.core.errors import ProblemError
from commerce.core.models import IdempotencyKey
from commerce.orders.models import Order
from commerce.wishlist.models import Wishlist
from tests.api.conftest import Api
from tests.shop.builder import Shop


def test_erasure_leaves_the_books_and_nothing_that_names_the_person(shop: Shop, api: Api) -> None:
    user = shop.user(name="Asha Rao", email="asha@example.com")
    other = shop.user(name="Ravi")
    order = shop.delivered({shop.variant("500.00"): 2}, user=user)
    IdempotencyKey.objects.create(
        owner=user.id, key="k", fingerprint="f", procedure="create_order", body="Asha Rao"
    )
    shop.address(user)
    theirs = shop.address(other)
    tokens.issue(user, tokens.Device("device-of-asha", "Asha's phone", "203.0.113.7"))
    Wishlist.objects.create(user=user, product=shop.product())

    answer = api(user).delete("/api/v1/me")

    assert answer.status_code == 204
    user.refresh_from_db()
    assert (user.phone, user.name, user.email) == (None, "", "")
    assert (user.status, user.has_usable_password()) == ("erased", False)
    assert user.erased_at is not None
    for address in Address.objects.filter(user=user):
        assert address.is_deleted is True
        assert [address.name, address.phone, address.line1, address.city] == ["", "", "", ""]
    kept = Order.objects.get()
    assert kept.shipping_address == {
        "name": "",
        "phone": "",
        "line1": "",
        "line2": "",
        "city": "",
        "state": "Karnataka",
        "pincode": "560001",
        "kind": "home",
    }
    assert (kept.number, kept.total, kept.status, kept.version) == (
        order.number,
        shop.rupees("1000.00"),
        "delivered",
        order.version,
    )
    told = LoginSession.objects.values_list("end_reason", "device_name", "device_hash", "network")
    assert list(told) == [("erased", "", "", "")] * 2
    assert IdempotencyKey.objects.get(key="k").body is None
    assert Wishlist.objects.count() == 0
    theirs.refresh_from_db()
    assert theirs.name == "Asha Rao"
    assert User.objects.get(id=other.id).name == "Ravi"


def test_token_of_an_erased_person_opens_nothing(shop: Shop, api: Api) -> None:
    client = api(shop.user())
    client.delete("/api/v1/me")

    answer = client.get("/api/v1/me")

    assert answer.status_code == 401
    assert answer["Content-Type"] == "application/problem+json"


def test_erasure_waits_for_orders_under_way(shop: Shop, api: Api) -> None:
    user = shop.user(name="Asha Rao")
    order = shop.placed({shop.variant(): 1}, user=user)

    answer = api(user).delete("/api/v1/me")

    assert answer.status_code == 409
    assert answer.json()["code"] == "erasure_blocked"
    assert answer.json()["context"] == {"orders": [order.number]}
    user.refresh_from_db()
    assert (user.name, user.status) == ("Asha Rao", "active")


def test_answers_that_staff_got_are_forgotten_too(shop: Shop, api: Api) -> None:
    order, desk = shop.paid({shop.variant(): 1}), shop.staff()
    path, body = f"/api/v1/orders/{order.id}/status", {"to": "packed"}
    api(desk).post(path, body, headers={"Idempotency-Key": shop.key()})
    for status in ("shipped", "out_for_delivery", "delivered"):
        shop.move(order, status)
    assert "12 Residency Road" in str(IdempotencyKey.objects.get(owner=desk.id).body)

    api(order.user).delete("/api/v1/me")

    assert IdempotencyKey.objects.get(owner=desk.id).body is None


def test_what_was_under_way_during_an_erasure_writes_nothing(shop: Shop) -> None:
    user = shop.user(name="Asha Rao")
    erase(User.objects.get(id=user.id))

    with pytest.raises(ProblemError) as refused, living(user.id):
        raise AssertionError("an erased user was given out for writing")

    assert refused.value.code == "not_authenticated"
