"""`manage.py seed`: a believable shop with a past, or a very large one to measure with."""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.utils import timezone

from commerce.accounts.models import User
from commerce.catalog.models import Product
from commerce.catalog.shelf import keeping
from commerce.orders.models import Order
from commerce.seed import catalogue, history, network, people, shopfront
from commerce.seed.clearing import clear
from commerce.seed.scale.load import load
from commerce.seed.world import World

CUSTOMERS = 200
ORDERS_PER_CUSTOMER = 5
UNFINISHED = "seed-unfinished"  # a mark in DATA_DIR while the seed runs


class Command(BaseCommand):
    """Fills an empty shop with catalogue, customers and months of trade."""

    help = "Make up a shop: products, customers, and orders that went through the procedures."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Say how large the shop is to be."""
        parser.add_argument("--random-seed", type=int, default=1, help="same number, same shop")
        parser.add_argument(
            "--customers", type=_positive, help=f"{CUSTOMERS}, or a fifth of --orders"
        )
        parser.add_argument("--products", type=_positive, default=300)
        parser.add_argument("--months", type=_positive, default=6, help="of orders, 30 days each")
        parser.add_argument(
            "--orders",
            type=_positive,
            help="made up in bulk, for measurements; without it they go through the procedures",
        )
        parser.add_argument(
            "--if-empty", action="store_true", help="do nothing, successfully, if there is a shop"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Fill the shop, or refuse when there is one already."""
        unfinished: Path = settings.DATA_DIR / UNFINISHED
        self._needs_procedures()
        if unfinished.exists() and not settings.DATABASE_URL:  # mark and data lie in DATA_DIR
            self._say("the last seeding did not finish; starting over …")
            clear()
        elif found := _found(options["orders"] is not None):
            if options["if_empty"]:
                self._say(f"the shop has {found} already; nothing to do")
                return
            raise CommandError(
                f"This shop has {found} already and seeding would mix with them. "
                "Start from an empty database, or add --if-empty to leave it as it is."
            )
        unfinished.parent.mkdir(parents=True, exist_ok=True)
        unfinished.touch()
        self._seed(options)
        unfinished.unlink()

    def _seed(self, options: dict[str, Any]) -> None:
        started = time.monotonic()
        in_bulk: int | None = options["orders"]
        usual = CUSTOMERS if in_bulk is None else max(in_bulk // ORDERS_PER_CUSTOMER, 1)
        world = World(
            random_seed=options["random_seed"],
            customers=options["customers"] or usual,
            products=options["products"],
            months=options["months"],
            now=timezone.localtime().replace(minute=0, second=0, microsecond=0),
            say=self._say,
        )
        if in_bulk is None:
            self._fill(world)
        else:
            load(world, in_bulk)
        self._say("product lists …")
        keeping.rebuild()
        orders = Order.objects.count()
        self._say(f"{orders} orders in {time.monotonic() - started:.0f} s")
        user, password = people.administrator()
        told = f"password {password}" if password else "password as in SEED_ADMIN_PASSWORD"
        self._say(f"administrator {user.phone}, {told}")

    def _fill(self, world: World) -> None:
        self._say("warehouses, pincodes, fees …")
        network.build(world)
        self._say(f"{world.products} products …")
        catalogue.build(world)
        shopfront.build(world)
        self._say(f"{world.customers} customers …")
        people.build(world)
        self._say(f"{world.months} months of trade …")
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
            if not settings.DATABASE_URL:  # our own server, where a lost seed is made again
                cursor.execute("SET synchronous_commit = off")
            history.unfold(world)
            cursor.execute("RESET synchronous_commit")
            cursor.execute("ANALYZE")

    def _needs_procedures(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_proc WHERE proname = 'create_order'")
            if cursor.fetchone() is None:
                raise CommandError(
                    "The procedures are not installed: run manage.py procedures install first."
                )

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()


def _found(in_bulk: bool) -> str:
    """Name what a seed of this sort would mix with; an empty text when there is nothing."""
    if Product.objects.exists():
        return "products"
    return "customers" if in_bulk and User.objects.exists() else ""


def _positive(text: str) -> int:
    """A whole number from 1 on."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return number
