"""A web server whose process kills itself exactly where a request's header says.

    python -m tests.crash.mortal PORT

`X-Die-Before: n` is a kill -9 just before the request's n-th write reaches the database, or, when
it makes only n - 1 writes, just before its answer leaves. The parent, in which the shop is loaded
and nothing runs, then forks the next process. `POST /jobs/<task>` runs a job in the same way.
`X-Cut-Before: n` terminates the PostgreSQL backend of the process instead. `X-Passed` of an answer
names what the request could have been killed before.
"""

from __future__ import annotations

import gc
import os
import re
import signal
import socket
import sys
from collections.abc import Callable, Iterable
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer
from wsgiref.util import setup_testing_defaults

import psycopg
from django.db import connection
from django.db.backends.signals import connection_created
from django.utils.module_loading import import_string

from config import wsgi

WRITE = re.compile(
    r'\s*(?:WITH left_behind AS .*\n)?(?:CALL|INSERT INTO|UPDATE|DELETE FROM)\s+"?(\w+)"?'
)
JOBS = "/jobs/"
PASSED = "X-Passed"
SHOP: Any = wsgi.application
Environ = dict[str, Any]
StartResponse = Callable[..., Any]


class Fate:
    """Counts the writes of the one request at a time that this process serves."""

    def __init__(self) -> None:
        self.begin({})

    def begin(self, environ: Environ) -> None:
        """Read the fate of the next request; without one it lives."""
        self.deadly = int(environ.pop("HTTP_X_DIE_BEFORE", 0))
        self.cut = int(environ.pop("HTTP_X_CUT_BEFORE", 0))
        self.passed: list[str] = []

    def meet(self, name: str) -> None:
        """Count a write (or the answer), and die if this is the one."""
        self.passed.append(name)
        if len(self.passed) == self.deadly:
            os.write(sys.stdout.fileno(), f"died before {name}\n".encode())
            os.kill(os.getpid(), signal.SIGKILL)
        if len(self.passed) == self.cut and connection.connection is not None:
            cut(connection.connection.info.backend_pid)

    def watch(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        """Django's wrapper around each statement."""
        if found := WRITE.match(sql):
            self.meet(found[1])
        return execute(sql, params, many, context)


def cut(backend: int) -> None:
    """Terminate the backend that serves this process, and wait until it is gone."""
    with psycopg.connect(**connection.get_connection_params()) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [backend])


fate = Fate()


def watched(connection: Any, **_: Any) -> None:
    """Put the wrapper on a connection that was just opened."""
    if fate.watch not in connection.execute_wrappers:
        connection.execute_wrappers.append(fate.watch)


def mortal(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    """The shop, or one of its jobs, under the request's fate."""
    fate.begin(environ)
    path = str(environ["PATH_INFO"])
    if path.startswith(JOBS):
        import_string(path.removeprefix(JOBS))()
        fate.meet("its-end")
        start_response("204 No Content", [(PASSED, " ".join(fate.passed))])
        return []
    answered: list[Any] = []
    response = SHOP(environ, lambda *given: answered.extend(given))
    body = b"".join(response)
    response.close()
    fate.meet("its-answer")
    status, headers = answered
    start_response(status, [*headers, (PASSED, " ".join(fate.passed))])
    return [body]


class Quiet(WSGIRequestHandler):
    """Logs nothing, so that the log says where processes died and what went wrong."""

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing."""


def serve(listener: socket.socket) -> None:
    """Answer requests, one after the other, for ever."""
    server = WSGIServer(listener.getsockname(), Quiet, bind_and_activate=False)
    server.socket.close()
    server.socket = listener
    server.server_name, server.server_port = listener.getsockname()
    server.setup_environ()
    server.set_app(mortal)
    server.serve_forever()


def warm_up() -> None:
    """Load all that a first request loads, so that each fork is ready at once."""
    for path in ("/health/live", "/api/v1/products", "/api/v1/orders"):
        environ: Environ = {"PATH_INFO": path}
        setup_testing_defaults(environ)
        SHOP(environ, lambda *_: None).close()
    connection.close()
    gc.freeze()  # what is loaded stays shared between the processes


def main() -> None:
    """Fork a process that serves, and another whenever it is dead."""
    connection_created.connect(watched)
    warm_up()
    listener = socket.create_server(("127.0.0.1", int(sys.argv[1])))
    child = 0

    def end(*_: Any) -> None:
        if child:
            os.kill(child, signal.SIGKILL)
        sys.exit()

    signal.signal(signal.SIGTERM, end)
    while True:
        child = os.fork()
        if child == 0:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            serve(listener)
        os.waitpid(child, 0)


if __name__ == "__main__":
    main()
