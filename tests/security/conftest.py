"""The API's clients, for these tests too."""

from __future__ import annotations

from tests.api.conftest import api, shelved

__all__ = ["api", "shelved"]
