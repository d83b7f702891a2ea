"""The app, generated from the contract and compiled strictly, buys and survives what apps meet."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest

from commerce.accounts.models import User
from commerce.audit.invariants import violations
from tests.concurrency.racing import holding
from tests.contracts import app_client
from tests.contracts.app_client import DoesNotCompile, Places, drill


@pytest.fixture(scope="module", autouse=True)
def compiled() -> None:
    """The client, compiled against the contract as it stands."""
    app_client.install()
    app_client.compile_against(app_client.CONTRACT)


@pytest.mark.parametrize(
    "name",
    [
        "purchase",
        "lostAnswers",
        "expiredToken",
        "endedLogin",
        "toldToWait",
        "offline",
        "refusals",
    ],
)
def test_the_app_goes_on(places: Places, name: str) -> None:
    drill(name, places)

    assert violations() == []


def test_an_order_sent_twice_at_one_moment_is_answered_once(places: Places) -> None:
    # given a customer whose order can't end while somebody else holds their row
    with ExitStack() as held:
        holds: list[Callable[[], None]] = []

        def hold(phone: str) -> str:
            holds.append(held.enter_context(holding(User.objects.get(phone=phone))))
            return "go"

        def let_go(_: str) -> str:
            for release in holds:
                release()
            return ""

        # when it is sent twice, and the first may go on once the second was told to wait
        drill("stillAtWork", places, {"ordering": hold, "waits": let_go})

    # then the drill has seen one order and two equal answers
    assert violations() == []


def test_the_app_does_not_compile_against_another_contract(tmp_path: Path) -> None:
    # given a contract with other names for a path, for what the app sends and for what it reads
    for name in ("src", "package.json", "tsconfig.json"):
        source = app_client.HOME / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, tmp_path / name)
    (tmp_path / "node_modules").symlink_to(app_client.PACKAGES)
    names = ("expected_total", "payment_status", "/api/v1/cart/items")
    text = app_client.CONTRACT.read_text()
    for name in names:
        text = text.replace(f" {name}:\n", f" {name}x:\n")
    (tmp_path / "openapi.yaml").write_text(text)
    # when the app is compiled against it
    with pytest.raises(DoesNotCompile) as refused:
        app_client.compile_against(tmp_path / "openapi.yaml", tmp_path)
    # then the compiler complains of each
    assert [name for name in names if name not in str(refused.value)] == []
