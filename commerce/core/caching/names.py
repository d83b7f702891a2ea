"""What lies in Redis under which name."""

from __future__ import annotations

from django.conf import settings

EVERYTHING = "*"  # the tag of every page
TAGS_MAX = 20_000
WINDOW = 150.0  # seconds for which changes are told; longer than any page lives


def page(key: str) -> str:
    """A page."""
    return _of(f"of:{key}")


def lock(key: str) -> str:
    """Who renders the page just now."""
    return _of(f"lock:{key}")


def index(kind: str) -> str:
    """The pages of a kind by the end of their lives."""
    return _of(f"index:{kind}")


def changes() -> str:
    """The tags by when they changed last."""
    return _of("changes")


def heard() -> str:
    """When the follower last said what has changed."""
    return _of("heard")


def position() -> str:
    """Until when the follower has seen the database's changes."""
    return _of("position")


def due() -> str:
    """Tags that are to be told when their rest is over."""
    return _of("due")


def rest(tag: str) -> str:
    """There while a tag rests."""
    return _of(f"rest:{tag}")


def _of(name: str) -> str:
    return f"{settings.CACHES['default']['KEY_PREFIX']}:page:{name}"
