"""What a procedure says when it refuses."""

from __future__ import annotations

from typing import Any

import pytest

from commerce.core.procedures import ProcedureError, call


def refusal(procedure: str, **params: Any) -> tuple[str, int, dict[str, Any]]:
    """The (code, HTTP status, context) with which the call is refused; it must be refused."""
    with pytest.raises(ProcedureError) as refused:
        call(procedure, **params)
    return refused.value.code, refused.value.status, refused.value.context
