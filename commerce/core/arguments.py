"""Checks and adapts the arguments of a procedure call before PostgreSQL sees them.

What a client could send and PostgreSQL would refuse becomes a 400 that names the field.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from uuid import UUID

from psycopg.types.json import Jsonb

from commerce.core.errors import field_error
from commerce.core.json_text import dumps, pointer_to_unstorable
from commerce.core.reviewed.signature import Parameter, Signature

INTEGER_BITS = {"int4": 31, "int8": 63}
NUMERIC_LIMIT = Decimal(10) ** 10  # the largest column is numeric(12,2)


def adapt(signature: Signature, given: Mapping[str, object]) -> dict[str, object]:
    """Arguments by parameter name; TypeError for a wrong call, ProblemError for a wrong value."""
    known = signature.known
    if unknown := sorted(given.keys() - known.keys()):
        raise TypeError(f"{signature.name} has no parameter {', '.join(unknown)}.")
    if lacking := sorted(signature.needed - given.keys()):
        raise TypeError(f"{signature.name} needs {', '.join(lacking)}.")
    return {name: _adapted(known[name], value) for name, value in given.items()}


def _adapted(parameter: Parameter, value: object) -> object:
    if value is None:
        return None
    pointer = "/" + parameter.name.removeprefix("p_")
    where = pointer_to_unstorable(value, pointer)
    if where is not None:
        raise field_error("invalid_text", where, "Holds a character that cannot be stored.")
    if parameter.type == "jsonb":
        return Jsonb(value, dumps=dumps)
    if not parameter.type.endswith("[]"):
        return _scalar(parameter.type, value, pointer)
    if not isinstance(value, list | tuple):
        raise TypeError(f"{parameter.name} needs a list, not {type(value).__name__}.")
    kind = parameter.type.removesuffix("[]")
    return [_scalar(kind, one, f"{pointer}/{n}") for n, one in enumerate(value)]


def _scalar(kind: str, value: object, pointer: str) -> object:
    if value is None:
        return None
    if kind in INTEGER_BITS:
        return _integer(value, INTEGER_BITS[kind], pointer)
    if kind == "uuid":
        return _uuid(value, pointer)
    if kind == "numeric":
        return _numeric(value, pointer)
    return value


def _integer(value: object, bits: int, pointer: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"{pointer} needs an integer, not {type(value).__name__}.")
    if not -(2**bits) <= value < 2**bits:
        raise field_error("number_out_of_range", pointer, "The number is out of range.")
    return value


def _numeric(value: object, pointer: str) -> Decimal:
    if not isinstance(value, int | Decimal) or isinstance(value, bool):
        raise TypeError(f"{pointer} needs a Decimal, not {type(value).__name__}.")
    number = Decimal(value)
    if not number.is_finite() or abs(number) >= NUMERIC_LIMIT:
        raise field_error("number_out_of_range", pointer, "The number is out of range.")
    return number


def _uuid(value: object, pointer: str) -> UUID:
    if isinstance(value, UUID):
        return value
    try:
        return UUID(str(value))
    except ValueError:
        raise field_error("invalid_uuid", pointer, "This is not a UUID.") from None
