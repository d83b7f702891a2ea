"""Who guesses passwords at the admin's door has to wait, and keeps nobody else from it."""

from __future__ import annotations

from typing import Any

from axes.models import AccessAttempt
from django.test import Client

from commerce.accounts.models import User
from commerce.core import login_throttle
from tests.security.door import LOGIN, WORD, logged_in
from tests.shop.builder import Shop


def tried(user: User, word: str, address: str) -> int:
    """The status that a login from an address gets."""
    form = {"username": user.phone, "password": word}
    return Client(REMOTE_ADDR=address).post(LOGIN, form).status_code


def test_guesser_waits_and_locks_nobody_else_out(shop: Shop, clerk: User) -> None:
    colleague = shop.user(is_staff=True, password=WORD)
    guesses = [tried(clerk, "wrong", "203.0.113.9") for _ in range(6)]

    assert guesses == [200, 200, 200, 200, 429, 429]
    assert tried(clerk, WORD, "203.0.113.9") == 429
    assert tried(clerk, WORD, "198.51.100.7") == 302
    assert tried(colleague, WORD, "203.0.113.9") == 302


def test_addresses_of_one_network_guess_together(clerk: User) -> None:
    guesses = [tried(clerk, "wrong", f"2001:db8:1:2::{n:x}") for n in range(1, 7)]

    assert guesses == [200, 200, 200, 200, 429, 429]
    assert tried(clerk, WORD, "2001:db8:1:2:ffff::1") == 429
    assert tried(clerk, WORD, "2001:db8:1:3::1") == 302


def sprayed(address: str, times: int) -> list[int]:
    """The statuses of a wrong password tried on so many accounts from an address."""
    accounts = [f"+9199000{n:05d}" for n in range(times)]
    client = Client(REMOTE_ADDR=address)
    return [client.post(LOGIN, {"username": one, "password": one}).status_code for one in accounts]


def test_password_tried_on_many_accounts_has_to_wait(clerk: User, settings: Any) -> None:
    settings.ADMIN_NETWORK_FAILURES = 8

    statuses = sprayed("203.0.113.9", 10)

    assert statuses == [*[200] * 7, *[429] * 3]
    assert tried(clerk, WORD, "203.0.113.9") == 429
    assert tried(clerk, WORD, "198.51.100.7") == 302
    assert AccessAttempt.objects.count() == 8


def tried_with_mark(mark: str, username: str | None, word: str) -> int:
    """The status of a login from the network that has to wait, with a browser's mark."""
    client = Client(REMOTE_ADDR="203.0.113.9")
    client.cookies[login_throttle.COOKIE] = mark
    return client.post(LOGIN, {"username": username or "", "password": word}).status_code


def test_colleague_comes_in_past_who_tries_many_accounts(clerk: User, settings: Any) -> None:
    settings.ADMIN_NETWORK_FAILURES = 8
    # given a browser in which the clerk has logged in, and a network that has to wait
    mark = logged_in(clerk, REMOTE_ADDR="203.0.113.9").cookies[login_throttle.COOKIE].value
    sprayed("203.0.113.9", 8)

    # then it lets the clerk in, not anybody else, and not for more guesses than others
    assert tried_with_mark(mark[::-1], clerk.phone, WORD) == 429
    assert tried_with_mark(mark, "+919900000009", "wrong") == 429
    assert tried_with_mark(mark, clerk.phone, WORD) == 302
    wrong = [tried_with_mark(mark, clerk.phone, "wrong") for _ in range(6)]
    assert wrong == [200, 200, 200, 200, 429, 429]


def test_colleague_comes_in_past_who_guesses_that_very_account(clerk: User) -> None:
    # given who guesses the clerk's password in the clerk's own network, by any name for a browser
    mark = logged_in(clerk, REMOTE_ADDR="203.0.113.9").cookies[login_throttle.COOKIE].value
    guesser = Client(REMOTE_ADDR="203.0.113.9", HTTP_USER_AGENT=login_throttle.KNOWN)
    form = {"username": clerk.phone, "password": clerk.phone}
    assert [guesser.post(LOGIN, form).status_code for _ in range(5)] == [*[200] * 4, 429]

    # then the clerk's browser has all its own guesses, and they end too
    assert [tried_with_mark(mark, clerk.phone, "wrong") for _ in range(4)] == [200] * 4
    assert tried_with_mark(mark, clerk.phone, WORD) == 302
    assert guesser.post(LOGIN, form | {"password": WORD}).status_code == 429
    assert [tried_with_mark(mark, clerk.phone, "wrong") for _ in range(5)] == [*[200] * 4, 429]
    assert tried_with_mark(mark, clerk.phone, WORD) == 429


def test_mark_of_a_browser_is_for_the_admin_alone(clerk: User) -> None:
    mark = logged_in(clerk).cookies[login_throttle.COOKIE]

    assert (mark["path"], mark["httponly"], mark["samesite"]) == ("/admin/", True, "Lax")
    assert clerk.phone not in mark.value
    refused = Client().post(LOGIN, {"username": clerk.phone, "password": "wrong"})
    assert login_throttle.COOKIE not in refused.cookies


def test_who_knocks_on_makes_nobody_wait_longer(clerk: User) -> None:
    for _ in range(5):
        tried(clerk, "wrong", "203.0.113.9")
    since = AccessAttempt.objects.get().attempt_time

    assert tried(clerk, "wrong", "203.0.113.9") == 429
    assert AccessAttempt.objects.get().attempt_time == since


def test_forged_forwarding_gives_no_new_guesses(clerk: User) -> None:
    statuses = [
        Client(REMOTE_ADDR="203.0.113.9", HTTP_X_FORWARDED_FOR=f"10.0.0.{n}")
        .post(LOGIN, {"username": clerk.phone, "password": clerk.phone})
        .status_code
        for n in range(5)
    ]

    assert statuses == [200, 200, 200, 200, 429]


def test_waiting_page_says_how_long(clerk: User) -> None:
    for _ in range(5):
        answer = Client().post(LOGIN, {"username": clerk.phone, "password": "wrong"})

    assert (answer.status_code, answer["Retry-After"]) == (429, "900")
    assert "15 minutes" in answer.content.decode()
