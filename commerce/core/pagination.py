"""Keyset pagination both ways: a page is found by the values of its neighbour row, never by OFFSET.

Written here because REST framework's cursor falls back to offsets among equal keys, and the
libraries around it neither sign a cursor nor tie it to the list and the sort order it came from.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.conf import settings
from django.core import signing
from django.core.exceptions import ValidationError as FieldFault
from django.db.models import Model, Q, QuerySet
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError

from commerce.core.serializers import StrictSerializer

Row = TypeVar("Row", bound=Model)
NEWEST_FIRST = ("-created_at", "-id")
FORWARD, BACKWARD = "n", "p"
CURSOR_LENGTH = 1000


class PageQuery(StrictSerializer):
    """The query parameters of every list; a list with filters inherits from it."""

    cursor = serializers.CharField(
        required=False,
        max_length=CURSOR_LENGTH,
        help_text="`next` or `previous` of the page read before, with all else unchanged.",
    )
    limit = serializers.IntegerField(
        default=settings.PAGE_SIZE,
        min_value=1,
        max_value=settings.PAGE_SIZE_MAX,
        help_text="How many results a page holds at most.",
    )


class Paged(serializers.Serializer[Any]):
    """The envelope of every list; a subclass adds `results`."""

    next = serializers.CharField(allow_null=True, help_text="Cursor of the next page.")
    previous = serializers.CharField(allow_null=True, help_text="Cursor of the page before.")


@dataclass(frozen=True)
class Page(Generic[Row]):
    """One page in reading order, with the cursors of its neighbours."""

    rows: list[Row]
    next: str | None
    previous: str | None

    def answer(self, results: object, **more: object) -> dict[str, object]:
        """The body of a list: `{results, next, previous}` and what the endpoint adds."""
        return {"results": results, **more, "next": self.next, "previous": self.previous}


def paginate(
    rows: QuerySet[Row],
    *,
    ordering: Sequence[str] = NEWEST_FIRST,
    cursor: str | None = None,
    limit: int | None = None,
) -> Page[Row]:
    """The page of `rows` at `cursor`; ValidationError naming `cursor` when it is not ours.

    `ordering` names columns or annotations that are never null, the last of them unique.
    """
    size = limit or settings.PAGE_SIZE
    back, position = _read(cursor, rows, ordering) if cursor else (False, None)
    keys = [_reversed(key) for key in ordering] if back else list(ordering)
    if position is not None:
        rows = rows.filter(_beyond(keys, position))
    found = list(rows.order_by(*keys)[: size + 1])
    more = len(found) > size
    found = found[:size]
    if back:
        found.reverse()
    has_next, has_previous = (True, more) if back else (more, position is not None)
    return Page(
        found,
        next=_cursor(FORWARD, found[-1], ordering) if found and has_next else None,
        previous=_cursor(BACKWARD, found[0], ordering) if found and has_previous else None,
    )


def _beyond(keys: Sequence[str], position: Sequence[object]) -> Q:
    """The rows that come after `position`; the first bound, said twice, keeps the index in use."""
    beyond = Q()
    for key, value in reversed(list(zip(keys, position, strict=True))):
        step = "lt" if key.startswith("-") else "gt"
        name = key.removeprefix("-")
        further = Q(**{f"{name}__{step}": value})
        beyond = further | (Q(**{name: value}) & beyond) if beyond else further
    first = keys[0].removeprefix("-")
    bound = "lte" if keys[0].startswith("-") else "gte"
    return Q(**{f"{first}__{bound}": position[0]}) & beyond


def _reversed(key: str) -> str:
    return key.removeprefix("-") if key.startswith("-") else f"-{key}"


def _signer(model: type[Model], ordering: Sequence[str]) -> signing.Signer:
    """A cursor signed for one list and sort order is refused by every other."""
    return signing.Signer(salt=":".join([__name__, model._meta.label, *ordering]))


def _cursor(direction: str, row: Model, ordering: Sequence[str]) -> str:
    values = [str(getattr(row, key.removeprefix("-"))) for key in ordering]
    return _signer(type(row), ordering).sign_object([direction, *values])


def _read(cursor: str, rows: QuerySet[Any], ordering: Sequence[str]) -> tuple[bool, list[object]]:
    try:
        direction, *texts = _signer(rows.model, ordering).unsign_object(cursor)
        values = [
            _field(rows, key.removeprefix("-")).to_python(text)
            for key, text in zip(ordering, texts, strict=True)
        ]
    except (signing.BadSignature, FieldFault, ValueError, TypeError):
        fault = ErrorDetail("This is no cursor of this list and sort.", code="invalid_cursor")
        raise ValidationError({"cursor": [fault]}) from None
    return direction == BACKWARD, values


def _field(rows: QuerySet[Any], name: str) -> Any:
    annotation = rows.query.annotations.get(name)
    return annotation.output_field if annotation else rows.model._meta.get_field(name)
