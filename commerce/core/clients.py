"""Where a request came from."""

from __future__ import annotations

import hashlib
import re
from ipaddress import ip_address, ip_network
from typing import cast
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest
from rest_framework.request import Request

IPV6_CLIENT = 64  # bits that name a client's network, the rest it chooses as it likes


def client_ip(request: Request | HttpRequest) -> str:
    """The client's address: the peer's, or the one that the outermost trusted proxy saw.

    `NUM_PROXIES` proxies each append to `X-Forwarded-For`, so entries further left are the client's
    own claim and count for nothing.
    """
    peer = request.META.get("REMOTE_ADDR") or "127.0.0.1"
    proxies: int = settings.NUM_PROXIES
    if proxies:
        hops = [hop.strip() for hop in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")]
        if len(hops) >= proxies:
            peer = hops[-proxies]
    try:
        address = ip_address(peer.partition("%")[0])
    except ValueError:
        return "127.0.0.1"  # a unix socket has no address
    return str(getattr(address, "ipv4_mapped", None) or address)


def client_network(request: Request | HttpRequest) -> str:
    """What stands for the client where clients are counted: an IPv6 client owns a whole /64."""
    ip = client_ip(request)
    if ":" not in ip:
        return ip
    return str(ip_network(f"{ip}/{IPV6_CLIENT}", strict=False).network_address)


CART_TOKEN_HEADER = "X-Cart-Token"  # noqa: S105 - a header's name
CART_TOKEN_PATTERN = re.compile(r"[A-Za-z0-9_-]{20,200}")


def cart_token_hash(token: str) -> str:
    """SHA-256 hex of a guest cart's token: what the database knows it by."""
    return hashlib.sha256(token.encode()).hexdigest()


def guest_cart_hash(request: Request) -> str | None:
    """The hash of the guest cart's token in `X-Cart-Token`; a malformed one names no cart."""
    token = request.headers.get(CART_TOKEN_HEADER, "")
    return cart_token_hash(token) if CART_TOKEN_PATTERN.fullmatch(token) else None


def user_id_of(request: Request) -> UUID:
    """The id of whoever is logged in, for views whose permission lets nobody else in."""
    return cast("UUID", request.user.pk)
