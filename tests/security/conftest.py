"""The API's clients, for these tests too, and somebody of the staff."""

from __future__ import annotations

from typing import Any

import pytest

from commerce.accounts.models import User
from tests.api.conftest import api, shelved
from tests.security.door import WORD
from tests.shop.builder import Shop

__all__ = ["api", "shelved"]


@pytest.fixture
def clerk(shop: Shop, settings: Any) -> User:
    """A member of staff with a password and no device, in a shop that asks for one."""
    settings.ADMIN_SECOND_FACTOR = True
    return shop.user(is_staff=True, password=WORD)
