"""The pictures of the made-up shop: one for every product, well-formed, drawn here."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any
from xml.parsers.expat import ParserCreate

from django.core.management import call_command

from commerce.seed.data.every import KINDS
from commerce.seed.data.looks import COLOURS
from commerce.seed.data.shapes import OF_KIND, PATTERNS, SHADES, SHAPES
from commerce.seed.world import World
from tests.seed.conftest import pictures_named


def test_every_picture_of_the_small_shop_is_drawn(world: World, drawn: Path) -> None:
    assert {name for name in pictures_named() if not (drawn / name).is_file()} == set()


def test_every_kind_colour_and_motif_has_its_look() -> None:
    assert {kind.name for kind in KINDS} == set(OF_KIND)
    assert set(OF_KIND.values()) == set(SHAPES)
    assert {kind.motifs for kind in KINDS} == set(PATTERNS)
    assert {name for shades in COLOURS.values() for name in shades} == set(SHADES)


def test_a_picture_is_an_image_that_asks_no_other_host(drawn: Path) -> None:
    text = (drawn / "dress/garden/mango-grove-coral-front.svg").read_text(encoding="utf-8")
    opened: list[str] = []
    parser = ParserCreate()
    parser.StartElementHandler = lambda name, attributes: opened.append(name)
    parser.Parse(text, True)
    assert opened[:4] == ["svg", "rect", "defs", "pattern"]
    assert f'fill="{SHADES["Coral"]}"' in text
    assert text.count("http") == 1  # the name of the format


def test_the_command_draws_what_is_missing(settings: Any, drawn: Path) -> None:
    settings.STATIC_ROOT = drawn.parent
    (drawn / "home/school.svg").unlink()
    first, second = io.StringIO(), io.StringIO()

    call_command("pictures", stdout=first)
    call_command("pictures", stdout=second)

    assert first.getvalue() == "1 pictures drawn\n"
    assert second.getvalue() == "0 pictures drawn\n"
    assert (drawn / "home/school.svg").is_file()
