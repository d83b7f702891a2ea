"""`make load`: every read and the whole purchase over HTTP, each beside a bare Django view.

The production command serves the shop on what `make load-data` made, once as it is and once without
the cache of its pages, and a third time two bare views; worker and beat run beside them, as they do
in a shop. A round visits every case in turn, the bare view right before it, so that a noisy moment
of the machine falls on both; a figure is the median of the rounds. LOAD_CONNECTIONS=1,16,
LOAD_ROUNDS, LOAD_SECONDS and LOAD_CASES (part of a name) change what is measured.
"""

from __future__ import annotations

import json
import logging
import os
import platform
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import django

from tests.load.telling import say

DAY = "86400"
UNLIMITED = {
    f"RATE_LIMIT_{category}": "1000000/min"
    for category in ("AUTH", "CRITICAL", "STANDARD", "WEBHOOKS")
}
WARMING = 0.5  # the part of LOAD_SECONDS that is not counted, before each reading
RESULTS = "web"
SHOP, UNCACHED = "shop", "uncached"


class Server(NamedTuple):
    """A running web server."""

    port: int
    process: int

    @property
    def resident(self) -> list[float]:
        """Megabytes of each worker."""
        from tests.load import meters

        return [meters.resident_mb(worker) for worker in meters.children(self.process)]


class Rivals(NamedTuple):
    """The shop, the shop without its cache and the bare views, each served by the same command."""

    servers: dict[str, Server]
    roots: dict[str, int]

    def spent(self, server: str) -> dict[str, float]:
        """Seconds of processor time so far, of that server and of the stores."""
        from tests.load.meters import processor_seconds

        roots = {"web": self.servers[server].process, **self.roots}
        return {name: processor_seconds(root) for name, root in roots.items()}


def main() -> None:
    """Measure, print a line for each case and write table and readings."""
    open_shop()
    from django.conf import settings

    from tests.load import web_cases, web_shop

    folder = settings.DATA_DIR / "results"
    folder.mkdir(exist_ok=True)
    about = _about()
    with _serving(folder) as rivals:
        variants, buyers = web_shop.wanted(), web_shop.buyers()
        shoppers, rest = buyers[: web_cases.CARTS], buyers[web_cases.CARTS :]
        half, port = len(rest) // 2, rivals.servers[SHOP].port
        cases = [
            case
            for case in (
                *web_cases.reads(port, shoppers, variants),
                *web_cases.writes(rest[:half], rest[half:], variants),
            )
            if os.environ.get("LOAD_CASES", "") in case.name
        ]
        before, began = rivals.servers[SHOP].resident, time.monotonic()
        results = {
            int(connections): _measured(rivals, cases, int(connections))
            for connections in os.environ.get("LOAD_CONNECTIONS", "1,16").split(",")
        }
        about["worker MB at the start"] = _shown(before)
        after = rivals.servers[SHOP].resident
        about["worker MB at the end"] = _shown(after)
        about["minutes"] = f"{(time.monotonic() - began) / 60:.1f}"
    _report(folder, results, about, after)


def _report(
    folder: Path, results: dict[int, dict[str, Any]], about: dict[str, Any], memory: list[float]
) -> None:
    """Write the table and the readings, and print the table."""
    from tests.load import web_report, web_targets

    every = [one for found in results.values() for one in found.values()]
    about["requests that were measured"] = f"{sum(one.requests for one in every):,}"
    share = max(one.reading.client_share for one in every)
    about["the clients' share of a processor at the bare view"] = f"{share:.2f} at most"
    held = "\n".join(web_targets.table(results, memory))
    text = f"{web_report.markdown(results, about)}\n## Promises\n\n{held}\n"
    (folder / f"{RESULTS}.md").write_text(text, encoding="utf-8")
    kept = {
        connections: {
            name: one.reading._asdict() | {"steps": one.steps, "errors": one.errors}
            for name, one in found.items()
        }
        for connections, found in results.items()
    }
    (folder / f"{RESULTS}.json").write_text(json.dumps({"about": about, "cases": kept}, indent=1))
    say(text)


def _measured(rivals: Rivals, cases: list[Any], connections: int) -> dict[str, Any]:
    """Figures of each case at so many connections."""
    from tests.load import web_report

    rounds = int(os.environ.get("LOAD_ROUNDS", "3"))
    taken: dict[str, list[Any]] = {case.name: [] for case in cases}
    say(f"{connections} connections, {rounds} rounds")
    for _ in range(rounds):
        for case in cases:
            taken[case.name].append(_round(rivals, case, connections))
    found = {}
    for name, pairs in taken.items():
        found[name] = web_report.figures([one for one, _ in pairs], [other for _, other in pairs])
        say(web_report.case_row(name, found[name]))
    return found


