"""What is in a token, who signs it, and what it opens."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import jwt
import pytest
from django.conf import settings as configured
from django.core.exceptions import ImproperlyConfigured
from pytest_django import DjangoAssertNumQueries

from commerce.accounts.keys import ring
from commerce.accounts.models import LoginSession
from config import settings as development
from config.identity import signing_keys
from config.safety import refuse_unsafe
from tests.api.logins import LogIn, Login, refresh, refused
from tests.shop.builder import Shop

OLD_KEY, NEW_KEY = ("2026-05", "o" * 32), ("2026-11", "n" * 32)


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


@pytest.mark.parametrize(("seconds", "unsafe"), [(900, False), (901, True)])
def test_production_refuses_access_tokens_that_live_long(seconds: int, unsafe: bool) -> None:
    with pytest.raises(ImproperlyConfigured) as refused:
        refuse_unsafe(vars(development) | {"ACCESS_TOKEN_SECONDS": seconds})

    assert ("ACCESS_TOKEN_SECONDS" in str(refused.value)) is unsafe


def test_who_asks_is_found_by_one_statement(
    shop: Shop, log_in: LogIn, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    one = log_in(shop.user())

    with django_assert_num_queries(1):
        assert one.ask().status_code == 200
