"""Customers with their addresses, wishlists and habits, and the one administrator."""

from __future__ import annotations

import os
import random
import secrets
from datetime import datetime

from commerce.accounts.models import Address, User
from commerce.catalog.models import Product
from commerce.seed.data.people import BUILDINGS, HOUSES, LANDMARKS, PEOPLE, STREETS
from commerce.seed.world import Shopper, World
from commerce.shipping.models import ServiceablePincode
from commerce.wishlist.models import Wishlist

ADMIN_PHONE = "+919900000001"
PHONE_BLOCK = 919_000_000_000  # customers' numbers follow this one
MEMBERS_AT_OPENING = 0.45  # of the customers had joined before the first order
KEENNESS_SPREAD = 1.1  # sigma of the log-normal: a few buy often, most now and then
KEENEST = 8.0
BATCH = 500


def build(world: World) -> None:
    """Create the customers; fills `world.shoppers`."""
    chance = world.fork("people")
    served = list(ServiceablePincode.objects.filter(is_serviceable=True).order_by("pincode"))
    homes: list[Address] = []
    for number in range(1, world.customers + 1):
        user, joined = _user(world, chance, number)
        addresses = [
            _address(world, chance, user, chance.choice(served), kind)
            for kind in ("home", "work", "other")[: chance.choice((1, 1, 1, 2, 3))]
        ]
        homes += addresses
        cash = {row.pincode for row in served if row.cod_allowed}
        world.shoppers.append(
            Shopper(
                user=user,
                addresses=addresses,
                weight=min(chance.lognormvariate(0, KEENNESS_SPREAD), KEENEST),
                joined=joined,
                cod_possible=addresses[0].pincode in cash,
            )
        )
    users = [shopper.user for shopper in world.shoppers]
    User.objects.bulk_create(users, batch_size=BATCH)
    Address.objects.bulk_create(homes, batch_size=BATCH)
    for shopper in world.shoppers:
        for row in (shopper.user, *shopper.addresses):
            row.created_at = row.updated_at = shopper.joined
    User.objects.bulk_update(users, ["created_at", "updated_at"], batch_size=BATCH)
    Address.objects.bulk_update(homes, ["created_at", "updated_at"], batch_size=BATCH)
    _wishlists(world, chance)


def administrator() -> tuple[User, str]:
    """Create the superuser and answer a fresh password; none when `SEED_ADMIN_PASSWORD` gave it."""
    given = os.environ.get("SEED_ADMIN_PASSWORD", "")
    fresh = "" if given else secrets.token_urlsafe(9)
    user = User.objects.filter(phone=ADMIN_PHONE).first()
    if user is None:
        user = User.objects.create_superuser(ADMIN_PHONE, name="Shop Administrator")
    user.set_password(given or fresh)
    user.save(update_fields=["password"])
    return user, fresh


def _user(world: World, chance: random.Random, number: int) -> tuple[User, datetime]:
    firsts, families = chance.choice(PEOPLE)
    name = f"{chance.choice(firsts)} {chance.choice(families)}"
    period = world.now - world.opening
    if chance.random() < MEMBERS_AT_OPENING:
        joined = world.opening - period * chance.random() / 2
    else:
        joined = world.opening + period * chance.random() * 0.95
    mailbox = f"{name.lower().replace(' ', '.')}{number}@example.com"
    user = User(
        id=world.key(joined),
        phone=f"+{PHONE_BLOCK + number * 37}",
        name=name,
        email=mailbox if chance.random() < 0.8 else "",
        cod_allowed=chance.random() > 0.03,
    )
    user.set_unusable_password()
    return user, joined


def _address(
    world: World, chance: random.Random, user: User, place: ServiceablePincode, kind: str
) -> Address:
    return Address(
        id=world.key(),
        user=user,
        name=user.name,
        phone=user.phone or "",
        line1=f"{chance.choice(HOUSES)} {chance.randint(1, 499)}, {chance.choice(BUILDINGS)}",
        line2=", ".join(filter(None, (chance.choice(STREETS), chance.choice(LANDMARKS)))),
        city=place.city,
        state=place.state,
        pincode=place.pincode,
        kind=kind,
    )


def _wishlists(world: World, chance: random.Random) -> None:
    products = list(Product.objects.order_by("slug"))
    weights = [product.popularity for product in products]
    rows = []
    for shopper in world.shoppers:
        liked = chance.choices(products, weights, k=chance.choice((0, 0, 1, 3, 6)))
        rows += [
            Wishlist(id=world.key(), user=shopper.user, product=product)
            for product in dict.fromkeys(liked)
        ]
    Wishlist.objects.bulk_create(rows, batch_size=BATCH)
