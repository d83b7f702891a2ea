"""The keys that sign tokens: the first signs, each is accepted, and a token names its own."""

from __future__ import annotations

from functools import cache
from typing import Any

import jwt
from django.conf import settings
from rest_framework_simplejwt.backends import TokenBackend
from rest_framework_simplejwt.exceptions import TokenBackendError
from rest_framework_simplejwt.settings import api_settings

ALGORITHM = "HS256"


class KeyRing(TokenBackend):
    """Several keys, so that a new one can take over while the tokens of the old one live on."""

    def __init__(self, keys: tuple[tuple[str, str], ...]) -> None:
        self.key_id, signing = keys[0]
        super().__init__(
            ALGORITHM,
            signing,
            audience=api_settings.AUDIENCE,
            issuer=api_settings.ISSUER,
            leeway=api_settings.LEEWAY,
        )
        self.keys = {name: self._prepare_key(key) for name, key in keys}

    def encode(self, payload: dict[str, Any]) -> str:
        """The signed token, the key's id in its header."""
        claims = payload | {"aud": self.audience, "iss": self.issuer}
        signing = self.keys[self.key_id]
        return jwt.encode(claims, signing, algorithm=ALGORITHM, headers={"kid": self.key_id})

    def get_verifying_key(self, token: Any) -> Any:
        """The key that the token names; none is tried that it doesn't."""
        named = jwt.get_unverified_header(token).get("kid")
        if named not in self.keys:
            raise TokenBackendError("Token is signed by no key of ours")
        return self.keys[named]


def ring() -> KeyRing:
    """The keys of `JWT_SIGNING_KEYS`."""
    return _ring(settings.JWT_SIGNING_KEYS)


@cache
def _ring(keys: tuple[tuple[str, str], ...]) -> KeyRing:
    return KeyRing(keys)
