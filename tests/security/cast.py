"""One person for each role of the matrix, and the whole state of the shop's tables."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import Group
from django.db import connection
from rest_framework.test import APIClient

from commerce.accounts.models import User
from commerce.core.clients import cart_token_hash
from commerce.core.models import RateWindow
from commerce.core.roles import keep_roles
from tests.api.conftest import Api
from tests.security.matrix import ROLES
from tests.shop.builder import Shop

GROUPS = {
    "order desk": "Order desk",
    "merchandiser": "Merchandiser",
    "finance": "Finance",
    "administrator": "Administrator",
}
GUEST_TOKEN = "guest-token-of-one-and-only-one-cart"
CUSTOMER = "Zebedee Quillfeather"
NOBODY = ("stranger", "guest")


class Cast:
    """A person for each role; the customer's name is found nowhere else."""

    def __init__(self, shop: Shop, api: Api) -> None:
        self.shop, self.api = shop, api
        list(keep_roles(settings.ROLES))
        self.people: dict[str, User] = {
            "customer": shop.user(name=CUSTOMER, email="zebedee@example.com"),
            "other": shop.user(name="Asha Rao"),
        }
        for role, name in GROUPS.items():
            self.people[role] = shop.user(is_staff=True, name=name)
            self.people[role].groups.add(Group.objects.get(name=name))
        assert {*self.people, *NOBODY} == set(ROLES)

    @property
    def customer(self) -> User:
        """The one whose things the matrix calls the customer's."""
        return self.people["customer"]

    def client(self, role: str) -> APIClient:
        """The role's app: with a login, with a guest's cart token, or with neither."""
        client = self.api(self.people.get(role))
        if role == "guest":
            client.credentials(HTTP_X_CART_TOKEN=GUEST_TOKEN)
        return client

    def subject(self, role: str, whose: str) -> User | None:
        """The person whose thing a call is about; None for a guest and for a stranger."""
        return self.customer if whose == "customer's" else self.people.get(role)

    def fill_cart(self, role: str, whose: str) -> None:
        """A line in the cart that a call is about; a stranger has none."""
        user = self.subject(role, whose)
        if whose == "guest's" or role == "guest":
            self.shop.add(self.shop.variant(), token=cart_token_hash(GUEST_TOKEN))
        elif user is not None:
            self.shop.add(self.shop.variant(), user=user)


def every_row() -> dict[str, Any]:
    """A digest of each table, so that two can be compared; who asked how often is left out."""
    tables = sorted(
        {
            one._meta.db_table
            for one in apps.get_models(include_auto_created=True)
            if one._meta.managed
        }
        - {RateWindow._meta.db_table}
    )
    digests = " UNION ALL ".join(
        f"SELECT '{table}', md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {table} t"
        for table in tables
    )
    with connection.cursor() as cursor:
        cursor.execute(digests)
        return dict(cursor.fetchall())
