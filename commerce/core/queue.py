"""Jobs that a worker is to do at once, handed over without waiting for the queue's server.

The queue is speed, never truth: each such job has its work in the database too, where its schedule
finds it, or can be done on the spot.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from celery import current_app
from django.conf import settings

from commerce.core.breaker import QUEUE, circuit


def handed_over(send: Callable[..., object], *args: Any, **options: Any) -> bool:
    """Whether the queue took what `send` sends; False after a fraction of a second if it can't.

    `send` is `apply_async` of a task, or Celery's `send_task`.
    """

    def hand_over() -> bool:
        with hasty_connection() as connection:
            send(*args, connection=connection, retry=False, **options)
        return True

    return circuit(QUEUE).ask(hand_over, False)


def hasty_connection() -> Any:
    """A connection to the queue's server that waits for nothing and tries once.

    Celery's own are made for workers: they try again for six seconds.
    """
    seconds = settings.REDIS_TIMEOUT_SECONDS
    hasty = {"socket_timeout": seconds, "socket_connect_timeout": seconds, "max_retries": 0}
    return current_app.connection_for_write(transport_options=hasty)
