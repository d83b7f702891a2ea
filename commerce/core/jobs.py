"""What every scheduled job shares: bounded sweeps over what is due, purges, and retries.

A job takes no lock of its own: each item is one step that is harmless when repeated, so two runs
at once only waste a little work.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any, NamedTuple, ParamSpec, Protocol, TypeVar, cast

from celery import shared_task
from django.conf import settings
from django.db import InterfaceError, OperationalError, transaction
from django.db.models import Model, QuerySet

logger = logging.getLogger("commerce.jobs")

Arguments = ParamSpec("Arguments")
Answer = TypeVar("Answer", covariant=True)


class Tally(NamedTuple):
    """How a run of a job went; `failed` items are tried again by the next run."""

    done: int
    failed: int


class Job(Protocol[Arguments, Answer]):
    """A Celery task as the rest of the code sees it."""

    name: str

    def __call__(self, *args: Arguments.args, **kwargs: Arguments.kwargs) -> Answer:
        """Run here and now."""
        ...

    def delay(self, *args: Arguments.args, **kwargs: Arguments.kwargs) -> Any:
        """Queue one run."""
        ...

    def apply_async(self, args: tuple[Any, ...] = ..., **options: Any) -> Any:
        """Queue one run with options of the message."""
        ...


def job(
    **options: Any,
) -> Callable[[Callable[Arguments, Answer]], Job[Arguments, Answer]]:
    """Make a function a task that is retried, ever later, while the database can't be reached."""

    def made(function: Callable[Arguments, Answer]) -> Job[Arguments, Answer]:
        defaults: dict[str, Any] = {
            "autoretry_for": (OperationalError, InterfaceError),
            "max_retries": settings.JOB_RETRIES,
            "retry_backoff": True,
            "retry_backoff_max": settings.JOB_RETRY_SECONDS_MAX,
            "retry_jitter": True,
        }
        return cast(Job[Arguments, Answer], shared_task(**(defaults | options))(function))

    return made


def sweep(name: str, due: QuerySet[Any], act: Callable[[Any], object], *, key: str = "pk") -> Tally:
    """Act on each distinct `key` of what is due, in its order, until none or no time is left.

    An item that fails is logged, counted and left for the next run; the others go on. An `act` that
    answers False has seen to its failure itself.
    """
    end = time.monotonic() + settings.JOB_SECONDS
    keys = due.order_by(key).values_list(key, flat=True).distinct()
    done = failed = 0
    last: Any = None
    while time.monotonic() < end:
        page = keys if last is None else keys.filter(**{f"{key}__gt": last})
        batch = list(page[: settings.JOB_BATCH_SIZE])
        for last in batch:
            try:
                fine = act(last) is not False
            except Exception:  # one bad item must not keep the others waiting
                failed += 1
                logger.exception("%s: an item failed", name, extra={"job": name, "item": last})
            else:
                done += fine
                failed += not fine
            if time.monotonic() >= end:
                break
        if len(batch) < settings.JOB_BATCH_SIZE:
            break
    return _counted(name, done, failed)


def purge(name: str, old: QuerySet[Any], delete: Callable[[QuerySet[Any]], object]) -> Tally:
    """Delete rows in batches of short transactions; rows that somebody has locked stay for now."""
    end = time.monotonic() + settings.JOB_SECONDS
    model: type[Model] = old.model
    done = 0
    while time.monotonic() < end:
        with transaction.atomic():
            keys = list(
                old.order_by()
                .select_for_update(skip_locked=True, of=("self",))
                .values_list("pk", flat=True)[: settings.JOB_BATCH_SIZE]
            )
            if keys:
                delete(model._default_manager.filter(pk__in=keys))
        done += len(keys)
        if len(keys) < settings.JOB_BATCH_SIZE:
            break
    return _counted(name, done, 0)


def _counted(name: str, done: int, failed: int) -> Tally:
    if done or failed:
        logger.log(
            logging.WARNING if failed else logging.INFO,
            "%s: %d done, %d failed",
            name,
            done,
            failed,
            extra={"job": name, "done": done, "failed": failed},
        )
    return Tally(done, failed)
