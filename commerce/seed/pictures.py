"""Pictures of the made-up shop, drawn here, so that no screen waits for a stranger's host.

One for each kind of outline, motif and colour; products share them, a million as well as three
hundred. They are static files; `CDN_BASE_URL` of the demo points to them.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from pathlib import Path

from django.utils.text import slugify

from commerce.seed.data.every import KINDS
from commerce.seed.data.kinds import Kind
from commerce.seed.data.looks import COLOURS, MOTIFS
from commerce.seed.data.shapes import OF_KIND, PATTERNS, SHADES, SHAPES
from commerce.seed.data.tree import TREE

SHOTS = {"front": "0 0 400 400", "detail": "120 120 150 150"}
BACKGROUNDS = ("#fdf3e7", "#eef6fb", "#f6effa", "#eff8ee", "#fdeef0", "#f5f3ea")
BANNERS = {
    "home/festive.svg": ("#fbe3c4", (("lehenga", "Rani Pink"), ("kurta", "Emerald"))),
    "home/school.svg": ("#dcebf7", (("backpack", "Royal Blue"), ("bottle", "Marigold"))),
}


def picture(kind: Kind, motif: str, colour: str, shot: str) -> str:
    """Name the picture of such a product below the base URL of images."""
    return f"{folder_of(kind)}{slugify(motif)}-{slugify(colour)}-{shot}.svg"


def folder_of(kind: Kind) -> str:
    """Name the folder of all pictures of such products; its end is a slash."""
    return f"{OF_KIND[kind.name]}/{kind.motifs}/"


def draw(folder: Path) -> int:
    """Write every picture there may be, and answer how many; what is there is left."""
    drawn = 0
    for name, text in _pictures():
        place = folder / name
        if not place.exists():
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text, encoding="utf-8")
            drawn += 1
    return drawn


def _pictures() -> Iterator[tuple[str, str]]:
    for kind in KINDS:
        motifs = enumerate(MOTIFS[kind.motifs])
        for (n, motif), colour in product(motifs, COLOURS[kind.colours]):
            body = _drawing(OF_KIND[kind.name], SHADES[colour], kind.motifs, n)
            for shot, view in SHOTS.items():
                yield picture(kind, motif, colour, shot), _svg(view, BACKGROUNDS[n % 6], body)
    for name, shape, colour in _categories():
        body = _drawing(shape, SHADES[colour], "plain", 7)
        yield f"categories/{name}.svg", _svg(SHOTS["front"], "#fff7ec", body)
    for name, (background, shapes) in BANNERS.items():
        body = "".join(
            f'<g transform="translate({560 + 300 * place} 20)">'
            f"{_drawing(shape, SHADES[colour], 'festive', place)}</g>"
            for place, (shape, colour) in enumerate(shapes)
        )
        yield name, _svg("0 0 1200 440", background, body)


def _categories() -> Iterator[tuple[str, str, str]]:
    """Each category with an outline of something in it and a colour."""
    first = {kind.category: OF_KIND[kind.name] for kind in reversed(KINDS)}
    colours = sorted(SHADES)
    for root, groups in TREE.items():
        names = [root, *groups, *(leaf for leaves in groups.values() for leaf in leaves)]
        leaves = {leaf: leaf for group in groups.values() for leaf in group}
        leaves |= {group: inside[0] for group, inside in groups.items()}
        leaves[root] = next(iter(groups.values()))[0]
        for n, name in enumerate(names):
            shape = first[_slug(leaves[name])]
            yield _slug(name), shape, colours[(7 * n + len(root)) % len(colours)]


def _slug(name: str) -> str:
    return slugify(name.replace("&", "and"))


def _drawing(shape: str, shade: str, motifs: str, number: int) -> str:
    """One product: its outline, shaded and strewn with its motif."""
    outline, _, lines = SHAPES[shape].partition("|")
    key = f"{shape}{number}{shade[1:]}"
    size = 0.6 + 0.15 * (number % 5)
    light = "#ffffff" if _is_dark(shade) else "#5b4636"
    return (
        f'<defs><pattern id="p{key}" width="60" height="60" patternUnits="userSpaceOnUse"'
        f' patternTransform="scale({size:.2f}) rotate({15 * (number % 7)})">'
        f'<path d="{PATTERNS[motifs]}" fill="{light}" fill-opacity=".38"/></pattern></defs>'
        '<ellipse cx="200" cy="352" rx="130" ry="14" fill="#000" fill-opacity=".08"/>'
        f'<path d="{outline}" fill="{shade}" stroke="#000" stroke-opacity=".18" stroke-width="3"'
        ' stroke-linejoin="round"/>'
        f'<path d="{outline}" fill="url(#p{key})"/>'
        f'<path d="{lines}" fill="none" stroke="#000" stroke-opacity=".28" stroke-width="3"/>'
    )


def _svg(view: str, background: str, body: str) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{view}">'
        f'<rect width="1200" height="440" fill="{background}"/>{body}</svg>\n'
    )


def _is_dark(shade: str) -> bool:
    red, green, blue = (int(shade[at : at + 2], 16) for at in (1, 3, 5))
    return 299 * red + 587 * green + 114 * blue < 160_000
