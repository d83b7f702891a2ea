"""Logins as rows: listed, and ended by their owner, by staff, by what becomes of the user."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from rest_framework.test import APIClient

from commerce.accounts import tokens
from commerce.accounts.models import LoginSession, User
from tests.api.logins import PHONE, LogIn, refresh, refused
from tests.shop.builder import Shop

TABLET = "tablet-of-asha"


def test_logout_ends_the_access_token_at_once(shop: Shop, log_in: LogIn) -> None:
    user = shop.user()
    one, other = log_in(user), log_in(user)

    answer = APIClient().post("/api/v1/auth/logout", {"refresh": one.refresh})

    assert answer.status_code == 204
    assert refused(one.ask()) == (401, "not_authenticated")
    assert refused(refresh(one.refresh)) == (401, "token_invalid")
    assert other.ask().status_code == 200


def test_logins_are_listed_newest_first_without_naming_a_household(
    shop: Shop, log_in: LogIn
) -> None:
    user = shop.user()
    phone = log_in(user)
    tablet = log_in(user, tokens.Device(TABLET, "Tablet", "2001:db8:1:2:3:4:5:6"))
    log_in(shop.user())
    over = log_in(user)
    over.ask(f"auth/sessions/{over.id}", "delete")

    listed = phone.ask("auth/sessions").json()["results"]

    shown = [
        (one["id"], one["device_name"], one["network"], one["current"], len(one)) for one in listed
    ]
    assert shown == [
        (tablet.id, "Tablet", "2001:db8:1::/48", False, 6),
        (phone.id, "Asha's phone", "203.0.113.0/24", True, 6),
    ]


def test_one_login_is_ended_from_another(shop: Shop, log_in: LogIn) -> None:
    user = shop.user()
    phone, lost = log_in(user), log_in(user)

    assert phone.ask(f"auth/sessions/{lost.id}", "delete").status_code == 204

    assert refused(lost.ask()) == (401, "not_authenticated")
    assert refused(refresh(lost.refresh)) == (401, "token_invalid")
    assert phone.ask().status_code == 200
    assert refused(phone.ask(f"auth/sessions/{lost.id}", "delete")) == (404, "not_found")
    assert LoginSession.objects.get(id=lost.id).end_reason == "ended_elsewhere"


def test_a_login_of_somebody_else_is_not_found_and_goes_on(shop: Shop, log_in: LogIn) -> None:
    mine, theirs = log_in(shop.user()), log_in(shop.user())

    assert refused(mine.ask(f"auth/sessions/{theirs.id}", "delete")) == (404, "not_found")
    assert theirs.ask().status_code == 200


def test_all_other_logins_are_ended_at_once(shop: Shop, log_in: LogIn) -> None:
    user = shop.user()
    others, here, stranger = [log_in(user), log_in(user)], log_in(user), log_in(shop.user())

    assert here.ask("auth/sessions", "delete").status_code == 204

    assert [one.ask().status_code for one in others] == [401, 401]
    assert [here.ask().status_code, stranger.ask().status_code] == [200, 200]


def test_a_deleted_user_and_login_are_401_never_500(shop: Shop, log_in: LogIn) -> None:
    one = log_in(shop.user())
    LoginSession.objects.all().delete()
    User.objects.all().delete()

    assert refused(one.ask()) == (401, "not_authenticated")
    assert refused(refresh(one.refresh)) == (401, "token_invalid")
    assert APIClient().post("/api/v1/auth/logout", {"refresh": one.refresh}).status_code == 204


def test_a_user_let_in_again_has_to_log_in_again(shop: Shop, log_in: LogIn) -> None:
    user, boss = shop.user(), shop.staff()
    one, desk = log_in(user), Client()
    desk.force_login(boss)
    for status in ("deactivated", "active"):
        changed = desk.post(
            f"/admin/accounts/user/{user.id}/change/", {"phone": user.phone, "status": status}
        )
        assert changed.status_code == 302, changed.content

    assert User.objects.get(id=user.id).is_active
    assert refused(one.ask()) == (401, "not_authenticated")
    assert LoginSession.objects.get().end_reason == "deactivated"


def clerk(shop: Shop, *codenames: str) -> Client:
    """Somebody at the admin with these rights."""
    user = shop.user(is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    client = Client()
    client.force_login(user)
    return client


@pytest.mark.parametrize(
    ("rights", "status"),
    [(["view_loginsession", "change_loginsession"], 401), (["view_loginsession"], 200)],
)
def test_staff_with_the_right_end_a_login(
    shop: Shop, log_in: LogIn, rights: list[str], status: int
) -> None:
    one, page = log_in(shop.user()), "/admin/accounts/loginsession/"
    desk = clerk(shop, *rights)

    desk.post(page, {"action": "end_logins", "_selected_action": [one.id]})

    assert one.ask().status_code == status
    shown = desk.get(f"{page}{one.id}/change/").content.decode()
    assert "203.0.113.0/24" in shown
    assert PHONE.hash not in shown
