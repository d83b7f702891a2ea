"""Clients in a closed loop: so many kept-alive connections, each asks again when it is answered.

One process without threads serves all connections, so that the clients take little of the machine
they share with the server. What a client does is a visit: a generator that yields requests and is
sent their replies. A reply outside 2xx ends the visit and counts as an error.
"""

from __future__ import annotations

import json
import selectors
import socket
import time
from collections import Counter
from collections.abc import Generator, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any, NamedTuple

HOST = "127.0.0.1"
SECONDS_TO_ANSWER = 60
READ = 262_144
LENGTH = b"content-length:"


class Request(NamedTuple):
    """One request of a visit, with the name under which its time is counted."""

    step: str
    message: bytes


class Reply(NamedTuple):
    """What the server answered."""

    status: int
    body: bytes

    @property
    def json(self) -> Any:
        """The body, parsed."""
        return json.loads(self.body)

    @property
    def refusal(self) -> str:
        """An empty text when the request succeeded, else the status and the problem's code."""
        if 200 <= self.status < 300:
            return ""
        try:
            return f"{self.status} {self.json['code']}"
        except (ValueError, KeyError, TypeError):
            return str(self.status)


Visit = Generator[Request, Reply, None]


@dataclass
class Tally:
    """Seconds that each finished visit, and each step, took; and what went wrong."""

    visits: list[float] = field(default_factory=list)
    steps: dict[str, list[float]] = field(default_factory=dict)
    errors: Counter[str] = field(default_factory=Counter)
    finished: int = 0  # also after the end, so that the processor time is shared out rightly
    seconds: float = 0.0
    processor: float = 0.0

    @property
    def requests(self) -> int:
        """Requests that were answered."""
        return sum(map(len, self.steps.values()))


class Connection:
    """One client's connection and the visit that it is on."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.open()

    def open(self) -> None:
        """Connect anew."""
        self.socket = socket.create_connection((HOST, self.port), SECONDS_TO_ANSWER)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.read = b""

    def begin(self, visit: Visit) -> None:
        """Send the visit's first request."""
        self.visit, self.began = visit, time.perf_counter()
        self._send(next(visit))

    def go_on(self, reply: Reply) -> bool:
        """Send the visit's next request; False when there is none."""
        try:
            self._send(self.visit.send(reply))
        except StopIteration:
            return False
        return True

    def _send(self, request: Request) -> None:
        self.step, self.sent = request.step, time.perf_counter()
        self.socket.sendall(request.message)

    def receive(self) -> Reply | None:
        """The reply when it is complete."""
        part = self.socket.recv(READ)
        if not part:
            raise ConnectionResetError("closed by the server")
        self.read += part
        head, found, body = self.read.partition(b"\r\n\r\n")
        if not found or len(body) < _length(head):
            return None
        self.read = b""
        return Reply(int(head[9:12]), body)


def _length(head: bytes) -> int:
    head = head.lower()
    at = head.find(LENGTH)
    if at >= 0:
        return int(head[at + len(LENGTH) :].split(b"\r\n", 1)[0])
    assert b"transfer-encoding" not in head, "an answer in chunks can't be read here"
    return 0


def run(port: int, visits: Iterator[Visit], connections: int, seconds: float) -> Tally:
    """Make visits for so long; those that are under way at the end are finished, not counted."""
    tally = Tally()
    with ExitStack() as stack, selectors.DefaultSelector() as selector:
        links = [Connection(port) for _ in range(connections)]
        for link in links:
            stack.callback(lambda one: one.socket.close(), link)
            selector.register(link.socket, selectors.EVENT_READ, link)
        used, began = time.process_time(), time.perf_counter()
        end = began + seconds
        for link in links:
            link.begin(next(visits))
        _loop(selector, visits, tally, end)
        tally.processor = time.process_time() - used
    tally.seconds = seconds
    return tally


def _loop(
    selector: selectors.BaseSelector, visits: Iterator[Visit], tally: Tally, end: float
) -> None:
    busy = len(selector.get_map())
    while busy:
        ready = selector.select(SECONDS_TO_ANSWER)
        assert ready, f"{busy} requests were not answered in {SECONDS_TO_ANSWER} s"
        for key, _ in ready:
            link: Connection = key.data
            if _advanced(link, selector, tally, end):
                continue
            if time.perf_counter() < end:
                link.begin(next(visits))
            else:
                busy -= 1


def _advanced(link: Connection, selector: selectors.BaseSelector, tally: Tally, end: float) -> bool:
    """Read what has come; False when the connection's visit is over."""
    try:
        reply = link.receive()
        if reply is None:
            return True
        now = time.perf_counter()
        tally.steps.setdefault(link.step, []).append(now - link.sent)
        if refusal := reply.refusal:
            tally.errors[f"{link.step}: {refusal}"] += 1
            link.visit.close()
            return False
        if link.go_on(reply):
            return True
    except ConnectionError as error:
        tally.errors[f"{link.step}: {type(error).__name__}"] += 1
        selector.unregister(link.socket)
        link.socket.close()
        link.open()
        selector.register(link.socket, selectors.EVENT_READ, link)
        return False
    tally.finished += 1
    if now <= end:
        tally.visits.append(now - link.began)
    return False
