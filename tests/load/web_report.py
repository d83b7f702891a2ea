"""The benchmark's figures as a Markdown table and a plot."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple

from tests.load.closed_loop import Tally

HEAD = (
    "request",
    "/s",
    "p50 ms",
    "p95 ms",
    "p99 ms",
    "web ms",
    "database ms",
    "Redis ms",
    "client ms",
    "bare /s",
    "of bare",
    "errors",
)


class Reading(NamedTuple):
    """One case in one round; milliseconds, those of processors for each visit."""

    rate: float
    p50: float
    p95: float
    p99: float
    web: float
    database: float
    redis: float
    client: float
    bare: float
    ratio: float
    client_share: float  # of one processor, while it asks the bare view


class Figures(NamedTuple):
    """A case over its rounds: medians, each step's (p50, p99), errors, number of requests."""

    reading: Reading
    steps: dict[str, tuple[float, float]]
    errors: Counter[str]
    requests: int


def quantile(taken: list[float], share: float) -> float:
    """Milliseconds that this share of them stayed under; 0 when there are none."""
    return 1000 * sorted(taken)[int(len(taken) * share)] if taken else 0.0


def reading(tally: Tally, spent: dict[str, float], bare: Tally) -> Reading:
    """The figures of one round."""
    each = 1000 / max(1, tally.finished)
    rate, beside = len(tally.visits) / tally.seconds, len(bare.visits) / bare.seconds
    return Reading(
        rate=rate,
        p50=quantile(tally.visits, 0.50),
        p95=quantile(tally.visits, 0.95),
        p99=quantile(tally.visits, 0.99),
        web=spent["web"] * each,
        database=spent["database"] * each,
        redis=spent["redis"] * each,
        client=tally.processor * each,
        bare=beside,
        ratio=rate / beside,
        client_share=bare.processor / bare.seconds,
    )


def figures(readings: list[Reading], tallies: list[Tally]) -> Figures:
    """The median of each figure."""
    steps: dict[str, list[float]] = {}
    errors: Counter[str] = Counter()
    for tally in tallies:
        errors += tally.errors
        for step, taken in tally.steps.items():
            steps.setdefault(step, []).extend(taken)
    return Figures(
        Reading(*(statistics.median(values) for values in zip(*readings, strict=True))),
        {step: (quantile(taken, 0.50), quantile(taken, 0.99)) for step, taken in steps.items()},
        errors,
        sum(tally.requests for tally in tallies),
    )


def markdown(results: dict[int, dict[str, Figures]], about: dict[str, Any]) -> str:
    """The whole report."""
    lines = ["# Reads and purchase over HTTP", ""]
    lines += [f"- {name}: {value}" for name, value in about.items()]
    for connections, cases in results.items():
        lines += ["", f"## {connections} connections", "", row(HEAD)]
        lines += [row(["---", *["---:"] * (len(HEAD) - 2), "---"])]
        lines += [case_row(name, found) for name, found in cases.items()]
        lines += [*_steps(cases), "", *_plot(cases)]
    return "\n".join(lines) + "\n"


def row(cells: Any) -> str:
    """A row of a Markdown table."""
    return f"| {' | '.join(cells)} |"


def case_row(name: str, found: Figures) -> str:
    """A case as a row of the table."""
    one = found.reading
    wrong = ", ".join(f"{count} of {kind}" for kind, count in found.errors.items())
    times = (one.p50, one.p95, one.p99, one.web, one.database, one.redis, one.client)
    cells = [name, f"{one.rate:,.0f}", *(f"{value:.2f}" for value in times)]
    return row([*cells, f"{one.bare:,.0f}", f"{one.ratio:.3f}", wrong or "none"])


def _steps(cases: dict[str, Figures]) -> Iterator[str]:
    """What each request of a longer visit took."""
    longer = {name: found.steps for name, found in cases.items() if len(found.steps) > 1}
    if longer:
        yield from ("", row(("step", "p50 ms", "p99 ms")), row(("---", "---:", "---:")))
    for name, steps in longer.items():
        for step, (half, most) in steps.items():
            yield row((f"{name}: {step}", f"{half:.1f}", f"{most:.1f}"))


def _plot(cases: dict[str, Figures]) -> list[str]:
    names = ", ".join(f'"{name.replace(",", "")}"' for name in cases)
    ratios = ", ".join(f"{found.reading.ratio:.3f}" for found in cases.values())
    chart = ["xychart-beta horizontal", '    title "Share of the bare view\'s rate"']
    chart += [f"    x-axis [{names}]", '    y-axis "of bare" 0 --> 1', f"    bar [{ratios}]"]
    return ["```mermaid", *chart, "```"]
