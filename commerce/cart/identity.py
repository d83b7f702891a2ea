"""Whose cart a request means: the customer's, or the guest's whose token it carries."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

from django.conf import settings
from rest_framework.request import Request

from commerce.core.clients import cart_token_hash, guest_cart_hash
from commerce.core.idempotency import HEADER, fingerprint


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


def with_fresh_token(request: Request) -> CartOwner:
    """A guest with a new token.

    With an `Idempotency-Key` the token follows from key and body, so that a guest's first add can
    be repeated although its answer, and the token in it, was lost.
    """
    key = request.headers.get(HEADER)
    if key:
        message = f"cart:{key}:{fingerprint(request)}".encode()
        token = hmac.new(settings.SECRET_KEY.encode(), message, hashlib.sha256).hexdigest()
    else:
        token = secrets.token_urlsafe(32)
    return CartOwner(token_hash=cart_token_hash(token), new_token=token)
