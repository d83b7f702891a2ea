"""What every rule of the machine shares: the call whose fate the model has foretold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from django.db import connection
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition

from commerce.core.procedures import ProcedureError, Result, call
from tests.model.books import Books
from tests.model.ledger import Refusals
from tests.model.seen import learn_ids
from tests.model.world import PRICES, World

Row = TypeVar("Row")

WHICH = st.integers(0, 5)  # 0 is the newest row, so failures shrink towards what was made last
WHO = st.integers(0, 1)
SKU = st.sampled_from(sorted(PRICES))
SHOPPING = precondition(lambda self: any(c.buyer and c.status == "open" for c in self.books.carts))
ACTOR = st.sampled_from(["customer", "staff", "system"])


class Steps(RuleBasedStateMachine):
    """A shop and its model, side by side."""

    world: World
    books: Books
    changed = True  # whether a call has succeeded since the last audit
    sound = True  # False from a step's beginning until the books are seen to balance after it

    @staticmethod
    def newest(rows: Sequence[Row], which: int) -> Row:
        """The newest row but `which`, as far as there are so many."""
        return rows[-1 - which % len(rows)]

    def do(self, procedure: str, refusals: Refusals, **params: Any) -> Result | None:
        """Call, and assert that it is refused exactly when the model says so, and why."""
        self.sound = False
        told = ""
        made = None
        try:
            made = call(procedure, **params)
        except ProcedureError as refused:
            told = refused.code
        expected = f"one of {refusals}" if refusals else "no refusal"
        assert told in (refusals or {""}), f"{procedure} said {told!r}, expected {expected}"
        self.changed = self.changed or made is not None
        learn_ids(self.books)
        return made

    @staticmethod
    def key(owner: Any, name: str) -> dict[str, Any]:
        """An idempotency key by its name."""
        return {"p_owner": owner, "p_key": name, "p_fingerprint": "as before"}

    def time_passes(self, table: str, column: str, where: str) -> None:
        """What was to end later, or to come next, does so now."""
        self.sound, self.changed = False, True
        with connection.cursor() as cursor:
            cursor.execute(
                f"UPDATE {table} SET {column} = now() - interval '1 second' WHERE {where}"
            )
