"""Buyers at work while something is killed; then everything is started again and counted."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

import psycopg
from django.db import DatabaseError, InterfaceError, connection, connections
from kombu.exceptions import KombuError
from redis.exceptions import RedisError

from commerce.accounts.models import Address, User
from commerce.accounts.tokens import issue
from commerce.core.queue import hasty_connection
from config.celery import app
from tests.crash.aftermath import JOBS, audit_without_grace, left_by_jobs, make_due
from tests.crash.buyers import Buyer, Customer, Remembered
from tests.crash.ledger import discrepancies
from tests.crash.programs import DurablePostgres, Web, Worker
from tests.shop.builder import Shop
from tests.shop.fixtures import empty_tables
from tests.shop.outages import OwnRedis, queue_at

BUYERS = 4
CUSTOMERS = 150  # more than can buy in one trial
VARIANTS = 5
STOCK = 5000
BEFORE, AFTER = (0.1, 0.5), 0.2  # seconds of load before the first hit and after the last
HUNG = 1.0  # seconds without Redis
HITS = 4  # of a kind that a shop survives without a restart
TICK = 0.15
BUSY = """
SELECT pid FROM pg_stat_activity
WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() AND (state = 'active' OR %s)
ORDER BY random() LIMIT 1
"""


@dataclass
class Outcome:
    """What a trial left: everything that is wrong, and how the requests went."""

    wrong: list[str] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    remembered: list[Remembered] = field(default_factory=list)


@dataclass
class Storm:
    """The shop's programs, and what can happen to them."""

    postgres: DurablePostgres
    redis: OwnRedis
    web: Web
    worker: Worker
    chance: random.Random
    stock: dict[str, int] = field(default_factory=dict)

    def start(self) -> None:
        """Start web and worker."""
        self.web.start()
        self.worker.start()
        self.web.wait()

    def stop(self) -> None:
        """End them, the quick way."""
        for program in (self.web, self.worker):
            if program.process is not None:
                program.kill()

    def trial(self, kind: str, client: type[Buyer] = Buyer, load: float = 0.0) -> Outcome:
        """One storm over an empty shop: load, hits, restart, more load, the jobs, the count."""
        outcome, over = Outcome(), threading.Event()
        buyers, customers = self.opened(client)
        self.worker.wait()
        with ThreadPoolExecutor(BUYERS) as pool, self.ticking():
            busy = [pool.submit(self.keep_buying, one, customers, over) for one in buyers]
            time.sleep(load or self.chance.uniform(*BEFORE))
            try:
                HIT[kind](self)
                time.sleep(AFTER)
            finally:
                over.set()
            for one in busy:
                remembered, trouble = one.result()
                outcome.remembered += remembered
                outcome.wrong += trouble
        connections.close_all()
        if waiting := left_by_jobs():
            outcome.wrong.append(f"{waiting} things wait for ever")
        outcome.counts = sum((one.counts for one in buyers), Counter())
        outcome.wrong += audit_without_grace()
        outcome.wrong += discrepancies(outcome.remembered, self.stock)
        return outcome

    def opened(self, client: type[Buyer]) -> tuple[list[Buyer], Iterator[Customer]]:
        """Buyers for a fresh shop, and the customers in whose names they buy."""
        connections.close_all()
        empty_tables()
        shop = Shop()
        coupon = shop.coupon("STORM").code
        shop.shipping_rule("0", "49.00", "29.00")
        variants = [shop.variant(f"{price}.00", stock=STOCK) for price in range(199, 699, 100)]
        self.stock = {str(variant.id): STOCK for variant in variants}
        desk = issue(shop.staff())["access"]
        users = User.objects.bulk_create(
            [User(phone=f"+9198{n:08d}", password="!") for n in range(CUSTOMERS)]
        )
        where = {"city": "Bengaluru", "state": "Karnataka", "pincode": "560001"}
        who = {"name": "Asha Rao", "phone": "+919800000000", "line1": "12 Residency Road"}
        addresses = Address.objects.bulk_create(
            [Address(user=user, **who, **where) for user in users]
        )
        customers = [
            Customer(str(one.user_id), issue(one.user)["access"], str(one.id)) for one in addresses
        ]
        buyers = [
            client(
                self.web.port, random.Random(self.chance.random()), list(self.stock), desk, coupon
            )
            for _ in range(BUYERS)
        ]
        return buyers, iter(customers)

    @staticmethod
    def keep_buying(
        buyer: Buyer, customers: Iterator[Customer], over: threading.Event
    ) -> tuple[list[Remembered], list[str]]:
        """Buy until it is over; the purchase that was begun is carried to its end."""
        bought: list[Remembered] = []
        while not over.is_set():
            try:
                bought.append(buyer.buy(next(customers)))
            except Exception as trouble:  # reported with the trial
                return bought, [repr(trouble)]
        return bought, []

    @contextmanager
    def ticking(self) -> Iterator[None]:
        """A hasty beat: what waits falls due at once, and the worker is told of every job."""
        over = threading.Event()

        def tick() -> None:
            while not over.wait(TICK):
                try:
                    make_due()
                    with suppress(KombuError, RedisError, OSError), hasty_connection() as queue:
                        for job in JOBS:
                            app.send_task(job.name, expires=5, retry=False, connection=queue)
                except (DatabaseError, InterfaceError):
                    connection.close()
            connections.close_all()

        thread = threading.Thread(target=tick)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    def backend(self) -> tuple[psycopg.Connection[tuple[int]], int]:
        """A connection of our own, and a backend that is at work, if any is for a second."""
        own = psycopg.connect(**connection.get_connection_params(), autocommit=True)
        end = time.monotonic() + 1
        while True:
            row = own.execute(BUSY, [time.monotonic() > end]).fetchone()
            if row is not None:
                return own, row[0]

    def signal_backends(self, function: str) -> None:
        """Cancel or terminate some backends, one after the other."""
        for _ in range(HITS):
            own, pid = self.backend()
            with own:
                own.execute(f"SELECT {function}(%s)", [pid])
            time.sleep(self.chance.uniform(0.0, 0.1))

    def kill_backend(self) -> None:
        """kill -9 of one backend, upon which PostgreSQL restarts all of them."""
        own, pid = self.backend()
        self.postgres.kill(pid)
        own.close()
        self.postgres.wait_until_back()

    def kill_web(self) -> None:
        """kill -9 of the web server, then another."""
        self.web.kill()
        self.web.start()
        self.web.wait()

    def kill_worker(self) -> None:
        """kill -9 of the worker, then another."""
        self.worker.kill()
        self.worker.start()

    def stop_postgres(self) -> None:
        """The immediate stop, then recovery."""
        self.postgres.stop_at_once()
        self.postgres.start()

    def kill_redis(self) -> None:
        """kill -9 of Redis, cache and queue in one, then an empty one."""
        self.redis.kill()
        time.sleep(HUNG)
        self.redis.start()

    def hang_redis(self) -> None:
        """Redis takes connections and answers nobody, then goes on as if nothing had been."""
        self.redis.hang()
        time.sleep(HUNG)
        self.redis.resume()

    def empty_redis(self) -> None:
        """FLUSHALL, and again: every answer and every queued job is gone."""
        for _ in range(HITS):
            self.redis.flush()
            time.sleep(self.chance.uniform(0.0, 0.1))

    def kill_all(self) -> None:
        """As when a machine stops."""
        self.web.kill()
        self.worker.kill()
        self.redis.kill()
        self.stop_postgres()
        self.redis.start()
        self.web.start()
        self.worker.start()
        self.web.wait()


