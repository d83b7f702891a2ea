"""Whose cart a request means: the customer's, or the guest's whose token it carries."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import time
from dataclasses import dataclass
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

from django.conf import settings
from rest_framework.request import Request

from commerce.cart.models import Cart
from commerce.core.clients import cart_token_hash, guest_cart_hash
from commerce.core.idempotency import HEADER

TOKEN_SECONDS = 3600  # how long a token can be found again by its key, twice that at most
UUID_PATTERN = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


@dataclass(frozen=True)
class CartOwner:
    """A customer, or a guest by token hash; a guest who has no cart yet is neither."""

    user_id: UUID | None = None
    token_hash: str | None = None
    new_token: str | None = None

    @classmethod
    def of(cls, request: Request) -> CartOwner:
        """The owner named by the login or, without one, by `X-Cart-Token`."""
        if request.user.is_authenticated:
            return cls(user_id=request.user.id)
        return cls(token_hash=guest_cart_hash(request))

    @property
    def known(self) -> bool:
        """Whether there is anything to look a cart up by."""
        return self.user_id is not None or self.token_hash is not None

    @property
    def key_owner(self) -> UUID:
        """Under whom idempotency keys are kept."""
        return self.user_id or uuid5(NAMESPACE_OID, self.token_hash or "")

    @property
    def params(self) -> dict[str, Any]:
        """The identity parameters of the cart procedures."""
        return {"p_user_id": self.user_id, "p_token_hash": self.token_hash}


def first_cart(request: Request) -> CartOwner:
    """The owner of the cart that a guest's first add opens.

    Under a UUID as `Idempotency-Key` the token follows from the key and the hour, so that a first
    add can be repeated although its answer, and the token in it, was lost; an hour later the key
    says nothing any more. Other keys could be guessed, so they get a random token.
    """
    key = request.headers.get(HEADER, "")
    if not UUID_PATTERN.fullmatch(key):
        return random_cart()
    hour = int(time.time()) // TOKEN_SECONDS
    earlier, now = (_derived(key, one) for one in (hour - 1, hour))
    known = Cart.objects.filter(token_hash=earlier.token_hash).exists()
    return earlier if known else now


def random_cart() -> CartOwner:
    """The owner of a new cart whose token follows from nothing."""
    return _of_token(secrets.token_urlsafe(32))


def _derived(key: str, hour: int) -> CartOwner:
    message = f"cart:{key.lower()}:{hour}".encode()
    return _of_token(hmac.new(settings.SECRET_KEY.encode(), message, hashlib.sha256).hexdigest())


def _of_token(token: str) -> CartOwner:
    return CartOwner(token_hash=cart_token_hash(token), new_token=token)
