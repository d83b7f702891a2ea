"""The registry holds exactly the codes that SQL and Python raise, and the page shows exactly it."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest
from django.conf import settings

from commerce.core.errors import BY_STATUS, REGISTRY, SUBJECTS
from commerce.core.errors.entries import ErrorCode
from commerce.core.errors.page import errors_page
from commerce.core.reviewed.body_rules import refusals
from commerce.core.reviewed.files import procedure_files
from commerce.core.reviewed.signature import procedures_dir

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
