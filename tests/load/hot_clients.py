"""The clients of the flash sale: how each arrangement holds one unit for one buyer.

- `client`: a transaction of the client, as a shop without procedures writes it: lock the stock
  row, look, insert the hold, lower the stock, commit. It checks neither cart nor address.
- `pgbench`: the same transaction sent by PostgreSQL's own load generator, which is written in C.
- `alone`: a call of `lock_inventory` for each buyer.
- `together`: buyers of one moment share a call (`commerce.cart.holding`), as in production.
"""

from __future__ import annotations

import logging
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from uuid import UUID

import django
from django.conf import settings
from django.db import connection, transaction

from tests.load.hot_shop import Hot

PROCESSES = 2  # as many as the web server's
Buyer = tuple[UUID, UUID]
LOOK = "SELECT on_hand - reserved AS free FROM inventory WHERE id = '{hot.inventory}' FOR UPDATE"
INSERT = """
INSERT INTO stock_reservations (variant_id, warehouse_id, cart_id, quantity, cart_version,
    first_held_at, expires_at, created_by_id)
SELECT '{hot.variant}', '{hot.warehouse}', {cart}, 1, 1, now(), now() + interval '10 min', {user}
"""
LOWER = """
UPDATE inventory SET reserved = reserved + 1, version = version + 1 WHERE id = '{hot.inventory}'
"""
PGBENCH = r"""
\set turn :turn + :clients
\set n :turn + :client_id
BEGIN;
{look} \gset
{insert} FROM hot_buyers WHERE n = :n;
{lower};
COMMIT;
"""
HOT_BUYERS = """
DROP TABLE IF EXISTS hot_buyers;
CREATE TABLE hot_buyers AS
SELECT row_number() OVER (ORDER BY id) AS n, id AS cart_id, user_id FROM carts;
CREATE UNIQUE INDEX ON hot_buyers (n);
"""


def client(hot: Hot, user: UUID, cart: UUID) -> None:
    """Hold one unit by a transaction of our own."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(LOOK.format(hot=hot))
        free = cursor.fetchone()
        assert free
        assert free[0] > 0
        cursor.execute(INSERT.format(hot=hot, cart="%s", user="%s"), [cart, user])
        cursor.execute(LOWER.format(hot=hot))


def alone(_: Hot, user: UUID, __: UUID) -> None:
    """Hold one unit by a call for this buyer only."""
    from commerce.cart.holding import hold_alone

    hold_alone(user)


def together(_: Hot, user: UUID, __: UUID) -> None:
    """Hold one unit as the web server does."""
    from commerce.cart.holding import hold

    hold(user)


ARRANGEMENTS: dict[str, Callable[[Hot, UUID, UUID], None]] = {
    "client": client,
    "alone": alone,
    "together": together,
}


def by_threads(name: str, clients: int, hot: Hot, buyers: list[Buyer], seconds: int) -> list[float]:
    """Seconds that each call took, by threads in processes of their own."""
    processes = min(PROCESSES, clients)
    shares = [
        (name, clients // processes, hot, buyers[n::processes], seconds) for n in range(processes)
    ]
    connection.close()
    with get_context("spawn").Pool(processes, django.setup) as pool:
        return [one for share in pool.starmap(_process, shares) for one in share]


def _process(name: str, threads: int, hot: Hot, buyers: list[Buyer], seconds: int) -> list[float]:
    logging.disable(logging.INFO)
    begin = time.time() + 0.5
    with ThreadPoolExecutor(threads) as pool:
        runs = [
            pool.submit(_thread, name, hot, iter(buyers[n::threads]), begin, begin + seconds)
            for n in range(threads)
        ]
        return [one for run in runs for one in run.result()]


def _thread(name: str, hot: Hot, buyers: Iterator[Buyer], begin: float, end: float) -> list[float]:
    hold = ARRANGEMENTS[name]
    hold(hot, *next(buyers))  # a new connection's first call plans its statements: not measured
    taken = []
    time.sleep(max(0.0, begin - time.time()))
    while time.time() < end:
        user, cart = next(buyers)
        started = time.perf_counter()
        hold(hot, user, cart)
        taken.append(time.perf_counter() - started)
    connection.close()
    return taken


def by_pgbench(program: Path, clients: int, hot: Hot, seconds: int) -> list[float]:
    """Seconds that each of pgbench's transactions took."""
    with connection.cursor() as cursor:
        cursor.execute(HOT_BUYERS)
    place = settings.DATABASES["default"]
    insert = INSERT.format(hot=hot, cart="cart_id", user="user_id")
    script = PGBENCH.format(
        look=LOOK.format(hot=hot),
        insert=" ".join(insert.split()),  # pgbench ends a command at the line's end
        lower=LOWER.format(hot=hot).strip(),
    )
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "hold.sql").write_text(script)
        options = f"-n -l -M prepared -f hold.sql -D turn=0 -D clients={clients} -c {clients}"
        options += f" -j {min(PROCESSES, clients)} -T {seconds} -p {place['PORT']}"
        command = [str(program), *options.split(), "-h", place["HOST"], "-U", place["USER"]]
        subprocess.run([*command, place["NAME"]], cwd=folder, stdout=subprocess.DEVNULL, check=True)
        return [
            int(line.split()[2]) / 1e6
            for log in Path(folder).glob("pgbench_log.*")
            for line in log.read_text().splitlines()
        ]
