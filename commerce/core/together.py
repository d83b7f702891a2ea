"""Callers that come while a call is under way are served together by the next one.

A row that everybody wants is locked once for many instead of once for each, and nobody waits when
nobody else is there: the first to come is served at once.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Generic, TypeVar

from commerce.core.errors import ProblemError

logger = logging.getLogger("commerce.together")

Ask = TypeVar("Ask", bound=Hashable)
Answer = TypeVar("Answer")


class _Ticket(Generic[Ask, Answer]):
    """One caller's place in the queue; `wake` opens when it is served or has to lead."""

    __slots__ = ("answer", "ask", "leads", "taken", "wake")

    def __init__(self, ask: Ask) -> None:
        self.ask = ask
        self.answer: Answer | None = None
        self.leads = False
        self.taken = False
        self.wake = threading.Event()


class Together(Generic[Ask, Answer]):
    """Serves what is asked in batches, one at a time, each done by one of its own callers.

    `many` answers for those it can; whoever it leaves out, and everybody when it raises, is served
    by `one` on their own thread, so that no caller suffers from another's error.
    """

    def __init__(
        self,
        one: Callable[[Ask], Answer],
        many: Callable[[Sequence[Ask]], Mapping[Ask, Answer]],
        *,
        most: int,
        linger: float,
        patience: float,
    ) -> None:
        """`most` callers in a batch; who waits `patience` seconds for its turn starts another.

        In a rush, which is when the last call served several, the next is begun `linger` seconds
        later, so that it serves several too.
        """
        self._one = one
        self._many = many
        self._most = most
        self._linger = linger
        self._patience = patience
        self._door = threading.Lock()
        self._waiting: list[_Ticket[Ask, Answer]] = []
        self._leaders = 0
        self._company = False

    def ask(self, ask: Ask) -> Answer:
        """The answer for `ask`; raises what `one` raises for it."""
        ticket: _Ticket[Ask, Answer] = _Ticket(ask)
        with self._door:
            ticket.leads = self._leaders == 0
            if ticket.leads:
                self._leaders += 1
            else:
                self._waiting.append(ticket)
        if not ticket.leads and not ticket.wake.wait(self._patience):
            self._stop_waiting(ticket)
        if ticket.leads:
            return self._lead(ticket)
        return self._one(ask) if ticket.answer is None else ticket.answer

    def _stop_waiting(self, ticket: _Ticket[Ask, Answer]) -> None:
        """Lead a batch beside the one that takes so long, unless the ticket is already in it."""
        with self._door:
            if not ticket.taken and not ticket.leads:
                self._waiting.remove(ticket)
                self._leaders += 1
                ticket.leads = True
        if not ticket.leads:
            ticket.wake.wait()

    def _lead(self, ticket: _Ticket[Ask, Answer]) -> Answer:
        """Serve the ticket with whoever else waits by now."""
        others: list[_Ticket[Ask, Answer]] = []
        try:
            if self._company:  # those whom the last call served come again in a moment
                time.sleep(self._linger)
            with self._door:
                others = self._waiting[: self._most - 1]
                del self._waiting[: self._most - 1]
                self._company = bool(others)
                for other in others:
                    other.taken = True
            if not others:
                return self._one(ticket.ask)
            self._serve([ticket, *others])
        finally:
            self._hand_over()
            for other in others:
                other.wake.set()
        return self._one(ticket.ask) if ticket.answer is None else ticket.answer

    def _serve(self, batch: list[_Ticket[Ask, Answer]]) -> None:
        try:
            answers = self._many([ticket.ask for ticket in batch])
        except ProblemError as refusal:
            logger.info("each is served alone: %s", refusal.code)
            return
        except Exception:
            logger.warning("a batch failed: each is served alone", exc_info=True)
            return
        for ticket in batch:
            ticket.answer = answers.get(ticket.ask)

    def _hand_over(self) -> None:
        """Let the next in the queue lead, or nobody."""
        with self._door:
            if not self._waiting:
                self._leaders -= 1
                return
            heir = self._waiting.pop(0)
            heir.leads = True
            heir.wake.set()
