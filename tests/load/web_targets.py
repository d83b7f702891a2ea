"""What `make load` is held to: each figure of the product's promise beside what was measured."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from tests.load.web_report import Figures, row

ALONE, CROWD = 1, 16
Results = Mapping[int, Mapping[str, Figures]]


class Target(NamedTuple):
    """A promise: at how many connections, of which cases, which figure, and its bound."""

    says: str
    connections: int
    cases: tuple[str, ...]
    figure: Callable[[list[Figures]], float]
    bound: float
    at_most: bool


def _least(name: str) -> Callable[[list[Figures]], float]:
    return lambda found: min(getattr(one.reading, name) for one in found)


def _most(name: str) -> Callable[[list[Figures]], float]:
    return lambda found: max(getattr(one.reading, name) for one in found)


def _times_the_first(found: list[Figures]) -> float:
    return found[1].reading.p50 / found[0].reading.p50


DEEP = "PLP, page 400, uncached"
TARGETS = (
    Target(
        "cached PLP and PDP, share of the bare view",
        CROWD,
        ("PLP", "PDP"),
        _least("ratio"),
        0.6,
        False,
    ),
    Target("cached PLP and PDP, p99 ms", CROWD, ("PLP", "PDP"), _most("p99"), 25, True),
    Target("uncached PLP with facets, p50 ms", ALONE, ("PLP, uncached",), _most("p50"), 15, True),
    Target(
        "400th page, times the first", ALONE, ("PLP, uncached", DEEP), _times_the_first, 1.2, True
    ),
    Target("uncached search, p50 ms", ALONE, ("search, uncached",), _most("p50"), 25, True),
    Target("uncached suggestions, p50 ms", ALONE, ("suggest, uncached",), _most("p50"), 8, True),
    Target("cart, p50 ms", ALONE, ("cart",), _most("p50"), 8, True),
    Target("order list, p50 ms", ALONE, ("order list",), _most("p50"), 8, True),
    Target(
        "order list of the best customer, times the others'",
        ALONE,
        ("order list", "order list of the best customer"),
        _times_the_first,
        1.2,
        True,
    ),
    Target(
        "add to cart, share of the bare CALL view",
        CROWD,
        ("add to cart",),
        _least("ratio"),
        0.4,
        False,
    ),
    Target("whole purchases a second", CROWD, ("purchase",), _least("rate"), 200, False),
)


def table(results: Results, memory: list[float]) -> Iterator[str]:
    """Rows of the promises whose cases were measured; `memory` is MB of each worker at the end."""
    yield row(("promise", "connections", "bound", "measured", "kept"))
    yield row(("---", "---:", "---:", "---:", "---"))
    for target in TARGETS:
        cases: Mapping[str, Any] = results.get(target.connections, {})
        if all(name in cases for name in target.cases):
            measured = target.figure([cases[name] for name in target.cases])
            yield _shown(target.says, target.connections, target.bound, measured, target.at_most)
    yield _shown("MB of a worker at the end", CROWD, 150, max(memory), at_most=True)


def _shown(says: str, connections: int, bound: float, measured: float, at_most: bool) -> str:
    kept = measured <= bound if at_most else measured >= bound
    limit = f"{'at most' if at_most else 'at least'} {bound:g}"
    return row((says, str(connections), limit, f"{measured:.2f}", "yes" if kept else "no"))
