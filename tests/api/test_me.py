"""Profile and address book."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from commerce.accounts.models import Address
from commerce.accounts.states import STATE_NAMES
from tests.api.conftest import Api
from tests.shop.builder import Shop

BOOK = "/api/v1/addresses"
HOUSE = {
    "name": "Asha Rao",
    "phone": "+919812345678",
    "line1": "12 Residency Road",
    "line2": "2nd floor",
    "city": "Bengaluru",
    "state": "Karnataka",
    "pincode": "560001",
    "kind": "home",
}


def test_profile_shows_who_is_logged_in(shop: Shop, api: Api) -> None:
    user = shop.user(name="Asha", email="asha@example.com")

    body = api(user).get("/api/v1/me").json()

    created = body.pop("created_at")
    assert created.endswith("+05:30")
    assert body == {
        "id": str(user.id),
        "phone": user.phone,
        "name": "Asha",
        "email": "asha@example.com",
    }


def test_profile_changes_only_what_is_sent(shop: Shop, api: Api) -> None:
    user = shop.user(name="Asha", email="asha@example.com")

    answer = api(user).patch("/api/v1/me", {"name": "Asha Rao"})

    assert answer.status_code == 200
    assert (answer.json()["name"], answer.json()["email"]) == ("Asha Rao", "asha@example.com")
    user.refresh_from_db()
    assert (user.name, user.email) == ("Asha Rao", "asha@example.com")


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"phone": "+919812345678"}, "/phone"),
        ({"is_staff": True}, "/is_staff"),
        ({"email": "nonsense"}, "/email"),
        ({"name": 7}, "/name"),
        ({"name": None}, "/name"),
        ({"name": "x" * 121}, "/name"),
        ({"name": "a\x00b"}, "/name"),
    ],
)
def test_bad_profile_is_refused_by_name(
    shop: Shop, api: Api, body: dict[str, Any], pointer: str
) -> None:
    user = shop.user(name="Asha")

    answer = api(user).patch("/api/v1/me", body)

    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    assert [one["pointer"] for one in answer.json()["errors"]] == [pointer]
    user.refresh_from_db()
    assert (user.name, user.is_staff) == ("Asha", False)


def test_half_of_a_surrogate_pair_is_refused_by_name(shop: Shop, api: Api) -> None:
    raw = b'{"name": "\\ud800"}'

    answer = api(shop.user()).patch("/api/v1/me", raw, content_type="application/json")

    assert answer.status_code == 400
    assert [one["pointer"] for one in answer.json()["errors"]] == ["/name"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", "/api/v1/me"),
        ("patch", "/api/v1/me"),
        ("delete", "/api/v1/me"),
        ("get", BOOK),
        ("post", BOOK),
        ("get", f"{BOOK}/{uuid.uuid4()}"),
        ("patch", f"{BOOK}/{uuid.uuid4()}"),
        ("delete", f"{BOOK}/{uuid.uuid4()}"),
        ("get", "/api/v1/wishlist"),
        ("post", "/api/v1/wishlist"),
        ("delete", f"/api/v1/wishlist/{uuid.uuid4()}"),
    ],
)
def test_stranger_is_told_to_log_in(shop: Shop, api: Api, method: str, path: str) -> None:
    answer = getattr(api(), method)(path)

    assert answer.status_code == 401
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == "not_authenticated"


def test_address_is_stored_and_shown(shop: Shop, api: Api) -> None:
    user = shop.user()

    answer = api(user).post(BOOK, HOUSE)

    assert answer.status_code == 201
    body = answer.json()
    assert {name: body[name] for name in HOUSE} == HOUSE
    assert sorted(set(body) - set(HOUSE)) == ["created_at", "id"]
    assert api(user).get(f"{BOOK}/{body['id']}").json() == body
    assert api(user).get(BOOK).json() == {"results": [body], "next": None, "previous": None}
    assert Address.objects.get().created_by == user


def test_address_needs_no_second_line_and_no_kind(shop: Shop, api: Api) -> None:
    short = {name: value for name, value in HOUSE.items() if name not in ("line2", "kind")}

    body = api(shop.user()).post(BOOK, short).json()

    assert (body["line2"], body["kind"]) == ("", "home")


def test_book_is_read_in_pages_newest_first(shop: Shop, api: Api) -> None:
    user = shop.user()
    made = [str(shop.address(user).id) for _ in range(3)]

    first = api(user).get(BOOK, {"limit": 2}).json()
    rest = api(user).get(BOOK, {"limit": 2, "cursor": first["next"]}).json()
    back = api(user).get(BOOK, {"limit": 2, "cursor": rest["previous"]}).json()

    assert [one["id"] for one in first["results"]] == [made[2], made[1]]
    assert [one["id"] for one in rest["results"]] == [made[0]]
    assert back["results"] == first["results"]
    assert (back["next"], back["previous"]) == (first["next"], None)


def test_address_changes_only_what_is_sent(shop: Shop, api: Api) -> None:
    user = shop.user()
    address = shop.address(user)

    body = api(user).patch(f"{BOOK}/{address.id}", {"city": "Mysuru", "pincode": "570001"}).json()

    assert (body["city"], body["pincode"], body["name"]) == ("Mysuru", "570001", "Asha Rao")


def test_removed_address_is_out_of_the_book_but_kept(shop: Shop, api: Api) -> None:
    user = shop.user()
    address = shop.address(user)

    answers = [api(user).delete(f"{BOOK}/{address.id}").status_code for _ in range(2)]

    assert answers == [204, 404]
    assert api(user).get(BOOK).json()["results"] == []
    address.refresh_from_db()
    assert address.is_deleted is True


@pytest.mark.parametrize("method", ["get", "patch", "delete"])
def test_address_of_somebody_else_is_not_found(shop: Shop, api: Api, method: str) -> None:
    address = shop.address(shop.user())

    answer = getattr(api(shop.user()), method)(f"{BOOK}/{address.id}")

    assert answer.status_code == 404
    assert answer.json()["code"] == "not_found"
    address.refresh_from_db()
    assert address.is_deleted is False


@pytest.mark.parametrize("address_id", ["x", "0", "-1", str(10**12), "%00", f"{uuid.uuid4()}0"])
def test_address_id_that_is_none_is_not_found(shop: Shop, api: Api, address_id: str) -> None:
    answer = api(shop.user()).get(f"{BOOK}/{address_id}")

    assert answer.status_code == 404
    assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"name": ""}, "/name"),
        ({"phone": "9812345678"}, "/phone"),
        ({"phone": "+0123456789"}, "/phone"),
        ({"phone": "+91" + "\u0669" * 10}, "/phone"),
        ({"phone": "+919812345678\n1"}, "/phone"),
        ({"pincode": "056001"}, "/pincode"),
        ({"pincode": 560001}, "/pincode"),
        ({"pincode": "5600011"}, "/pincode"),
        ({"state": "Carnatic"}, "/state"),
        ({"state": ["Karnataka"]}, "/state"),
        ({"kind": "castle"}, "/kind"),
        ({"line1": "x" * 201}, "/line1"),
        ({"line1": "a\x00"}, "/line1"),
        ({"city": {"name": "Bengaluru"}}, "/city"),
        ({"user_id": str(uuid.uuid4())}, "/user_id"),
        ({"id": str(uuid.uuid4())}, "/id"),
    ],
)
def test_bad_address_is_refused_by_name(
    shop: Shop, api: Api, change: dict[str, Any], pointer: str
) -> None:
    answer = api(shop.user()).post(BOOK, {**HOUSE, **change})

    assert answer.status_code == 400
    assert [one["pointer"] for one in answer.json()["errors"]] == [pointer]
    assert Address.objects.count() == 0


@pytest.mark.parametrize("body", [[], "text", 7, [HOUSE], None])
def test_body_that_is_no_object_is_refused(shop: Shop, api: Api, body: Any) -> None:
    answer = api(shop.user()).post(BOOK, body)

    assert answer.status_code == 400
    assert answer.json()["code"] == "validation_failed"


@pytest.mark.parametrize("query", ["cursor=x", "limit=0", "limit=-1", "limit=1e12", "offset=5"])
def test_bad_page_is_refused_by_name(shop: Shop, api: Api, query: str) -> None:
    answer = api(shop.user()).get(f"{BOOK}?{query}")

    assert answer.status_code == 400
    assert [one["pointer"] for one in answer.json()["errors"]] == ["/" + query.split("=")[0]]


def test_india_has_28_states_and_8_union_territories() -> None:
    assert len(set(STATE_NAMES)) == 36
