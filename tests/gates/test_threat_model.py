"""The threat model names only tests that exist, and leaves out no risk of the Top 10."""

from __future__ import annotations

import ast
import re

from commerce.core.servers.places import PROJECT

PAGE = PROJECT / "docs" / "threat-model.md"
FLOWS = ("Login", "Browsing", "Cart", "Checkout and payment", "Webhook", "Admin", "Jobs", "Logs")
FETCHERS = {"requests", "httpx", "aiohttp", "urllib3", "urlopen"}
ITS_OWN = {"commerce/core/management/commands/demo.py"}  # asks the server that it has started


def rows() -> list[list[str]]:
    """The cells of each row of the page's tables, headings apart."""
    lines = [one for one in PAGE.read_text().splitlines() if one.startswith("| ")]
    cells = [[one.strip() for one in line.strip("|").split("|")] for line in lines]
    return [one for one in cells if one[0] not in {"threat", "risk", "---"}]


def test_every_row_names_tests_that_exist() -> None:
    missing = {}
    for risk, _, tests in rows():
        named = re.findall(r"`(tests/[^`]+)`", tests)
        missing[risk] = [one for one in named or ["none"] if not (PROJECT / one).is_file()]

    assert {risk: files for risk, files in missing.items() if files} == {}


def test_every_flow_and_risk_is_there() -> None:
    text = PAGE.read_text()
    risks = [row[0].split()[0] for row in rows() if row[0].startswith("API")]

    assert risks == [f"API{number}" for number in range(1, 11)]
    assert re.findall(r"^### (.+)$", text, re.MULTILINE) == list(FLOWS)


def test_shop_fetches_no_address() -> None:
    found = set()
    for path in PROJECT.glob("commerce/**/*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import | ast.ImportFrom):
                names = {alias.name.split(".")[0] for alias in node.names}
                module = (getattr(node, "module", None) or "").split(".")[0]
                if FETCHERS & {*names, module}:
                    found.add(str(path.relative_to(PROJECT)))

    assert found == ITS_OWN
