"""How a request says who it is: a bearer access token of a login that is not over."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connections
from rest_framework.exceptions import AuthenticationFailed
from rest_framework_simplejwt.authentication import JWTAuthentication
from rest_framework_simplejwt.exceptions import InvalidToken, TokenError
from rest_framework_simplejwt.tokens import Token

from commerce.accounts.minting import SESSION, Access
from commerce.accounts.models import User

FIELDS = [field.attname for field in User._meta.concrete_fields]
COLUMNS = ", ".join(f"users.{field.column}" for field in User._meta.concrete_fields)
WHO = f"""
SELECT {COLUMNS} FROM login_sessions JOIN users ON users.id = login_sessions.user_id
WHERE login_sessions.id = %s AND login_sessions.ended_at IS NULL AND users.status = 'active'
"""  # noqa: S608 - the model's own columns


class BearerAuthentication(JWTAuthentication):
    """Reads `Authorization: Bearer <access token>`.

    Login and user are read by their keys in one statement, always from the primary: whoever has
    logged out, was logged out or may not log in any more is nobody with the very next request.
    """

    def get_validated_token(self, raw_token: bytes) -> Token:
        """The token, if it is one of ours and its time is not over."""
        try:
            return Access(raw_token)  # type: ignore[arg-type]
        except TokenError:
            raise InvalidToken from None

    def get_user(self, validated_token: Token) -> Any:
        """The user whose login the token belongs to."""
        try:
            session_id = UUID(validated_token[SESSION])
        except (KeyError, TypeError, ValueError, AttributeError):
            raise InvalidToken from None
        with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
            cursor.execute(WHO, [session_id])
            row = cursor.fetchone()
        if row is None:
            raise AuthenticationFailed
        return User.from_db(DEFAULT_DB_ALIAS, FIELDS, row)
