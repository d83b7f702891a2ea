"""The benchmark's clients count what a server really did, also when it refuses or hangs up."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from tests.load.closed_loop import Request, Visit, run


class Answering(BaseHTTPRequestHandler):
    """A server whose answer follows from the path."""

    protocol_version = "HTTP/1.1"
    asked: list[str]

    def do_GET(self) -> None:
        """Say yes, refuse, or hang up without a word."""
        self.asked.append(self.path)
        if self.path == "/hang-up":
            self.close_connection = True
            return
        status, body = (409, b'{"code": "sold_out"}') if self.path == "/refuse" else (200, b"yes")
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Keep quiet."""


@contextmanager
def answering() -> Iterator[tuple[int, list[str]]]:
    """Its port, and the paths it was asked for."""
    asked: list[str] = []
    handler = type("Recording", (Answering,), {"asked": asked})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_port, asked
        finally:
            server.shutdown()
            thread.join()


def walk(*paths: str) -> Visit:
    """A visit of one request after another."""
    for path in paths:
        reply = yield Request(path, f"GET {path} HTTP/1.1\r\nHost: here\r\n\r\n".encode())
        assert reply.body == b"yes"


def test_every_step_of_a_finished_visit_is_counted() -> None:
    with answering() as (port, asked):
        tally = run(port, (walk("/a", "/b") for _ in itertools.count()), 2, 0.2)

    assert len(asked) == tally.requests == 2 * tally.finished
    assert len(tally.steps["/a"]) == len(tally.steps["/b"]) == tally.finished
    assert 0 < len(tally.visits) <= tally.finished
    assert not tally.errors


@pytest.mark.parametrize(
    ("path", "kind"),
    [("/refuse", "/refuse: 409 sold_out"), ("/hang-up", "/hang-up: ConnectionResetError")],
)
def test_a_failed_visit_is_an_error_by_kind_and_ends(path: str, kind: str) -> None:
    with answering() as (port, asked):
        tally = run(port, (walk("/a", path, "/b") for _ in itertools.count()), 1, 0.2)

    assert tally.errors == {kind: asked.count(path)}
    assert asked.count("/a") == asked.count(path) > 1
    assert "/b" not in asked
    assert (tally.finished, tally.visits) == (0, [])
