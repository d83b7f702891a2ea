"""A refresh token works once; its device may ask again, and nobody else."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings as configured

from commerce.accounts.models import LoginSession
from commerce.accounts.tokens import REUSED
from tests.api.logins import PHONE, LogIn, Login, refresh, refused
from tests.shop.builder import Shop


def later(**span: float) -> None:
    """So much time goes by since the tokens were made."""
    for session in LoginSession.objects.all():
        session.rotated_at -= timedelta(**span)
        session.save()


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
