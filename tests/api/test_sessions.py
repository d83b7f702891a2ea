"""Logins as rows: listed, ended, rotated, and keys that change under them."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import jwt
import pytest
from django.conf import settings as configured
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from commerce.accounts import tokens
from commerce.accounts.keys import ring
from commerce.accounts.models import LoginSession, User
from commerce.accounts.tokens import REUSED
from config.identity import signing_keys
from tests.shop.builder import Shop

PHONE, TABLET = tokens.Device("phone-of-asha-rao", "Asha's phone", "203.0.113.77"), "tablet-of-asha"
OLD_KEY, NEW_KEY = ("2026-05", "o" * 32), ("2026-11", "n" * 32)


class Login(NamedTuple):
    """One device that is logged in."""

    access: str
    refresh: str

    def ask(self, path: str = "me", method: str = "get") -> Any:
        """A request with the access token."""
        client = APIClient()
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {self.access}")
        return getattr(client, method)(f"/api/v1/{path}")

    @property
    def id(self) -> str:
        """The login's id."""
        return str(jwt.decode(self.access, options={"verify_signature": False})["sid"])


LogIn = Callable[..., Login]


@pytest.fixture
def log_in(shop: Shop) -> LogIn:
    """`log_in(user, device)`."""

    def made(user: User, device: tokens.Device = PHONE) -> Login:
        return Login(**tokens.issue(user, device))

    return made


def refresh(token: str, device_id: str | None = None) -> Any:
    body = {"refresh": token} | ({"device_id": device_id} if device_id else {})
    return APIClient().post("/api/v1/auth/token/refresh", body)


def refused(answer: Any) -> tuple[int, str]:
    assert answer["Content-Type"] == "application/problem+json"
    return answer.status_code, answer.json()["code"]


def later(**span: float) -> None:
    """So much time goes by since the tokens were made."""
    for session in LoginSession.objects.all():
        session.rotated_at -= timedelta(**span)
        session.save()


def test_a_token_names_issuer_audience_key_and_login(shop: Shop, log_in: LogIn) -> None:
    user = shop.user()
    one = log_in(user)

    claims = jwt.decode(one.access, options={"verify_signature": False})
    assert jwt.get_unverified_header(one.access) == {"alg": "HS256", "kid": "default", "typ": "JWT"}
    assert (claims["iss"], claims["aud"]) == ("shop", "shop-app")
    assert claims["exp"] - claims["iat"] == configured.ACCESS_TOKEN_SECONDS <= 900
    assert (claims["user_id"], UUID(claims["sid"])) == (
        str(user.id),
        LoginSession.objects.get().id,
    )


@pytest.mark.parametrize(
    "wrong",
    [
        {"aud": "another-shop"},
        {"iss": "another-shop"},
        {"exp": 1},
        {"token_type": "refresh"},
        {"sid": "no id"},
        {"sid": None},
        {"sid": 7},
        {"sid": str(uuid4())},
    ],
)
def test_a_token_with_a_wrong_claim_opens_nothing(
    shop: Shop, log_in: LogIn, wrong: dict[str, Any]
) -> None:
    right = jwt.decode(log_in(shop.user()).access, options={"verify_signature": False})
    key = ring().keys["default"]

    def signed(claims: dict[str, Any]) -> Login:
        return Login(jwt.encode(claims, key, headers={"kid": "default"}), "")

    assert signed(right).ask().status_code == 200
    assert refused(signed(right | wrong).ask()) == (401, "not_authenticated")


@pytest.mark.parametrize("header", [{}, {"kid": "other"}, {"kid": ""}, {"kid": "2026-11"}])
def test_a_token_of_no_key_of_ours_opens_nothing(
    shop: Shop, log_in: LogIn, header: dict[str, str]
) -> None:
    claims = jwt.decode(log_in(shop.user()).access, options={"verify_signature": False})
    token = jwt.encode(claims, ring().keys["default"], headers=header)

    assert refused(Login(token, "").ask()) == (401, "not_authenticated")


def test_a_token_without_a_signature_opens_nothing(shop: Shop, log_in: LogIn) -> None:
    claims = jwt.decode(log_in(shop.user()).access, options={"verify_signature": False})
    token = jwt.encode(claims, None, algorithm="none", headers={"kid": "default"})

    assert refused(Login(token, "").ask()) == (401, "not_authenticated")


