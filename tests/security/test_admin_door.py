"""The admin opens with a password and the code of one's own device, and not by trying."""

from __future__ import annotations

import io
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connections
from django.test import Client
from django_otp.oath import TOTP
from django_otp.plugins.otp_totp.models import TOTPDevice

from commerce.accounts.models import User
from commerce.core import second_factor
from tests.security.door import INDEX, LOGIN, SECOND, logged_in
from tests.shop.builder import Shop


def code_of(key: str, ahead: int = 0) -> str:
    """The code that a device with the key shows, so many steps of 30 s from now."""
    totp = TOTP(bytes.fromhex(key))
    totp.time = time.time() + 30 * ahead
    return f"{totp.token():06d}"


def enrolled(user: User) -> TOTPDevice:
    """A device that the user has set up."""
    made: TOTPDevice = TOTPDevice.objects.create(user=user, name="Authenticator")
    return made


def test_password_alone_opens_nothing(clerk: User) -> None:
    client = logged_in(clerk)

    pages = [client.get(page) for page in (INDEX, "/admin/password_change/", "/admin/jsi18n/")]

    assert [page.status_code for page in pages] == [302, 302, 302]
    assert {page["Location"].split("?")[0] for page in pages} == {LOGIN}
    door = client.get(LOGIN, {"next": INDEX})
    assert (door.status_code, door["Location"]) == (302, f"{SECOND}?next={INDEX}")


def test_first_login_sets_a_device_up(clerk: User) -> None:
    client = logged_in(clerk)
    page = client.get(SECOND).content.decode()
    key = client.session[second_factor.SESSION_KEY]
    session = client.session.session_key

    answer = client.post(SECOND, {"code": code_of(key), "next": "/admin/password_change/"})

    assert "data:image/svg+xml" in page
    assert (answer.status_code, answer["Location"]) == (302, "/admin/password_change/")
    assert client.get(INDEX).status_code == 200
    assert TOTPDevice.objects.get(user=clerk).key == key
    assert client.session.session_key != session
    assert second_factor.SESSION_KEY not in client.session


def test_wrong_code_sets_nothing_up(clerk: User) -> None:
    client = logged_in(clerk)
    client.get(SECOND)
    key = client.session[second_factor.SESSION_KEY]

    answers = [
        client.post(SECOND, {"code": code}) for code in ("", "abc", "١٢٣٤٥٦", code_of(key, 40))
    ]

    assert [answer.status_code for answer in answers] == [403] * 4
    assert TOTPDevice.objects.count() == 0
    assert client.get(INDEX).status_code == 302


def test_password_alone_sets_no_device_up_where_that_is_not_allowed(
    clerk: User, settings: Any
) -> None:
    # given who has learnt the password first, and a key kept from another time
    settings.ADMIN_SELF_ENROLMENT = False
    client = logged_in(clerk)
    client.get(SECOND)
    assert second_factor.SESSION_KEY not in client.session
    session = client.session
    session[second_factor.SESSION_KEY] = "00" * 20
    session.save()

    page = client.get(SECOND)
    answer = client.post(SECOND, {"code": code_of("00" * 20)})

    assert "manage.py second_factor" in page.content.decode()
    assert "data:image" not in page.content.decode()
    assert 'name="code"' not in page.content.decode()
    assert (answer.status_code, TOTPDevice.objects.count()) == (403, 0)
    assert second_factor.NO_DEVICE in answer.content.decode()
    assert client.get(INDEX).status_code == 302


def test_device_from_the_console_opens_where_none_is_set_up(clerk: User, settings: Any) -> None:
    settings.ADMIN_SELF_ENROLMENT = False
    call_command("second_factor", clerk.phone, stdout=io.StringIO())
    client = logged_in(clerk)

    answer = client.post(SECOND, {"code": code_of(TOTPDevice.objects.get().key)})

    assert (answer.status_code, client.get(INDEX).status_code) == (302, 200)


