"""Schemathesis against the running shop: every operation, all checks, as one person."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.contracts.app_client import CONTRACT
from tests.contracts.fuzz_shop import Known

HOOKS = Path(__file__).with_name("fuzz_hooks.py")
OFTEN = 0.7  # how often a parameter is something that the shop has
BOUND = {
    "path.address_id": "addresses",
    "path.item_id": "cart_items",
    "path.order_id": "orders",
    "path.payment_id": "payments",
    "path.product_id": "products",
    "path.return_id": "returns",
    "path.session_id": "sessions",
    "path.slug": "slugs",
    "path.pincode": "pincodes",
    "body.address_id": "addresses",
    "body.code": "coupons",
    "body.variant_id": "variants",
    "body.product_id": "products",
    "body.payment_id": "payments",
    "body.phone": "phones",
    "body.refresh": "refreshes",
    "body.provider_order_id": "provider_orders",
    "body.provider_payment_id": "provider_payments",
    "body.signature": "signatures",
    "body.items[*].order_item_id": "order_items",
    "body.lines[*].sku": "skus",
    "body.lines[*].warehouse": "warehouses",
}
# Whoever does these is gone afterwards, so a person who isn't needed any more does them.
PARTING = ("eraseMe", "logOut", "endSession", "endOtherSessions")


def configuration(known: Known, access: str | None, folder: Path) -> Path:
    """Schemathesis' own file for one person's run; JSON's texts and lists are TOML's as well."""
    lines = ["color = false", "continue-on-failure = true", f"headers = {_headers(access)}"]
    lines += ["request-timeout = 20", "warnings = false"]
    lines.append(f"hooks = {json.dumps(str(HOOKS))}")
    for name, values in known.words.items():
        lines += [f"[dictionaries.{name}]", f"values = {json.dumps(values)}"]
    lines.append("[parameters]")
    lines += [
        f'"{place}" = {{ dictionary = "{name}", probability = {OFTEN} }}'
        for place, name in BOUND.items()
        if name in known.words
    ]
    lines += ["[checks.positive_data_acceptance]", f"expected-statuses = {json.dumps(REFUSALS)}"]
    # A test's shop runs procedures as they stand in the tree, which readiness rightly tells of.
    lines += ["[[operations]]", 'include-operation-id = "getReadiness"']
    lines += ['checks.not_a_server_error.expected-statuses = ["2xx", "4xx", "503"]']
    lines += ['checks.positive_data_acceptance.expected-statuses = ["2xx", "503"]']
    if access:
        names = json.dumps(PARTING)
        lines += ["[[operations]]", f"include-operation-id = {names}"]
        lines.append(f"headers = {_headers(known.leaving)}")
    file = folder / "schemathesis.toml"
    file.write_text("\n".join(lines) + "\n")
    return file


# A request that fits the schema may be refused by a rule of the shop, never as malformed.
REFUSALS = ["2xx", "401", "403", "404", "409", "410", "422", "429"]


def _headers(access: str | None) -> str:
    return f'{{ Authorization = "Bearer {access}" }}' if access else "{}"


def whole(examples: int) -> list[str]:
    """All phases, so many examples of every operation."""
    return ["--phases=examples,coverage,fuzzing,stateful", f"--max-examples={examples}"]


def bounded(who: str) -> list[str]:
    """What is worth a minute of every run: each edge of the contract, once, as a customer.

    It asks the same each time, so that a change is judged by what it changed.
    """
    same = "--generation-deterministic"
    if who == "customer":
        return ["--phases=coverage", same]
    return ["--phases=fuzzing", "--max-examples=2", same]


def command(base: str, file: Path, run: list[str]) -> list[str]:
    """The command line of one run; `FUZZ_SEED` repeats one."""
    seed = os.environ.get("FUZZ_SEED")
    return [
        str(Path(sys.executable).with_name("schemathesis")),
        f"--config-file={file}",
        *("run", str(CONTRACT), f"--url={base}", "--workers=2"),
        *run,
        *([f"--seed={seed}"] if seed else []),
    ]


def findings(base: str, known: Known, access: str | None, folder: Path, run: list[str]) -> str:
    """What schemathesis found, as it tells it; empty when nothing is wrong."""
    done = subprocess.run(
        command(base, configuration(known, access, folder), run),
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"COLUMNS": "120"},
    )
    return done.stdout + done.stderr if done.returncode else ""


def faults(log: Path) -> Iterator[str]:
    """The server's own word on what nobody foresaw."""
    for line in log.read_text(errors="replace").splitlines():
        if '"unhandled error"' in line or "Traceback" in line:
            yield line
