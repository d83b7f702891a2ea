"""Where the processor time of a purchase goes: by step, by what Python does, and by statement.

One buyer after another, the shop served within this process, so that each millisecond can be told
apart; nobody else is served, so the figures are lower than those of `make load`. Database time is
that of the connection's own server process. Run it where `make load` runs.
"""

from __future__ import annotations

import functools
import logging
import os
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from io import BytesIO
from operator import itemgetter
from pathlib import Path
from pkgutil import resolve_name
from statistics import median
from typing import Any
from unittest.mock import patch
from wsgiref.util import setup_testing_defaults

from tests.load.closed_loop import Reply, Visit
from tests.load.telling import say

STDERR = 2
WARMING = 20  # purchases until every statement has its plan
REST = "REST framework, the views"
# What is told apart, by where it is; the time of one within another counts for the inner one.
LAYERS: dict[str, tuple[str, ...]] = {
    "statements: Django's cursor, psycopg": ("django.db.backends.utils.CursorWrapper.execute",),
    "making cursors and rows": ("commerce.core.prepared.rows", "commerce.core.procedures._execute"),
    "arguments of calls": (
        "commerce.core.procedures.adapt",
        "commerce.core.procedures._statement",
    ),
    "log lines and metrics": ("commerce.core.procedures._log",),
    "Redis: its client": ("redis.Redis.execute_command",),
    "Redis: circuit breaker": ("commerce.core.breaker.Circuit.ask",),
    "rate limits": ("commerce.core.throttling.RateLimits.allow_request",),
    "login and token": ("commerce.accounts.authentication.BearerAuthentication.authenticate",),
    "checking what was sent": ("rest_framework.serializers.Serializer.run_validation",),
    "keys of repetitions, workflows": ("commerce.core.idempotency.Claim.once",),
    "routes": ("django.core.handlers.base.BaseHandler.resolve_request",),
    "middlewares": ("django.core.handlers.base.BaseHandler.get_response",),
    REST: ("django.core.handlers.base.BaseHandler._get_response",),
}


Serve = Callable[[bytes], Reply]


