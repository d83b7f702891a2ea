"""Copies of reviewed procedures in a tree of their own, for tests that change them."""

from __future__ import annotations

import re
from pathlib import Path

from django.conf import settings

SAMPLE = "send_otp"


def copy_of_sample(root: Path) -> Path:
    """A copy of the sample's file below `root/procedures/`."""
    path = root / "procedures" / "accounts" / f"{SAMPLE}.sql"
    path.parent.mkdir(parents=True)
    source = Path(settings.PROCEDURES_DIR) / "accounts" / path.name
    path.write_text(source.read_text(encoding="utf-8"), encoding="utf-8")
    return path


def replace(path: Path, pattern: str, replacement: str) -> None:
    """Replaces a pattern's first match in a file; `…` stands for what matched."""
    text = path.read_text(encoding="utf-8")
    changed, count = re.subn(
        pattern,
        lambda found: replacement.replace("…", found.group()),
        text,
        count=1,
        flags=re.IGNORECASE | re.MULTILINE,
    )
    assert count == 1, f"{path.name} holds no {pattern}: choose another sample"
    path.write_text(changed, encoding="utf-8")