def test_device_once_set_up_is_never_shown_nor_replaced(clerk: User) -> None:
    device = enrolled(clerk)
    client = logged_in(clerk)
    session = client.session
    session[second_factor.SESSION_KEY] = "00" * 20
    session.save()

    page = client.get(SECOND).content.decode()
    answer = client.post(SECOND, {"code": code_of("00" * 20)})

    assert "data:image" not in page
    assert device.key not in page
    assert answer.status_code == 403
    assert list(TOTPDevice.objects.values_list("key", flat=True)) == [device.key]


def test_code_opens_once(clerk: User) -> None:
    device = enrolled(clerk)
    first, second = logged_in(clerk), logged_in(clerk)
    code = code_of(device.key)

    answers = [client.post(SECOND, {"code": code}).status_code for client in (first, second)]

    assert answers == [302, 403]
    assert first.get(INDEX).status_code == 200
    assert second.get(INDEX).status_code == 302


def test_one_of_many_equal_codes_at_once_opens(clerk: User) -> None:
    device = enrolled(clerk)
    clients = [logged_in(clerk) for _ in range(6)]
    code = code_of(device.key)

    def posted(client: Client) -> int:
        try:
            return client.post(SECOND, {"code": code}).status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(clients)) as pool:
        answers = sorted(pool.map(posted, clients))

    assert answers == [302, *[403] * 5]


def test_right_code_has_to_wait_after_a_wrong_one(clerk: User) -> None:
    device = enrolled(clerk)
    client = logged_in(clerk)
    client.post(SECOND, {"code": code_of(device.key, 40)})

    answer = client.post(SECOND, {"code": code_of(device.key)})

    assert answer.status_code == 403
    assert second_factor.PAUSED in answer.content.decode()


def test_colleagues_code_opens_nothing(shop: Shop, clerk: User) -> None:
    colleague = enrolled(shop.user(is_staff=True))
    enrolled(clerk)
    client = logged_in(clerk)

    answer = client.post(SECOND, {"code": code_of(colleague.key)})

    assert answer.status_code == 403


def test_second_factor_leads_to_no_other_site(clerk: User) -> None:
    device = enrolled(clerk)
    client = logged_in(clerk)

    answer = client.post(f"{SECOND}?next=https://evil.example/", {"code": code_of(device.key)})

    assert answer["Location"] == INDEX


def test_strangers_and_customers_meet_no_second_factor(shop: Shop, clerk: User) -> None:
    customer = Client()
    customer.force_login(shop.user())

    answers = [client.get(SECOND) for client in (Client(), customer)]

    assert [answer["Location"].split("?")[0] for answer in answers] == [LOGIN, LOGIN]


def test_form_without_its_token_is_refused(clerk: User) -> None:
    device = enrolled(clerk)
    client = Client(enforce_csrf_checks=True)
    client.force_login(clerk, backend="django.contrib.auth.backends.ModelBackend")

    answer = client.post(SECOND, {"code": code_of(device.key)})

    assert answer.status_code == 403
    assert TOTPDevice.objects.get().last_t == -1


def test_console_sets_up_and_forgets_a_device(clerk: User, capsys: Any) -> None:
    call_command("second_factor", clerk.phone)
    told = capsys.readouterr().out
    with pytest.raises(CommandError, match="already"):
        call_command("second_factor", clerk.phone)
    call_command("second_factor", clerk.phone, "--forget")

    assert "otpauth://totp/Kite%20%26%20Sprout" in told
    assert TOTPDevice.objects.count() == 0


def test_console_knows_no_customer(shop: Shop) -> None:
    with pytest.raises(CommandError, match="nobody of the staff"):
        call_command("second_factor", shop.user().phone)


def test_shop_has_its_name_on_the_door(shop: Shop) -> None:
    page = Client().get(LOGIN).content.decode()

    assert "Kite &amp; Sprout" in page
    assert "Django" not in page
