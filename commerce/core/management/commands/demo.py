"""`manage.py demo`: the whole shop on this machine, in the foreground, until it is stopped."""

from __future__ import annotations

import io
import json
import os
import shutil
import signal
import socket
import sys
import time
from types import FrameType
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connections

from commerce.core import servers
from commerce.core.supervisor import Supervisor

HOST = "127.0.0.1"
WEB_WORKERS = 2
WEB_THREADS = 4  # in each worker; every one holds a database connection
JOB_WORKERS = 2
SECONDS_TO_READY = 90
DEMO_SENDS_PER_IP_HOUR = "1000"
SECONDS_BETWEEN_LOOKS = 0.25
LOCALHOST_TIMEOUT = 5


class Stopped(BaseException):
    """Somebody asked the demo to end; not an `Exception`, so that no step swallows it."""


class Command(BaseCommand):
    """Prepares the database, then runs web server, worker and beat until one ends or a signal."""

    help = "Run the shop: servers, migrations, procedures, data, web, worker and beat."

    def handle(self, *args: Any, **options: Any) -> None:
        """Run until Ctrl-C or SIGTERM (exit code 0) or until a part ends (exit code 1)."""
        port = _free_port(os.environ.get("PORT", "8000"))
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, _stop)
        supervisor = Supervisor()
        try:
            self._prepare()
            self._start(supervisor, port)
            self._wait_until_ready(supervisor, port)
            self._watch(supervisor)
        except Stopped:
            self._say("stopping …")
        finally:
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, signal.SIG_IGN)
            supervisor.stop()

    def _prepare(self) -> None:
        """Bring schema, procedures, data and static files up to date; cheap when they are."""
        self._say("migrations …")
        call_command("migrate", verbosity=0, interactive=False)
        self._say("procedures …")
        call_command("procedures", "install")
        call_command("roles")
        self._say("data …")
        call_command("seed", "--if-empty")
        call_command("shelf")
        call_command("collectstatic", verbosity=0, interactive=False)
        call_command("pictures", stdout=io.StringIO())
        connections.close_all()

    def _start(self, supervisor: Supervisor, port: int) -> None:
        metrics = settings.DATA_DIR / "metrics"
        shutil.rmtree(metrics, ignore_errors=True)
        metrics.mkdir()
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(metrics)
        os.environ.setdefault("CDN_BASE_URL", f"http://{HOST}:{port}/static/pictures/")
        # Here every customer's device has the same address.
        os.environ.setdefault("OTP_SENDS_PER_IP_HOUR", DEMO_SENDS_PER_IP_HOUR)
        static = ["--static-path-route", "/static", "--static-path-mount", settings.STATIC_ROOT]
        web = ["granian", "--interface", "wsgi", "--workers", WEB_WORKERS, "--host", HOST]
        web += ["--port", port, "--blocking-threads", WEB_THREADS, "--no-ws", *static]
        web += ["config.wsgi:application"]
        celery = ["celery", "--quiet", "-A", "config"]
        worker = [*celery, "worker", "--concurrency", JOB_WORKERS, "--without-mingle"]
        beat = [*celery, "beat", "--pidfile", "", "--schedule", settings.DATA_DIR / "beat"]
        for name, arguments in {"web": web, "worker": worker, "beat": beat}.items():
            supervisor.start(name, [sys.executable, "-m", *map(str, arguments)])

    def _wait_until_ready(self, supervisor: Supervisor, port: int) -> None:
        url = f"http://{HOST}:{port}"
        end = time.monotonic() + SECONDS_TO_READY
        while (answer := _health(f"{url}/health/ready")) != "":
            self._look(supervisor)
            if time.monotonic() > end:
                raise CommandError(f"{url}/health/ready did not answer 200: {answer}")
            time.sleep(SECONDS_BETWEEN_LOOKS)
        self._say(f"API        {url}/api/v1/")
        self._say(f"contract   {url}/api/docs")
        self._say(f"admin      {url}/admin/")
        self._say("           administrator +919900000001, password as the first start printed it;")
        self._say("           forgotten: .venv/bin/python manage.py changepassword +919900000001")
        self._say(f"metrics    {url}/metrics")
        self._say(f"messages   {settings.SMS_DIR} and {settings.MAIL_DIR}")
        self._say("next       buy something: README.md shows it in curl; Ctrl-C stops everything")
        self._say(f"ready on {url}")

    def _watch(self, supervisor: Supervisor) -> None:
        while True:
            self._look(supervisor)
            time.sleep(SECONDS_BETWEEN_LOOKS)

    def _look(self, supervisor: Supervisor) -> None:
        """Raise when a part of the demo has ended."""
        ended = supervisor.ended()
        if ended:
            raise CommandError(f"{ended[0]} ended with exit code {ended[1]}, so everything stops")
        silent = servers.silent()
        if silent:
            raise CommandError(f"{silent} does not answer any more, so everything stops")

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()


def _stop(number: int, frame: FrameType | None) -> None:
    raise Stopped


def _free_port(text: str) -> int:
    """Return the port to listen on, or explain why it can't be that one."""
    if not text.isdecimal() or not 0 < int(text) < 65536:
        raise CommandError(f"PORT is {text!r}, not a number from 1 to 65535")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, int(text)))
        except OSError as error:
            another = int(text) % 65535 + 1
            raise CommandError(
                f"port {text} can't be used ({error.strerror}); try: PORT={another} make demo"
            ) from error
    return int(text)


def _health(url: str) -> str:
    """Return what is not ready, an empty text when all is."""
    try:
        with urlopen(url, timeout=LOCALHOST_TIMEOUT):  # noqa: S310 - our own http URL
            return ""
    except HTTPError as error:
        with error:
            body = error.read().decode(errors="replace")
    except (URLError, OSError) as error:
        return str(error)
    try:
        return json.dumps(json.loads(body))
    except ValueError:
        return f"{body[:200]}"
