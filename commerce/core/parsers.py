"""Reads request bodies: JSON in UTF-8 only, exact decimals, no text that cannot be stored."""

from __future__ import annotations

from collections.abc import Mapping
from typing import IO, Any, NoReturn

from django.core.exceptions import RequestDataTooBig
from rest_framework.parsers import BaseParser

from commerce.core.errors import ProblemError, field_error
from commerce.core.json_text import TooDeep, loads, pointer_to_unstorable


class StrictJSONParser(BaseParser):
    """JSON, refused as `malformed_json`, `json_too_deep`, `invalid_text` or `body_too_large`."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """The parsed body; ProblemError with the pointer of the field at fault."""
        try:
            body = loads(stream.read().decode("utf-8"), parse_constant=_refuse_constant)
            where = pointer_to_unstorable(body)
        except (RecursionError, TooDeep):
            raise ProblemError("json_too_deep") from None
        except RequestDataTooBig:
            raise ProblemError("body_too_large") from None
        except ValueError:
            raise ProblemError("malformed_json") from None
        if where is not None:
            raise field_error("invalid_text", where, "Holds a character that cannot be stored.")
        return body


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)
