"""Every operation of every route, tried by every role; a refusal changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from tests.api.conftest import Api
from tests.security.calls import CALLS
from tests.security.cast import CUSTOMER, Cast, every_row
from tests.security.matrix import LINES, ROLES, Line
from tests.shop.builder import Shop

STAFF_ROUTES = {"order-status", "order-refunds", "return-status"}
VERBS = ("get", "post", "put", "patch", "delete")


def operations() -> set[tuple[str, str]]:
    """Every (method, route) that the project answers, the admin's apart."""
    return {
        (verb.upper(), pattern.name or "")
        for pattern in _patterns(get_resolver())
        for verb in _verbs(pattern.callback)
    }


def _patterns(resolver: URLResolver) -> Iterator[URLPattern]:
    for one in resolver.url_patterns:
        if isinstance(one, URLPattern):
            yield one
        elif one.app_name != "admin":
            yield from _patterns(one)


def _verbs(view: Any) -> list[str]:
    kind = getattr(view, "view_class", None) or getattr(view, "cls", None)
    return [one for one in VERBS if hasattr(kind, one)] if kind else ["get"]


def test_every_operation_has_its_line_and_its_call() -> None:
    lines = {(line.method, line.route) for line in LINES}

    assert lines == operations()
    assert set(CALLS) == lines


@pytest.mark.parametrize("line", LINES, ids=str)
def test_each_role_gets_what_its_line_says(shop: Shop, api: Api, settings: Any, line: Line) -> None:
    settings.METRICS_TOKEN = "a-token-that-only-the-monitor-has"
    cast = Cast(shop, api)
    make = CALLS[line.method, line.route]
    refused = [role for role, status in line.statuses.items() if status >= 400]
    found, told = {}, {}
    if refused:
        attempt = make(cast, refused[-1], line.whose)
        clients = {role: cast.client(role) for role in refused}
        before = every_row()
        for role, client in clients.items():
            answer = attempt.send(client, line.method, line.route)
            found[role], told[role] = answer.status_code, answer.content.decode()
        assert every_row() == before, f"refusing one of {refused} changed something"
    for role in [one for one in ROLES if one not in refused]:
        attempt = make(cast, role, line.whose)
        answer = attempt.send(cast.client(role), line.method, line.route)
        found[role], told[role] = answer.status_code, answer.content.decode()

    assert found == line.statuses, told
    if line.route not in STAFF_ROUTES:
        outsiders = {role: text for role, text in told.items() if role != "customer"}
        assert [role for role, text in outsiders.items() if CUSTOMER in text] == []
