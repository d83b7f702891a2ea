"""Random interleavings of every procedure leave the books as a model says, after every step."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from django.conf import settings
from hypothesis import HealthCheck, Phase, seed
from hypothesis import settings as limits
from hypothesis.stateful import run_state_machine_as_test

from tests.model.machine import Shopping
from tests.model.world import LINE_MAX

EXAMPLES = int(os.environ.get("MODEL_EXAMPLES", "30"))  # more take longer and find more
SEED = int(os.environ.get("MODEL_SEED", "1"))  # another seed walks other ways
SHRINK = os.environ.get("MODEL_SHRINK", "1") == "1"  # takes up to five minutes
STEPS = int(os.environ.get("MODEL_STEPS", "50"))


def test_every_procedure_has_a_rule() -> None:
    rules = "".join(path.read_text() for path in Path(__file__).parent.glob("*_rules.py"))

    files = (settings.BASE_DIR / "procedures").rglob("*.sql")

    assert [path.stem for path in files if f'"{path.stem}"' not in rules] == []


def test_random_interleavings_leave_the_books_as_the_model_says(
    new_shop: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "CART_LINE_MAX", LINE_MAX)  # the jobs' own is another
    run_state_machine_as_test(
        seed(SEED)(Shopping),
        settings=limits(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            phases=[Phase.generate, *([Phase.shrink] if SHRINK else [])],
            suppress_health_check=list(HealthCheck),
        ),
    )
