"""The settings of a test run: servers of its own, thrown away at its end, nothing else changed.

`DATABASE_URL` and `REDIS_URL` still win, so the same suite runs against any PostgreSQL.
"""

from __future__ import annotations

import os
import secrets

if os.environ.get("SERVERS_THROWAWAY") != "1":  # a command started by a test joins its servers
    os.environ["SERVERS_THROWAWAY"] = "1"
    os.environ["DATA_DIR"] = f".data/test/run-{os.getpid()}-{secrets.token_hex(3)}"

from commerce.core.rates import rate
from config.settings import *  # noqa: F403

# Tests ask very often; those of the limits set their own.
RATE_LIMITS = {
    category: limit
    if f"RATE_LIMIT_{category.upper().removesuffix('-IP')}" in os.environ
    else rate("1000000/min")
    for category, limit in RATE_LIMITS.items()  # noqa: F405
}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# Tests read what they have just written, but for those of the cache itself.
PAGE_CACHE = os.environ.get("PAGE_CACHE") == "true"
