"""How a request says who it is: a bearer access token."""

from __future__ import annotations

from rest_framework_simplejwt.authentication import JWTAuthentication


class BearerAuthentication(JWTAuthentication):
    """Reads `Authorization: Bearer <access token>`."""
