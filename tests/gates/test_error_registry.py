"""The registry holds exactly the codes that SQL and Python raise, and the page shows exactly it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.urls import get_resolver
from rest_framework.fields import Field

from commerce.core.errors import BY_STATUS, REGISTRY, SUBJECTS
from commerce.core.errors.entries import ErrorCode
from commerce.core.errors.faults import ENGLISH_INSTEAD, IN_HINDI, told
from commerce.core.errors.page import errors_page
from commerce.core.languages import HINDI
from commerce.core.reviewed.body_rules import refusals
from commerce.core.reviewed.files import procedure_files
from commerce.core.reviewed.signature import procedures_dir
from commerce.core.serializers import StrictSerializer

NAMES = re.compile(r"\b(?:[A-Z][\w]*-[\w-]+|\w+_\w+|application/json|UUID|SKU|JSON|NUL|API|\d+)\b")
PARTS = re.compile(r"\b(?:context|errors|pointer|Retry-After)\b")
PLACES = re.compile(r"\{(\w+)\}")
NEVER_TOLD: frozenset[str] = frozenset()
RAISERS = {"ProblemError", "field_error", "TemporarilyUnavailable", "OutcomeUnknown"}


def codes_in_sql() -> set[str]:
    """Every code that a procedure raises."""
    files = procedure_files(procedures_dir())
    return {refusal.code for file in files for refusal in refusals(file)[0]}


def codes_in_python() -> set[str]:
    """Every code that the product raises itself, those chosen by HTTP status included."""
    sources = [*(settings.BASE_DIR / "commerce").rglob("*.py")]
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in sources]
    return {code for tree in trees for code in _raised(tree)} | set(BY_STATUS.values())


def _raised(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        if name in RAISERS:
            for inner in ast.walk(node.args[0]):
                if isinstance(inner, ast.Constant) and isinstance(inner.value, str):
                    yield inner.value


def test_every_raised_code_is_registered() -> None:
    unknown = (codes_in_sql() | codes_in_python()) - set(REGISTRY)
    assert unknown == set(), "add an entry for each in commerce/core/errors/, then `make docs`"


def test_every_registered_code_is_raised() -> None:
    unused = set(REGISTRY) - codes_in_sql() - codes_in_python()
    assert unused == set(), "delete the entries that nothing raises, then `make docs`"


def test_code_is_registered_once() -> None:
    codes = [one.code for entries in SUBJECTS.values() for one in entries]
    assert sorted(codes) == sorted(REGISTRY)


def test_page_shows_the_registry() -> None:
    page = (settings.BASE_DIR / "docs" / "errors.md").read_text(encoding="utf-8")
    assert page == errors_page(), "run `make docs`"


@pytest.mark.parametrize("entry", REGISTRY.values(), ids=list(REGISTRY))
def test_entry_speaks_to_a_person(entry: ErrorCode) -> None:
    assert entry.status in {*BY_STATUS, 409, 410, 422}
    assert entry.title[0].isupper()
    assert not entry.title.endswith(".")
    for sentence in (entry.cause, entry.action):
        assert sentence[0].isupper()
        assert sentence.endswith(".")
        assert "|" not in sentence


@pytest.mark.parametrize("entry", REGISTRY.values(), ids=list(REGISTRY))
def test_entry_speaks_hindi_too(entry: ErrorCode) -> None:
    assert entry.hindi is not None, "add hindi(title, cause, action) to the entry"
    assert not entry.hindi.title.endswith("।")
    for text in entry.hindi:
        assert re.search("[\u0900-\u097f]{2}", text)
        assert "|" not in text
    for sentence in (entry.hindi.cause, entry.hindi.action):
        assert sentence.endswith("।")
    english = " ".join(entry[2:5])
    for name in NAMES.findall(english):  # what a program reads is not translated
        assert name in " ".join(entry.hindi), name


@pytest.mark.parametrize("entry", REGISTRY.values(), ids=list(REGISTRY))
def test_entry_names_no_part_of_the_answer(entry: ErrorCode) -> None:
    """Who reads the texts sees no members and no headers; what these hold is said on the page."""
    said = " ".join([*entry.texts("en"), *entry.texts("hi")])
    assert PARTS.findall(said) == []


def test_every_text_of_a_field_is_known_in_hindi() -> None:
    # given the fields that our serializers use, and the texts with which they refuse
    assert get_resolver().url_patterns, "the views, and with them the serializers, are loaded"
    used = {field for kind in serializers_of(StrictSerializer) for field in fields_of(kind)}
    texts = {str(text) for field in used for text in field.error_messages.values()}
    # then each has a translation, one that repeats what was sent goes by another text
    known = {*IN_HINDI, *ENGLISH_INSTEAD}
    assert texts - known - NEVER_TOLD == set()
    assert set(ENGLISH_INSTEAD.values()) <= {*IN_HINDI}


@pytest.mark.parametrize("template", IN_HINDI)
def test_figures_of_a_text_are_carried_over(template: str) -> None:
    names = PLACES.findall(template)
    figures = {name: str(n) for n, name in enumerate(names, 10)}
    told_in_hindi = told(template.format(**figures), HINDI)
    assert told_in_hindi == IN_HINDI[template].format(**figures)
    assert told(told_in_hindi, HINDI) == told_in_hindi


def serializers_of(kind: type[StrictSerializer]) -> Iterator[type[StrictSerializer]]:
    """Every input serializer of the shop."""
    for below in kind.__subclasses__():
        if below.__module__.startswith("commerce."):
            yield below
        yield from serializers_of(below)


def fields_of(kind: type[StrictSerializer]) -> Iterator[Field[Any, Any, Any, Any]]:
    """Its fields, those of lists included."""
    for field in kind().fields.values():
        yield field
        child = getattr(field, "child", None)
        if child is not None:
            yield child
