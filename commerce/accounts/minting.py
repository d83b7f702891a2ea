"""What is in a token: signed claims about one login, made of its row alone.

The same row gives the same tokens, so none is stored, and an answer that was lost can be given
again without another pair coming into the world.
"""

from __future__ import annotations

from typing import Any, NamedTuple
from uuid import UUID, uuid5

from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken, Token

from commerce.accounts.keys import KeyRing, ring
from commerce.accounts.models import LoginSession
from commerce.core.errors import ProblemError

SESSION, GENERATION = "sid", "gen"


class Access(AccessToken):
    """Says for minutes who asks, and by which login."""

    @property
    def token_backend(self) -> KeyRing:
        """The shop's own keys."""
        return ring()


class Refresh(RefreshToken):
    """Buys the next pair, once: `gen` is the rotation of the login that it came from."""

    @property
    def token_backend(self) -> KeyRing:
        """The shop's own keys."""
        return ring()


class Spent(NamedTuple):
    """What a refresh token says: which rotation of which login it is."""

    session_id: UUID
    generation: int


def pair(session: LoginSession) -> dict[str, str]:
    """The tokens of the login's present generation."""
    return {"access": str(_minted(Access(), session)), "refresh": str(_minted(Refresh(), session))}


def read_refresh(raw: str) -> Spent:
    """What a refresh token of ours says; ProblemError `token_invalid` for any other text."""
    try:
        claims = Refresh(raw).payload  # type: ignore[arg-type]
        return Spent(UUID(claims[SESSION]), int(claims[GENERATION]))
    except (TokenError, KeyError, TypeError, ValueError):
        raise ProblemError("token_invalid") from None


def _minted(token: Token, session: LoginSession) -> Token:
    kind = f"{token.token_type} {session.generation}"
    claims: dict[str, Any] = {
        "user_id": str(session.user_id),
        SESSION: str(session.id),
        GENERATION: session.generation,
        "jti": uuid5(session.id, kind).hex,
    }
    token.payload |= claims
    token.set_iat(at_time=session.rotated_at)
    token.set_exp(from_time=session.rotated_at)
    return token
