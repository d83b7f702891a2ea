"""Each group sees and changes its own pages of the admin, and nobody raises their own rights."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.models import Group, Permission
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django_otp.plugins.otp_totp.models import TOTPDevice

from commerce.accounts.models import User
from commerce.core.models import OutboxMessage
from commerce.core.roles import keep_roles, rights, shop_permissions
from tests.api.conftest import Api
from tests.security.cast import GROUPS, Cast, every_row
from tests.security.matrix import CHANGES, SEES, models
from tests.shop.builder import Shop

DENIED = 403


def pages() -> dict[str, str]:
    """The list of each registered model, by `app.model`."""
    return {
        f"{one._meta.app_label}.{one._meta.model_name}": reverse(
            f"admin:{one._meta.app_label}_{one._meta.model_name}_changelist"
        )
        for one in admin.site._registry
    }


def browser(user: User) -> Client:
    """The user's browser after the login."""
    client = Client()
    client.force_login(user)
    return client


@pytest.mark.parametrize("role", SEES)
def test_group_sees_and_changes_its_own_pages_only(shop: Shop, api: Api, role: str) -> None:
    client = browser(Cast(shop, api).people[role])
    before = every_row()
    lists = {name: client.get(url).status_code for name, url in pages().items()}
    forms = {name: client.get(f"{url}add/").status_code for name, url in pages().items()}

    assert {name for name, status in lists.items() if status == 200} == models(SEES[role])
    assert {name for name, status in forms.items() if status == 200} == models(CHANGES[role])
    assert {*lists.values(), *forms.values()} == {200, DENIED}
    assert every_row() == before


def test_administrator_sees_the_shop_but_neither_groups_nor_devices(shop: Shop, api: Api) -> None:
    client = browser(Cast(shop, api).people["administrator"])

    hidden = {name for name, url in pages().items() if client.get(url).status_code == DENIED}

    assert hidden == {"auth.group", "otp_totp.totpdevice"}


def test_customer_and_stranger_see_no_page(shop: Shop, api: Api) -> None:
    customer = browser(Cast(shop, api).customer)

    for client in (Client(), customer):
        answers = [client.get(url) for url in pages().values()]
        assert {answer.status_code for answer in answers} == {302}
        assert {answer["Location"].split("?")[0] for answer in answers} == {"/admin/login/"}


@pytest.mark.parametrize("role", GROUPS)
def test_nobody_raises_rights(shop: Shop, api: Api, role: str) -> None:
    cast = Cast(shop, api)
    clerk = cast.people[role]
    client = browser(clerk)
    every_right = list(Permission.objects.values_list("pk", flat=True))
    more: dict[str, Any] = {
        "is_staff": "on",
        "is_superuser": "on",
        "groups": list(Group.objects.values_list("pk", flat=True)),
        "user_permissions": every_right,
    }
    had = clerk.get_all_permissions()

    for person in (clerk, cast.customer):
        url = reverse("admin:accounts_user_change", args=[person.pk])
        client.post(url, {"phone": person.phone, "name": "x", "status": "active", **more})
    group = Group.objects.get(name=GROUPS[role])
    client.post(reverse("admin:auth_group_change", args=[group.pk]), {"permissions": every_right})

    fresh = User.objects.get(pk=clerk.pk)
    assert (fresh.is_superuser, fresh.get_all_permissions()) == (False, had)
    assert User.objects.filter(is_superuser=True).count() == 0
    assert User.objects.get(pk=cast.customer.pk).is_staff is False


@pytest.mark.parametrize("role", [one for one in GROUPS if one != "administrator"])
def test_only_who_may_starts_audits_and_tries_again(shop: Shop, api: Api, role: str) -> None:
    cast = Cast(shop, api)
    cast.shop.delivered({shop.variant(): 1})
    OutboxMessage.objects.update(status="dead")
    client, message = browser(cast.people[role]), OutboxMessage.objects.earliest("seq")

    audit = client.post(reverse("admin:audit_auditrun_start"))
    again = client.post(
        reverse("admin:core_outboxmessage_changelist"),
        {"action": "try_again", "_selected_action": [str(message.pk)]},
    )

    assert audit.status_code == (302 if role == "finance" else DENIED)
    assert again.status_code == DENIED
    assert set(OutboxMessage.objects.values_list("status", flat=True)) == {"dead"}


def test_lost_device_is_taken_away_by_a_superuser_only(shop: Shop, api: Api) -> None:
    cast = Cast(shop, api)
    device = TOTPDevice.objects.create(user=cast.people["finance"], name="Phone")
    url = reverse("admin:otp_totp_totpdevice_delete", args=[device.pk])

    refused = browser(cast.people["administrator"]).post(url, {"post": "yes"})
    kept = TOTPDevice.objects.count()
    page = browser(shop.staff()).get(url.replace("delete", "change")).content.decode()
    done = browser(shop.staff()).post(url, {"post": "yes"})

    assert (refused.status_code, kept) == (DENIED, 1)
    assert device.key not in page
    assert (done.status_code, TOTPDevice.objects.count()) == (302, 0)


def test_roles_are_made_once_and_mended(shop: Shop, capsys: Any) -> None:
    call_command("roles")
    made = capsys.readouterr().out.splitlines()
    call_command("roles")
    again = capsys.readouterr().out
    finance = Group.objects.get(name="Finance")
    finance.permissions.add(Permission.objects.get(codename="change_coupon"))
    call_command("roles")

    assert [line.split(":")[0] for line in made] == list(settings.ROLES)
    assert again == ""
    assert capsys.readouterr().out.endswith("0 given, 1 taken away\n")


def test_right_that_no_model_has_is_refused(shop: Shop) -> None:
    with pytest.raises(ImproperlyConfigured, match="change_ordr"):
        list(keep_roles({"Clerk": ["orders.change_ordr"]}))

    assert Group.objects.count() == 0


def test_no_role_deletes(shop: Shop) -> None:
    known = shop_permissions()
    given = {name for patterns in settings.ROLES.values() for name in rights(patterns, known)}

    assert [name for name in given if ".delete_" in name] == []
