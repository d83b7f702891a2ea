"""Processor time and memory of other processes, from /proc; Linux, all on one machine."""

from __future__ import annotations

import os
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")
PARENT, USER, SYSTEM, REAPED_USER, REAPED_SYSTEM, RESIDENT = 1, 11, 12, 13, 14, 21


def parent(process: int) -> int:
    """Who started the process."""
    return _stat(process)[PARENT]


def children(process: int) -> list[int]:
    """The processes that it started and that are alive."""
    return [one for one, stat in _everybody().items() if stat[PARENT] == process]


def processor_seconds(root: int) -> float:
    """Seconds of processor time of a process and of all that it started, also of the ended."""
    everybody, family, total = _everybody(), [root], 0
    for member in family:
        stat = everybody.get(member)
        if stat:
            total += stat[USER] + stat[SYSTEM] + stat[REAPED_USER] + stat[REAPED_SYSTEM]
            family += [one for one, other in everybody.items() if other[PARENT] == member]
    return total / TICKS


def resident_mb(process: int) -> float:
    """Resident memory, that which is shared with others included."""
    return _stat(process)[RESIDENT] * PAGE / 1_000_000


def _everybody() -> dict[int, list[int]]:
    found = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal():
            try:
                found[int(folder.name)] = _stat(int(folder.name))
            except (FileNotFoundError, ProcessLookupError):
                continue  # it ended while we looked
    return found


def _stat(process: int) -> list[int]:
    """The numbers after the state letter; the letter itself stands as 0."""
    text = Path(f"/proc/{process}/stat").read_text()
    return [0, *map(int, text.rpartition(")")[2].split()[1:])]
