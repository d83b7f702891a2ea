"""The database engine of the settings."""

from __future__ import annotations

import select
from typing import Any

from django.db.backends.postgresql import base
from django.db.backends.utils import CursorWrapper
from psycopg.pq import ConnStatus, TransactionStatus
from psycopg.rows import dict_row


class DatabaseWrapper(base.DatabaseWrapper):
    """Asks the server whether a kept connection lives only when its socket gives reason to.

    A server that ends, fails over or terminates a session closes the socket, and a closed socket
    can be seen without a round trip; so a healthy request is spared the `SELECT 1` of each start.
    """

    def binding_cursor(self) -> CursorWrapper:
        """A cursor that sends values apart from the statement, and answers rows by column name."""
        self.close_if_health_check_failed()
        self.ensure_connection()
        self.validate_thread_sharing()
        binding: Any = base.ServerBindingCursor
        with self.wrap_database_errors:
            cursor = binding(self.connection, row_factory=dict_row)
        return self.make_debug_cursor(cursor) if self.queries_logged else self.make_cursor(cursor)

    def is_usable(self) -> bool:
        """Whether the connection can be used; Django asks once in a request."""
        return self._is_quiet() or super().is_usable()

    def _is_quiet(self) -> bool:
        """Nothing has come that nobody asked for: neither a notice nor the end."""
        if self.connection is None or self.connection.closed:
            return False
        server = self.connection.pgconn
        if server.status != ConnStatus.OK or server.transaction_status != TransactionStatus.IDLE:
            return False
        poll = select.poll()
        poll.register(server.socket, select.POLLIN | select.POLLRDHUP)
        return not poll.poll(0)
