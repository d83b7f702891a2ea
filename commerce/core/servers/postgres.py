"""One PostgreSQL cluster: made once, started, stopped, recognised after a crash."""

from __future__ import annotations

import pwd
import shutil
import subprocess
import time
from pathlib import Path
from typing import IO

from commerce.core.servers.account import (
    as_account,
    own,
    postgres_binaries,
    private_folder,
    reachable,
    server_account,
)
from commerce.core.servers.locks import Lock
from commerce.core.servers.places import DATABASE, Places
from commerce.core.servers.probe import answers

_START_ATTEMPTS = 4
_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "shared_buffers": "256MB",
    "max_connections": "200",
    "max_wal_size": "2GB",
    "random_page_cost": "1.1",
    # the limits that production sets on the role
    "lock_timeout": "5s",
    "statement_timeout": "60s",
    "idle_in_transaction_session_timeout": "120s",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m[%p]",
    # statements and details may hold phone numbers; the application logs what it needs
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}
# What a test writes may be lost with the machine; what a person does in the demo may not.
_THROWAWAY_SETTINGS = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "shared_buffers": "128MB",
    "autovacuum_naptime": "1h",
}


class Postgres:
    """The PostgreSQL that belongs to one `DATA_DIR`."""

    def __init__(self, places: Places) -> None:
        self.places = places
        inside = places.root / f"postgres-{places.version}"
        outside = places.outside / inside.name
        self.account: pwd.struct_passwd | None = server_account(inside)
        moved = self.account is not None and (outside.exists() or not reachable(places.root))
        self.data = outside if moved else inside
        if outside.exists():
            self.account = server_account(outside)

    def running(self) -> bool:
        """Say whether the server accepts connections, whatever its pid file claims."""
        return answers(self.places.postgres_socket)

    def start(self) -> None:
        """Start the server; after a crash wait for what the dead one left behind to go."""
        self._prepare()
        log = self.places.logs / "postgres.log"
        for attempt in range(1, _START_ATTEMPTS + 1):
            self._forget_dead_server()
            with log.open("ab") as output:
                done = self._run(
                    "pg_ctl", "start", "-w", "-t", "120", "-o", self._options(), log=output
                )
            if done.returncode == 0:
                return
            time.sleep(attempt)
        raise SystemExit(f"PostgreSQL did not start; the end of {log}:\n{_tail(log)}")

    def stop(self) -> None:
        """Stop the server and wait until it is gone; harmless when it isn't running."""
        self._forget_dead_server()
        if (self.data / "postmaster.pid").exists():
            self._run("pg_ctl", "stop", "-w", "-t", "60", "-m", "fast")

    def remove(self) -> None:
        """Delete the cluster with its sockets."""
        shutil.rmtree(self.data, ignore_errors=True)
        shutil.rmtree(self.places.sockets, ignore_errors=True)
        if self.places.outside.exists():
            shutil.rmtree(self.places.outside, ignore_errors=True)

    def _prepare(self) -> None:
        private_folder(self.places.sockets, self.account)
        if self.data.is_relative_to(self.places.outside):
            private_folder(self.places.outside, None, 0o711)
        if (self.data / "PG_VERSION").exists():
            return
        if not self.places.throwaway:
            self._make_cluster(self.data)
            return
        template = self._templates() / f"template-{self.places.version}"
        with Lock(template.with_suffix(".lock")):
            if not template.exists():
                self._make_cluster(template)
        shutil.copytree(template, self.data)
        own(self.data, self.account)

    def _templates(self) -> Path:
        """Return the folder of the clusters that test runs start from, shared by the runs."""
        if not self.data.is_relative_to(self.places.outside):
            return self.places.root.parent
        folder = self.places.outside.with_name("shop-templates")
        private_folder(folder, None, 0o711)
        return folder

    def _make_cluster(self, target: Path) -> None:
        """Make a cluster with the shop's database; a half-made one never gets the final name."""
        partial = target.with_name(f"{target.name}.partial")
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(mode=0o700)
        own(partial, self.account)
        locale = ["--no-locale"]
        if self.places.version == "18":  # Unicode rules from PostgreSQL itself, on any machine
            locale = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        options = ["-U", DATABASE, "--auth=trust", "--encoding=UTF8", *locale]
        self._check(self._run("initdb", *options, data=partial))
        create = f"CREATE DATABASE {DATABASE}\n"
        self._check(self._run("postgres", "--single", "postgres", data=partial, text=create))
        partial.rename(target)

    def _options(self) -> str:
        settings = _SETTINGS | (_THROWAWAY_SETTINGS if self.places.throwaway else {})
        settings["unix_socket_directories"] = str(self.places.sockets)
        return " ".join(f"-c {name}='{value}'" for name, value in settings.items())

    def _forget_dead_server(self) -> None:
        """Remove a pid file whose number another program has got since the crash."""
        pid_file = self.data / "postmaster.pid"
        try:
            pid = int(pid_file.read_text().splitlines()[0])
            command = Path(f"/proc/{pid}/cmdline").read_text()
        except (FileNotFoundError, ProcessLookupError, IndexError, ValueError):
            return
        if str(self.data) not in command:
            pid_file.unlink(missing_ok=True)

    def _run(
        self,
        program: str,
        *arguments: str,
        data: Path | None = None,
        log: IO[bytes] | None = None,
        text: str | None = None,
    ) -> subprocess.CompletedProcess[str]:
        data = data or self.data
        mode, rest = ([arguments[0]], arguments[1:]) if program == "postgres" else ([], arguments)
        return subprocess.run(
            [
                str(postgres_binaries(self.places.version, self.account) / program),
                *mode,
                "-D",
                str(data),
                *rest,
            ],
            check=False,
            cwd=data,
            input=text,
            text=True,
            stdin=None if text is not None else subprocess.DEVNULL,
            stdout=log or subprocess.PIPE,
            stderr=log or subprocess.STDOUT,
            **as_account(self.account),
        )

    @staticmethod
    def _check(done: subprocess.CompletedProcess[str]) -> None:
        if done.returncode != 0:
            raise SystemExit(f"{Path(done.args[0]).name} failed:\n{done.stdout}")


def _tail(path: Path) -> str:
    return "\n".join(path.read_text(errors="replace").splitlines()[-15:])