def _round(rivals: Rivals, case: Any, connections: int) -> tuple[Any, Any]:
    from tests.load import closed_loop, web_cases, web_report

    seconds = float(os.environ.get("LOAD_SECONDS", "3"))
    bare = web_cases.bare(case.bare)
    port, measured = rivals.servers["bare"].port, rivals.servers[case.server].port
    closed_loop.run(port, bare, connections, seconds * WARMING)
    beside = closed_loop.run(port, bare, connections, seconds)
    assert not beside.errors, beside.errors
    closed_loop.run(measured, case.visits, connections, max(seconds * WARMING, case.warming))
    before = rivals.spent(case.server)
    tally = closed_loop.run(measured, case.visits, connections, seconds)
    spent = {name: used - before[name] for name, used in rivals.spent(case.server).items()}
    return web_report.reading(tally, spent, beside), tally


def open_shop() -> None:
    """Join the servers of `make load-data`, or say that it comes first."""
    os.environ["ACCESS_TOKEN_SECONDS"] = DAY
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from commerce.core import servers

    servers.start()
    django.setup()
    logging.disable(logging.INFO)  # what prepares the shop need not be told
    from django.db import connection

    if "products" not in connection.introspection.table_names():
        raise SystemExit("There is no shop to measure: make load-data comes first.")


@contextmanager
def _serving(folder: Path) -> Iterator[Rivals]:
    """The servers, worker and beat, for the length of the block."""
    from django.conf import settings
    from django.core.cache import cache
    from django.db import connection

    from tests.journeys.live import wait_until_alive
    from tests.load import meters
    from tests.shop.processes import free_port, running

    places = {"DATA_DIR": str(settings.DATA_DIR), **UNLIMITED, **_environment()}
    started: dict[str, Server] = {}
    with ExitStack() as stack:
        for name, module, path, more in (
            (SHOP, "config.settings", "health/live", {}),
            (UNCACHED, "config.settings", "health/live", {"PAGE_CACHE": "0"}),
            ("bare", "tests.load.bare_settings", "constant/10", {}),
        ):
            port, log, metrics = free_port(), folder / f"{name}.log", folder / f"{name}-metrics"
            shutil.rmtree(metrics, ignore_errors=True)
            metrics.mkdir()
            more = more | {
                "DJANGO_SETTINGS_MODULE": module,
                "PROMETHEUS_MULTIPROC_DIR": str(metrics),
            }
            web = stack.enter_context(running(log, *_command(port), **places, **more))
            wait_until_alive(f"http://127.0.0.1:{port}/{path}", log)
            started[name] = Server(port, web.pid)
        _run_jobs(stack, folder)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            database = meters.parent(cursor.fetchone()[0])
        redis = cache.client.get_client().info()["process_id"]  # type: ignore[attr-defined]
        yield Rivals(started, {"database": database, "redis": redis})


def _image() -> str:
    from django.conf import settings

    return (settings.BASE_DIR / "Dockerfile").read_text(encoding="utf-8")


def _environment() -> dict[str, str]:
    """How the image has memory allocated."""
    return dict(re.findall(r"^ +(MALLOC_\w+)=(\w+)", _image(), re.MULTILINE))


def _command(port: int) -> list[str]:
    """The image's own command, without its static files, on a port of the loopback."""
    command: list[str] = json.loads(_image().rpartition("\nCMD ")[2].replace("\\\n", ""))
    changed, kept = {"--host": "127.0.0.1", "--port": str(port)}, []
    for at, word in enumerate(command):
        before = command[at - 1]
        if not (word.startswith("--static") or before.startswith("--static")):
            kept.append(changed.get(before, word))
    return kept


def _run_jobs(stack: ExitStack, folder: Path) -> None:
    """One worker for the scheduled jobs, and who schedules them, until the stack is left."""
    from django.conf import settings

    from tests.shop.processes import running

    places = {"DJANGO_SETTINGS_MODULE": "config.settings", "DATA_DIR": str(settings.DATA_DIR)}
    for name, options in {
        "worker": ("--concurrency", "1", "--without-mingle"),
        "beat": ("--pidfile", "", "--schedule", str(folder / "schedule")),
    }.items():
        command = ("celery", "-A", "config", name, *options)
        stack.enter_context(running(folder / f"{name}.log", *command, **places))


def _about() -> dict[str, Any]:
    from django.db import connection

    counts = {}
    with connection.cursor() as cursor:
        for table in ("products", "orders"):
            cursor.execute(f"SELECT count(*) FROM {table}")
            counts[table] = f"{cursor.fetchone()[0]:,}"
        cursor.execute("SHOW server_version")
        version = cursor.fetchone()[0]
    return counts | {
        "processors": os.cpu_count(),
        "versions": f"Python {platform.python_version()}, Django {django.__version__}, "
        f"PostgreSQL {version}",
    }


def _shown(sizes: list[float]) -> str:
    return ", ".join(f"{size:.0f}" for size in sizes)


if __name__ == "__main__":
    main()
