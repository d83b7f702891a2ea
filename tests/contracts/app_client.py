"""The app's client: installed, generated from the contract, compiled, and run drill by drill."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

HOME = Path(__file__).parent / "client"
PACKAGES = HOME / "node_modules"
CONTRACT = Path(__file__).resolve().parents[2] / "docs" / "openapi.yaml"
NODE_MAJOR = 20
SECONDS = 120
NO_NODE = (
    f"Node {NODE_MAJOR} or newer, with npm, is needed to run the app's client; "
    "without it: pytest --ignore tests/contracts/test_client.py"
)

Word = Callable[[str], str]
NO_WORDS: Mapping[str, Word] = MappingProxyType({})


class DoesNotCompile(AssertionError):
    """The compiler's list of mistakes."""


def install() -> None:
    """Install the pinned packages, once per lockfile; fails clearly where Node is not there."""
    node = shutil.which("node")
    assert node, NO_NODE
    assert shutil.which("npm"), NO_NODE
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout
    found = re.match(r"v(\d+)", version)
    assert found, version
    assert int(found[1]) >= NODE_MAJOR, f"{NO_NODE}; found {version}"
    wanted = hashlib.sha256((HOME / "package-lock.json").read_bytes()).hexdigest()
    stamp = PACKAGES / ".installed"
    if not stamp.exists() or stamp.read_text() != wanted:
        _run("npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts")
        stamp.write_text(wanted)


def compile_against(contract: Path, home: Path = HOME) -> None:
    """Write the contract's types and compile the client strictly with them."""
    types = str(home / "src" / "schema.ts")
    _run(str(PACKAGES / ".bin" / "openapi-typescript"), str(contract), "--output", types)
    _run("node", str(PACKAGES / "typescript-7" / "bin" / "tsc"), "--project", str(home))


@dataclass(frozen=True)
class Places:
    """Where a drill finds the shop and what is around it."""

    shop: str
    hasty_shop: str
    sms: Path
    folder: Path
    secret: str

    @property
    def environment(self) -> dict[str, str]:
        """The drill's environment: nothing of ours but what the app would know."""
        return {
            "PATH": os.environ["PATH"],
            "SHOP_URL": self.shop,
            "HASTY_SHOP_URL": self.hasty_shop,
            "SMS_DIR": str(self.sms),
            "DRILL_DIR": str(self.folder),
            "PAYMENT_SANDBOX_SECRET": self.secret,
        }


def drill(name: str, places: Places, words: Mapping[str, Word] = NO_WORDS) -> None:
    """Run one drill; each line it prints may be answered by a word of the test's."""
    heard: list[str] = []
    process = subprocess.Popen(
        ["node", "build/main.js", name],
        cwd=HOME,
        env=places.environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    watchdog = threading.Timer(SECONDS, process.kill)
    watchdog.start()
    try:
        assert process.stdin
        assert process.stdout
        for line in process.stdout:
            heard.append(line)
            event, _, detail = line.rstrip("\n").partition(" ")
            if event in words and (word := words[event](detail)):
                process.stdin.write(f"{word}\n")
                process.stdin.flush()
    finally:
        watchdog.cancel()
        process.kill()
        process.wait()
    assert [line.strip() for line in heard[-1:]] == ["done"], "".join(heard)


def _run(*command: str) -> None:
    done = subprocess.run(
        command,
        cwd=HOME,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
        env=os.environ | {"NO_COLOR": "1"},
    )
    if done.returncode:
        raise DoesNotCompile(f"{Path(command[0]).name}:\n{done.stdout}{done.stderr}")
