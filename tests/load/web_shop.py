"""What the clients of the benchmark need of the shop: buyers of their own, stock, who has orders.

Buyers are new ones at each run and stock is booked in by the desk's own procedure, so a run leaves
the books in order and can be repeated on the same data.
"""

from __future__ import annotations

import random
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from django.db.models import Count, Max

from commerce.accounts import tokens
from commerce.accounts.models import Address, User
from commerce.catalog.reads import sold_variants, visible_products
from commerce.core.procedures import call
from commerce.inventory.models import Warehouse
from commerce.orders.models import Order

BUYERS = 3000
WANTED = 200  # variants that the buyers choose from
UNITS = 20_000
LINES = 100
PHONES = "+915"  # no Indian mobile number begins so
PAGES = 200
SEEN = 10_000  # rows from which some are drawn
SHOPPERS = 200


class Buyer(NamedTuple):
    """A customer with one address, logged in."""

    token: str
    address: str


def buyers(number: int = BUYERS) -> list[Buyer]:
    """New customers."""
    last = User.objects.filter(phone__startswith=PHONES).aggregate(last=Max("phone"))["last"]
    first = int(last.removeprefix(PHONES)) + 1 if last else 0
    users = User.objects.bulk_create(
        User(phone=f"{PHONES}{first + n:09d}", password="!") for n in range(number)
    )
    where = {"city": "Bengaluru", "state": "Karnataka", "pincode": "560001"}
    who = {"name": "Asha Rao", "phone": "+919800000000", "line1": "12 Residency Road"}
    homes = Address.objects.bulk_create(Address(user=user, **who, **where) for user in users)
    return [Buyer(token(home.user_id), str(home.id)) for home in homes]


def token(user: UUID) -> str:
    """An access token of the customer."""
    return tokens.issue(User(id=user))["access"]


def wanted() -> list[str]:
    """Ids of variants of which every warehouse has plenty."""
    shown = _some(visible_products().values_list("id", flat=True), WANTED)
    chosen = sold_variants().filter(product__in=shown).values_list("id", "sku")[:WANTED]
    houses = Warehouse.objects.filter(is_deleted=False).values_list("code", flat=True)
    lines = [
        {"sku": sku, "warehouse": house, "quantity": UNITS} for _, sku in chosen for house in houses
    ]
    for first in range(0, len(lines), LINES):
        call(
            "increase_inventory",
            p_kind="receipt",
            p_reference=f"benchmark {uuid4()}",
            p_lines=lines[first : first + LINES],
        )
    return [str(variant) for variant, _ in chosen]


def pages() -> list[str]:
    """Slugs of products on sale, in no order."""
    return _some(visible_products().values_list("slug", flat=True), PAGES)


def orders() -> list[tuple[str, str]]:
    """(token of the customer, id of an order) for some of the orders."""
    some = _some(Order.objects.values_list("user_id", "id"), SHOPPERS)
    return [(token(user), str(order)) for user, order in some]


def _some(rows: Any, number: int) -> list[Any]:
    """So many of the rows, or all of fewer."""
    found = list(rows[:SEEN])
    return random.sample(found, min(number, len(found)))


def best_customer() -> tuple[str, int]:
    """The token of the customer with the most orders, and how many these are."""
    counted = Order.objects.values("user_id").annotate(orders=Count("id"))
    most = counted.order_by("-orders")[0]
    return token(most["user_id"]), most["orders"]
