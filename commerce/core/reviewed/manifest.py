"""Who approved which text: `procedures/manifest.json`, committed with the files it speaks of."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import NamedTuple

from commerce.core.reviewed.files import ProcedureFile
from commerce.core.reviewed.findings import Finding


class Approval(NamedTuple):
    """A reviewer's word for one exact text."""

    sha256: str
    reviewer: str
    date: str


def manifest_path(folder: Path) -> Path:
    """Where the approvals of the procedures in `folder` are kept."""
    return folder / "manifest.json"


def read_manifest(folder: Path) -> dict[str, Approval]:
    """Approvals by procedure name; empty before the first one."""
    path = manifest_path(folder)
    if not path.exists():
        return {}
    entries = json.loads(path.read_text(encoding="utf-8"))
    return {name: Approval(**entry) for name, entry in entries.items()}


def approve(
    folder: Path,
    files: Iterable[ProcedureFile],
    names: Iterable[str],
    reviewer: str,
    on: date,
) -> None:
    """Approves the present text of `names`; an approval whose file is gone is dropped."""
    files = list(files)
    approvals = read_manifest(folder)
    for file in files:
        if file.name in names:
            approvals[file.name] = Approval(file.sha256, reviewer, on.isoformat())
    present = {file.name for file in files}
    entries = {name: one._asdict() for name, one in sorted(approvals.items()) if name in present}
    manifest_path(folder).write_text(json.dumps(entries, indent=2) + "\n", encoding="utf-8")


def unapproved(files: Iterable[ProcedureFile], approvals: dict[str, Approval]) -> Iterator[Finding]:
    """Every file whose present text nobody approved."""
    for file in files:
        approval = approvals.get(file.name)
        next_step = f"review it, then: manage.py procedures approve {file.name} --reviewer NAME"
        if approval is None:
            yield file.finding(1, "was never approved", next_step)
        elif approval.sha256 != file.sha256:
            yield file.finding(
                1,
                f"changed after {approval.reviewer} approved it on {approval.date}",
                next_step,
            )