def test_a_new_key_takes_over_without_logging_anybody_out(
    shop: Shop, log_in: LogIn, settings: Any
) -> None:
    settings.JWT_SIGNING_KEYS = (OLD_KEY,)
    before = log_in(shop.user())

    settings.JWT_SIGNING_KEYS = (NEW_KEY, OLD_KEY)
    renewed = Login(**refresh(before.refresh).json())

    assert before.ask().status_code == renewed.ask().status_code == 200
    assert jwt.get_unverified_header(renewed.access)["kid"] == "2026-11"

    settings.JWT_SIGNING_KEYS = (NEW_KEY,)
    assert refused(before.ask()) == (401, "not_authenticated")
    assert renewed.ask().status_code == 200
    assert refresh(renewed.refresh).status_code == 200


@pytest.mark.parametrize(
    "named", [["no-id-at-all" * 3], [f":{'k' * 32}"], ["a:short"], [f"a:{'k' * 32}"] * 2]
)
def test_keys_that_could_not_be_told_apart_or_are_weak_are_refused(named: list[str]) -> None:
    with pytest.raises(ImproperlyConfigured, match="JWT_SIGNING_KEYS"):
        signing_keys(named, "secret")


def test_the_first_key_signs() -> None:
    named = [f"new:{'n' * 32}", f"old:{'o' * 31}:"]

    assert signing_keys(named, "") == (("new", "n" * 32), ("old", "o" * 31 + ":"))


def test_who_asks_is_found_by_one_statement(
    shop: Shop, log_in: LogIn, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    one = log_in(shop.user())

    with django_assert_num_queries(1):
        assert one.ask().status_code == 200


def test_a_lost_answer_is_given_again_to_its_device(shop: Shop, log_in: LogIn) -> None:
    spent = log_in(shop.user()).refresh

    first, second = refresh(spent, PHONE.id), refresh(spent, PHONE.id)

    assert (first.status_code, first.content) == (second.status_code, second.content)
    assert LoginSession.objects.get().generation == 2
    assert refresh(second.json()["refresh"], PHONE.id).status_code == 200


@pytest.mark.parametrize("device_id", [None, "phone-of-a-thief"])
def test_another_device_that_brings_a_spent_token_ends_the_login(
    shop: Shop, log_in: LogIn, device_id: str | None
) -> None:
    spent = log_in(shop.user()).refresh
    won = Login(**refresh(spent, PHONE.id).json())

    assert refused(refresh(spent, device_id)) == (401, "token_reused")
    assert refused(refresh(won.refresh, PHONE.id)) == (401, "token_reused")
    assert refused(won.ask()) == (401, "not_authenticated")


def test_a_spent_token_ends_the_login_once_its_grace_is_over(shop: Shop, log_in: LogIn) -> None:
    spent = log_in(shop.user()).refresh
    assert refresh(spent, PHONE.id).status_code == 200
    later(seconds=configured.REFRESH_GRACE_SECONDS)

    assert refused(refresh(spent, PHONE.id)) == (401, "token_reused")


def test_a_token_two_rotations_old_has_no_grace(shop: Shop, log_in: LogIn) -> None:
    oldest = log_in(shop.user()).refresh
    newer = refresh(oldest, PHONE.id).json()["refresh"]
    assert refresh(newer, PHONE.id).status_code == 200

    assert refused(refresh(oldest, PHONE.id)) == (401, "token_reused")


def test_a_reused_token_is_reported_once(
    shop: Shop, log_in: LogIn, caplog: pytest.LogCaptureFixture
) -> None:
    user = shop.user()
    spent = log_in(user).refresh
    refresh(spent)
    before = REUSED._value.get()

    with caplog.at_level(logging.WARNING, "commerce.accounts"):
        for _ in range(3):
            refresh(spent)

    told: list[Any] = [one for one in caplog.records if one.name == "commerce.accounts"]
    assert [(one.user_id, one.session_id) for one in told] == [
        (str(user.id), str(LoginSession.objects.get().id))
    ]
    assert REUSED._value.get() == before + 1


def test_only_the_login_of_the_reused_token_ends(shop: Shop, log_in: LogIn) -> None:
    user = shop.user()
    stolen, other = log_in(user), log_in(user)
    refresh(stolen.refresh)
    refresh(stolen.refresh)

    assert other.ask().status_code == 200


def test_a_refresh_keeps_the_login_alive_and_an_old_one_is_over(shop: Shop, log_in: LogIn) -> None:
    one = log_in(shop.user())
    LoginSession.objects.update(expires_at=LoginSession.objects.get().created_at)

    assert refused(refresh(one.refresh)) == (401, "token_invalid")


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
