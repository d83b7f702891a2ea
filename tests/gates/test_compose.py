"""What compose.yaml hands to the containers is enough to start in production."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from typing import Any

import pytest
import yaml

from commerce.core.servers.places import PROJECT

ASKED_OF_THE_OPERATOR = re.compile(r"\$\{([A-Z_]+)(?::([?-])([^}]*))?\}")
GIVEN = {
    "SECRET_KEY": "s" * 60,
    "JWT_SIGNING_KEYS": f"2026-11:{'j' * 60}",
    "OTP_PEPPER": "p" * 60,
    "ALLOWED_HOSTS": "shop.test",
    "SMS_BACKEND": "shop.sms.Gateway",
    "MAIL_BACKEND": "shop.mail.Gateway",
    "PAYMENT_PROVIDERS": "gateway",
    "CDN_BASE_URL": "https://cdn.test/",
    "METRICS_TOKEN": "m" * 40,
    "POSTGRES_PASSWORD": "d" * 20,
}


def handed_over(given: dict[str, str]) -> dict[str, str]:
    """The environment of the containers, the operator's values filled in; 1 for a missing one."""
    shared: dict[str, Any] = yaml.safe_load((PROJECT / "compose.yaml").read_text())["x-application"]

    def filled(match: re.Match[str]) -> str:
        name, kind, default = match.groups()
        return given.get(name, default if kind == "-" else "")

    return {
        name: ASKED_OF_THE_OPERATOR.sub(filled, str(value))
        for name, value in shared["environment"].items()
    }


def started(given: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """A process that reads the settings as the containers do."""
    clean = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        [sys.executable, "-c", "from config import settings"],
        cwd=PROJECT,
        env=clean | handed_over(given),
        capture_output=True,
        text=True,
        check=False,
    )


def test_what_the_containers_get_is_enough_to_start() -> None:
    process = started(GIVEN)

    assert process.returncode == 0, process.stderr


@pytest.mark.parametrize("missing", ["SECRET_KEY", "METRICS_TOKEN", "OTP_PEPPER"])
def test_what_an_operator_forgets_is_named(missing: str) -> None:
    process = started({name: value for name, value in GIVEN.items() if name != missing})

    assert process.returncode != 0
    assert missing in process.stderr.splitlines()[-1]
