"""What holds for each procedure alike."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.db import connection, transaction

from commerce.core.procedures import CallInsideTransaction, call
from commerce.core.reviewed.signature import procedures_dir, sql_files
from tests.shop.builder import Shop

NAMES = [path.stem for path in sql_files(procedures_dir())]


@pytest.mark.parametrize("name", NAMES)
def test_call_inside_a_transaction_is_refused(shop: Shop, name: str) -> None:
    with transaction.atomic(), pytest.raises(CallInsideTransaction, match=f"^{name} commits"):
        call(name)


@pytest.mark.parametrize("name", NAMES)
def test_procedure_has_a_test_file_of_its_own(name: str) -> None:
    assert Path(__file__).with_name(f"test_{name}.py").exists(), f"write test_{name}.py"


def test_every_file_is_one_installed_procedure(shop: Shop) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT proname FROM pg_proc WHERE prokind = 'p' "
            "AND pronamespace = 'public'::regnamespace ORDER BY proname"
        )
        installed = [name for (name,) in cursor.fetchall()]

    assert installed == sorted(NAMES)