class Profile:
    """Milliseconds of processor time by step, layer and statement, of the buyers that count."""

    def __init__(self, backend: int) -> None:
        self.schedule = Path(f"/proc/{backend}/schedstat")
        self.on = False
        self.buyers = 0
        self.step = ""
        self.web: dict[str, list[float]] = defaultdict(list)
        self.database: dict[str, list[float]] = defaultdict(list)
        self.statements: dict[tuple[str, str], list[float]] = defaultdict(list)
        self.layers: dict[str, float] = defaultdict(float)
        self._threads = threading.local()

    def spent(self) -> float:
        """Milliseconds of the connection's server process so far."""
        return int(self.schedule.read_text().split()[0]) / 1e6

    def told_apart(self, layer: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """The function, its own time counted for the layer."""

        @functools.wraps(function)
        def timed(*args: Any, **options: Any) -> Any:
            within: list[float] = vars(self._threads).setdefault("within", [])
            within.append(0.0)
            started = time.thread_time()
            try:
                return function(*args, **options)
            finally:
                taken, inner = time.thread_time() - started, within.pop()
                if within:
                    within[-1] += taken
                if self.on:
                    self.layers[layer] += (taken - inner) * 1000

        return timed

    def counted(self, execute: Any, statement: str, *more: Any) -> Any:
        """Django's hook around each statement."""
        before = self.spent()
        try:
            return execute(statement, *more)
        finally:
            if self.on:
                name = " ".join(statement.split())[:60]
                self.statements[self.step, name].append(self.spent() - before)

    def visit(self, visit: Visit, serve: Serve) -> None:
        """Make all requests of a visit."""
        request = next(visit)
        while True:
            self.step = request.step
            web, database = time.thread_time(), self.spent()
            reply = serve(request.message)
            if self.on:
                self.web[self.step].append((time.thread_time() - web) * 1000)
                self.database[self.step].append(self.spent() - database)
            assert not reply.refusal, (reply, request)
            try:
                request = visit.send(reply)
            except StopIteration:
                break
        self.buyers += self.on


def main() -> None:
    """Profile purchases and print the tables."""
    from tests.load.web import UNLIMITED, open_shop

    os.environ.update(UNLIMITED)
    open_shop()
    from django.db import connection

    from tests.load import web_shop

    logging.disable(logging.NOTSET)  # lines are made as ever, and nobody reads them
    os.dup2(os.open(os.devnull, os.O_WRONLY), STDERR)
    number = int(os.environ.get("PROFILE_BUYERS", "100"))
    variants = web_shop.wanted()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        backend = cursor.fetchone()[0]
    times, statements = Profile(backend), Profile(backend)
    with layers(times):
        buy(times, number, variants)
    with connection.execute_wrapper(statements.counted):
        buy(statements, number, variants)
    say("\n".join(report(times, statements)))


def buy(profile: Profile, number: int, variants: list[str]) -> None:
    """So many purchases that count, after some that don't."""
    from django.core.wsgi import get_wsgi_application

    from tests.load import web_cases, web_shop

    serve = functools.partial(served, get_wsgi_application())
    for at, buyer in enumerate(web_shop.buyers(WARMING + number)):
        profile.on = at >= WARMING
        profile.visit(web_cases.purchase(buyer, variants, web_cases.verify), serve)


@contextmanager
def layers(profile: Profile) -> Iterator[None]:
    """Tell the layers apart for the length of the block."""
    with ExitStack() as stack:
        for layer, places in LAYERS.items():
            for place in places:
                owner, _, name = place.rpartition(".")
                function = getattr(resolve_name(owner), name)
                stack.enter_context(patch(place, profile.told_apart(layer, function)))
        yield


def served(application: Any, message: bytes) -> Reply:
    """The application's answer to a request as it would come over the wire."""
    head, _, body = message.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    method, target, _ = first.split(" ")
    path, _, query = target.partition("?")
    environ: dict[str, Any] = {}
    setup_testing_defaults(environ)
    environ |= {"REQUEST_METHOD": method, "PATH_INFO": path, "QUERY_STRING": query}
    environ |= {"REMOTE_ADDR": "127.0.0.1", "wsgi.input": BytesIO(body)}
    for line in lines:
        name, _, value = line.partition(": ")
        name = name.upper().replace("-", "_")
        environ[name if name.startswith("CONTENT_") else f"HTTP_{name}"] = value
    said: list[str] = []
    response = application(environ, lambda status, headers: said.append(status))
    content = b"".join(response)
    response.close()
    return Reply(int(said[0][:3]), content)


def report(times: Profile, statements: Profile) -> Iterator[str]:
    """The tables in Markdown, all figures by purchase."""
    yield "| step | Python ms | database ms | statements |\n| --- | ---: | ---: | ---: |"
    asked = Counter[str]()
    for (step, _), found in statements.statements.items():
        asked[step] += len(found)
    rows = [
        (step, sum(web), sum(times.database[step]), asked[step]) for step, web in times.web.items()
    ]
    whole = ("all of it", *(sum(column) for column in list(zip(*rows, strict=True))[1:]))
    for name, web, database, count in (*rows, whole):
        each = f"{web / times.buyers:.2f} | {database / times.buyers:.2f}"
        yield f"| {name} | {each} | {count / statements.buyers:.0f} |"
    yield "\n| Python | ms | share |\n| --- | ---: | ---: |"
    total = sum(times.layers.values())
    for layer, spent in sorted(times.layers.items(), key=itemgetter(1), reverse=True):
        share = spent / total
        yield f"| {layer} | {spent / times.buyers:.2f} | {share:.0%} |"
    yield "\n| step | statement | times | database ms each |\n| --- | --- | ---: | ---: |"
    for (step, name), found in statements.statements.items():
        count = len(found) / statements.buyers
        yield f"| {step} | `{name}` | {count:.0f} | {median(found):.2f} |"


if __name__ == "__main__":
    main()
