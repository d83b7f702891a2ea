"""A rendered page as it is kept: its bytes, compressed once, and by what it is outdated."""

from __future__ import annotations

import gzip
import hmac
import json
import random
import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import Any

import brotli
from django.conf import settings
from django.utils.crypto import salted_hmac

FORMAT = b"1"
SIGNATURE = 64
GZIP_LEVEL, BROTLI_QUALITY = 6, 5
JITTER = 0.15  # so that what was rendered together is not rendered anew together


@dataclass(slots=True)
class Page:
    """The answer to everybody who asks for it; one that tells of an absence has no body.

    `at` is when the rendering began: a change after it may be missing.
    """

    at: float
    seconds: float
    tags: tuple[str, ...]
    kind: str = ""
    etag: str = ""
    absent: bool = False
    headers: tuple[tuple[str, str], ...] = ()
    plain: bytes | None = None
    gzip: bytes | None = None
    brotli: bytes | None = None

    @property
    def size(self) -> int:
        """About how many bytes it takes in a process."""
        return sum(len(one) for one in (self.plain, self.gzip, self.brotli) if one) + 1_000

    def body(self, accepted: str) -> tuple[bytes, str]:
        """The bytes for a client that takes these encodings, and the encoding they are in."""
        if accepted:
            if self.brotli is not None and takes(accepted, "br"):
                return self.brotli, "br"
            if self.gzip is not None and takes(accepted, "gzip"):
                return self.gzip, "gzip"
        if self.plain is None:
            self.plain = gzip.decompress(self.gzip) if self.gzip is not None else b""
        return self.plain, ""


def takes(accepted: str, encoding: str) -> bool:
    """Whether an Accept-Encoding names the encoding, and not with a quality of 0."""
    for one in accepted.lower().split(","):
        name, _, quality = one.partition(";")
        if name.strip() == encoding:
            return quality.replace(" ", "").rstrip("0.") != "q="
    return False


def rendered(
    body: bytes,
    kind: str,
    at: float,
    tags: Iterable[str],
    headers: Iterable[tuple[str, str]] = (),
) -> Page:
    """The page that a view rendered, compressed where it pays."""
    page = Page(
        at=at,
        seconds=_jittered(settings.PAGE_CACHE_SECONDS),
        tags=tuple(sorted(set(tags))),
        kind=kind,
        etag=f'W/"{blake2b(body, digest_size=12).hexdigest()}"',
        headers=tuple(headers),
        plain=body,
    )
    if len(body) < settings.PAGE_CACHE_COMPRESS_FROM:
        return page
    return replace(
        page,
        gzip=gzip.compress(body, GZIP_LEVEL, mtime=0),
        brotli=brotli.compress(body, mode=brotli.MODE_TEXT, quality=BROTLI_QUALITY),
    )


def nothing(at: float, tags: Iterable[str], headers: Iterable[tuple[str, str]] = ()) -> Page:
    """What is remembered of an address at which there is nothing."""
    seconds = _jittered(settings.PAGE_CACHE_ABSENT_SECONDS)
    return Page(at=at, seconds=seconds, tags=tuple(tags), absent=True, headers=tuple(headers))


def _jittered(seconds: float) -> float:
    return seconds * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311 - no secret


def packed(key: str, page: Page) -> bytes:
    """The page for Redis, signed: compressed if it is, and then not plain as well."""
    parts = (b"" if page.gzip else page.plain or b"", page.gzip or b"", page.brotli or b"")
    head = {
        "at": page.at,
        "seconds": page.seconds,
        "tags": page.tags,
        "kind": page.kind,
        "etag": page.etag,
        "absent": page.absent,
        "headers": page.headers,
        "sizes": [len(one) for one in parts],
    }
    content = b"\n".join((json.dumps(head).encode(), b"".join(parts)))
    return FORMAT + _signed(key, content) + content


def unpacked(key: str, entry: object) -> Page | None:
    """The page that Redis had, if it is certainly ours and of this key."""
    if not isinstance(entry, bytes) or not entry.startswith(FORMAT):
        return None
    signature, content = entry[1 : 1 + SIGNATURE], entry[1 + SIGNATURE :]
    if not hmac.compare_digest(signature, _signed(key, content)):
        return None
    line, _, parts = content.partition(b"\n")
    head: dict[str, Any] = json.loads(line)
    plain, zipped = head["sizes"][0], sum(head["sizes"][:2])
    compressed = zipped > plain
    return Page(
        at=head["at"],
        seconds=head["seconds"],
        tags=tuple(head["tags"]),
        kind=head["kind"],
        etag=head["etag"],
        absent=head["absent"],
        headers=tuple((name, value) for name, value in head["headers"]),
        plain=None if compressed else parts[:plain],
        gzip=parts[plain:zipped] if compressed else None,
        brotli=parts[zipped:] if compressed else None,
    )


def _signed(key: str, content: bytes) -> bytes:
    text = key.encode() + b"\n" + content
    return salted_hmac(__name__, text, algorithm="sha256").hexdigest().encode()


def now() -> float:
    """Seconds since 1970; what is compared over processes and machines."""
    return time.time()
