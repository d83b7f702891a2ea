"""Access and refresh tokens: issued, rotated with exactly one winner, ended."""

from __future__ import annotations

from typing import Any

from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.tokens import RefreshToken

from commerce.accounts.models import User, UserStatus
from commerce.core.errors import ProblemError


class SpendableRefresh(RefreshToken):
    """A refresh token checked for signature, type and expiry; `_spend` tells if it is spent."""

    def check_blacklist(self) -> None:
        """Leave the decision to the insert that only one of several can win."""


def issue(user: User) -> dict[str, str]:
    """A fresh pair for a user who has just proved who they are."""
    refresh = RefreshToken.for_user(user)
    return {"access": str(refresh.access_token), "refresh": str(refresh)}


def rotate(raw: str) -> dict[str, str]:
    """A new pair for a refresh token, which is spent by it: of several at once, one wins."""
    token = _parsed(raw)
    user_id = str(token.payload.get("user_id", ""))
    user = User.objects.filter(id=user_id, status=UserStatus.ACTIVE).first()
    if user is None:
        raise ProblemError("token_invalid")
    _spend(token)
    return issue(user)


def end(raw: str) -> None:
    """Log out: the refresh token is spent; one that is spent already is as good."""
    try:
        _spend(_parsed(raw))
    except ProblemError as problem:
        if problem.code != "token_reused":
            raise


def _parsed(raw: str) -> SpendableRefresh:
    try:
        return SpendableRefresh(raw)  # type: ignore[arg-type]
    except TokenError:
        raise ProblemError("token_invalid") from None


def _spend(token: SpendableRefresh) -> None:
    blacklist: Any = token.blacklist  # its stub answers the row alone
    _, first = blacklist()
    if not first:
        raise ProblemError("token_reused")
