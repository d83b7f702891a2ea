"""Where the embedded servers keep their files."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[3]
DATABASE = "shop"
SUPPORTED_VERSIONS = ("16", "18")


def data_dir() -> Path:
    """Return `DATA_DIR`, absolute; a relative one counts from the project, not the caller."""
    return (PROJECT / os.environ.get("DATA_DIR", ".data")).resolve()


@dataclass(frozen=True)
class Places:
    """Every path that belongs to one pair of servers, known without touching the disk."""

    root: Path
    version: str
    throwaway: bool

    @classmethod
    def current(cls) -> Places:
        """Read `DATA_DIR`, `POSTGRES_VERSION` and `SERVERS_THROWAWAY` from the environment."""
        version = os.environ.get("POSTGRES_VERSION", "18")
        if version not in SUPPORTED_VERSIONS:
            raise SystemExit(
                f"POSTGRES_VERSION is {version!r}; the embedded server is one of "
                f"{', '.join(SUPPORTED_VERSIONS)}. For another, set DATABASE_URL."
            )
        return cls(data_dir(), version, os.environ.get("SERVERS_THROWAWAY") == "1")

    @property
    def sockets(self) -> Path:
        """A short folder of its own: a socket's path may have 107 characters, a clone's more."""
        digest = hashlib.sha256(f"{self.root}:{self.version}".encode()).hexdigest()[:12]
        return Path("/tmp") / f"shop-{digest}"  # noqa: S108 - owned and checked before use

    @property
    def outside(self) -> Path:
        """Where PostgreSQL lives when root starts it for a clone its account can't reach."""
        return Path("/var/tmp") / self.sockets.name  # noqa: S108 - owned and checked before use

    @property
    def postgres_socket(self) -> Path:
        """The socket PostgreSQL makes for its default port."""
        return self.sockets / ".s.PGSQL.5432"

    @property
    def redis_socket(self) -> Path:
        """The only place where Redis listens."""
        return self.sockets / "redis.sock"

    @property
    def locks(self) -> Path:
        """The folder of the lock files."""
        return self.root / "run"

    @property
    def logs(self) -> Path:
        """The folder of the servers' logs."""
        return self.root / "log"
