"""How a request says who it is: a bearer access token of a login that is not over."""

from __future__ import annotations

from functools import lru_cache
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request
from rest_framework_simplejwt.authentication import JWTAuthentication
from rest_framework_simplejwt.exceptions import InvalidToken, TokenError
from rest_framework_simplejwt.tokens import Token

from commerce.accounts.minting import SESSION, Access
from commerce.accounts.models import User
from commerce.core import prepared

FIELDS = [field.attname for field in User._meta.concrete_fields]
COLUMNS = ", ".join(f"users.{field.column}" for field in User._meta.concrete_fields)
WHO = f"""
SELECT {COLUMNS} FROM login_sessions JOIN users ON users.id = login_sessions.user_id
WHERE login_sessions.id = %(session_id)s AND login_sessions.ended_at IS NULL
  AND users.status = 'active'
"""  # noqa: S608 - the model's own columns


@lru_cache(maxsize=2048)
def _verified(raw_token: bytes, keys: tuple[tuple[str, str], ...]) -> Access:
    """The token, its signature checked; who comes again within minutes brings the same one."""
    return Access(raw_token)  # type: ignore[arg-type]


class BearerAuthentication(JWTAuthentication):
    """Reads `Authorization: Bearer <access token>`.

    Login and user are read by their keys in one statement, always from the primary: whoever has
    logged out, was logged out or may not log in any more is nobody with the very next request.
    """

    def get_header(self, request: Request) -> bytes:
        """The header's bytes; some web servers hand on text that no byte of a header can hold."""
        try:
            return super().get_header(request)
        except UnicodeEncodeError:
            raise InvalidToken from None

    def get_validated_token(self, raw_token: bytes) -> Token:
        """The token, if it is one of ours and its time is not over."""
        try:
            token = _verified(raw_token, settings.JWT_SIGNING_KEYS)
            token.check_exp()
        except TokenError:
            raise InvalidToken from None
        return token

    def get_user(self, validated_token: Token) -> Any:
        """The user whose login the token belongs to."""
        try:
            session_id = UUID(validated_token[SESSION])
        except (KeyError, TypeError, ValueError, AttributeError):
            raise InvalidToken from None
        found = prepared.rows(WHO, {"session_id": session_id})
        if not found:
            raise AuthenticationFailed
        return User.from_db(DEFAULT_DB_ALIAS, FIELDS, found[0].values())