NOTHING = "nothing"
HIT: MappingProxyType[str, Callable[[Storm], None]] = MappingProxyType(
    {
        NOTHING: lambda storm: None,
        "backends cancelled": lambda storm: storm.signal_backends("pg_cancel_backend"),
        "backends terminated": lambda storm: storm.signal_backends("pg_terminate_backend"),
        "backend killed": Storm.kill_backend,
        "PostgreSQL stopped at once": Storm.stop_postgres,
        "web server killed": Storm.kill_web,
        "worker killed": Storm.kill_worker,
        "Redis killed": Storm.kill_redis,
        "Redis hung": Storm.hang_redis,
        "Redis emptied": Storm.empty_redis,
        "all killed at once": Storm.kill_all,
    }
)


@contextmanager
def storm(postgres: DurablePostgres, folder: Path, seed: int) -> Iterator[Storm]:
    """A storm whose programs run."""
    with OwnRedis(folder / "redis").running() as redis, queue_at(redis.broker_url):
        servers = {"REDIS_URL": redis.cache_url, "CELERY_BROKER_URL": redis.broker_url}
        web, worker = Web(folder, **servers), Worker(folder, **servers)
        made = Storm(postgres, redis, web, worker, random.Random(seed))
        try:
            made.start()
            yield made
        finally:
            made.stop()
