"""`procedures check` refuses each breach of the rules, with the line and what to do next.

Every case takes a reviewed procedure from `procedures/` and breaks one thing in a copy of it.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django.fixtures import Settings

from commerce.core.reviewed.check import check_files
from commerce.core.reviewed.files import procedure_files
from commerce.core.reviewed.manifest import read_manifest, unapproved
from commerce.core.reviewed.shape_rules import HEADER_FIELDS
from commerce.core.reviewed.signature import procedures_dir
from commerce.core.reviewed.tree_rules import tree_rules
from tests.gates.copies import SAMPLE, copy_of_sample, replace

LAST = "        SET CONSTRAINTS ALL IMMEDIATE;"
HANDLER_RAISE = r"ROLLBACK;\s+RAISE;"


def raising(code: str, state: str, detail: str = "jsonb_build_object()::text") -> str:
    """A refusal put before what matched."""
    return f"RAISE EXCEPTION '{code}' USING ERRCODE = '{state}', DETAIL = {detail};\n…"


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    """A copy of a reviewed procedure in a tree of its own."""
    return copy_of_sample(tmp_path)


def breaches(path: Path) -> list[str]:
    """What the check says about the tree around `path`."""
    return [str(one) for one in check_files(procedure_files(path.parents[1]))]


def broken(path: Path, pattern: str, replacement: str) -> list[str]:
    """What the check says after a pattern's first match was replaced; `…` stands for the match."""
    replace(path, pattern, replacement)
    return breaches(path)


def test_reviewed_procedures_keep_every_rule() -> None:
    call_command("procedures", "check")


def test_reviewed_procedures_are_approved_as_they_stand() -> None:
    folder = procedures_dir()
    told = unapproved(procedure_files(folder), read_manifest(folder))
    assert [str(one) for one in told] == []


def test_untouched_copy_passes(sample: Path) -> None:
    assert breaches(sample) == []


@pytest.mark.parametrize(
    ("pattern", "replacement", "wrong"),
    [
        (r"CREATE OR REPLACE", "CREATE", "lacks OR REPLACE"),
        (rf"PROCEDURE {SAMPLE}", "PROCEDURE other_name", "holds other_name"),
        (rf"PROCEDURE {SAMPLE}", f"PROCEDURE public.{SAMPLE}", "qualified"),
        (r"LANGUAGE plpgsql", "LANGUAGE plpgsql SECURITY DEFINER", "the clause SECURITY"),
        (r"LANGUAGE plpgsql", "LANGUAGE plpgsql SET work_mem = '1MB'", "the clause SET"),
        (r"LANGUAGE plpgsql", "LANGUAGE sql", "is not in PL/pgSQL"),
        (r"\bp_phone text", "phone text", "parameter phone is an input without p_"),
        (r"\bp_phone text", "p_phone smallint", "has the type int2"),
        (r"\bp_phone text", "p_phone inet", "has the type inet"),
        (r"INOUT o_otp_id", "INOUT otp_id", "parameter otp_id is a result without o_"),
        (r"INOUT o_otp_id", "OUT o_otp_id", "is OUT"),
        (r"\$procedure\$;", "$procedure$;\nSELECT 1;", "holds a SelectStmt"),
        (r"^    COMMIT;", "", "not one inner block followed by COMMIT"),
        (HANDLER_RAISE, "RAISE;", "the handler is not WHEN OTHERS: ROLLBACK, RAISE"),
        (HANDLER_RAISE, "ROLLBACK;", "the handler is not WHEN OTHERS: ROLLBACK, RAISE"),
        (HANDLER_RAISE, "ROLLBACK; RAISE EXCEPTION 'x';", "the handler raises another error"),
        (r"WHEN OTHERS", "WHEN unique_violation", "the handler is not WHEN OTHERS"),
        (LAST, "", "does not check deferred constraints"),
        (LAST, "EXECUTE 'SELECT 1';\n…", "runs dynamic SQL"),
        (LAST, "CALL verify_otp();\n…", "calls another procedure"),
        (LAST, "RAISE NOTICE 'x';\n…", "raises a mere notice"),
        (LAST, "RETURN;\n…", "returns before COMMIT"),
        (LAST, "CREATE TABLE x (a integer);\n…", "runs a CreateStmt"),
        (LAST, "INSERT INTO outbox SELECT 1;\n…", "inserts into outbox without"),
        (LAST, "RAISE EXCEPTION 'otp_locked';\n…", "raises without ERRCODE"),
        (
            LAST,
            raising("made_up", "SH409"),
            "raises the unknown code 'made_up'",
        ),
        (
            LAST,
            raising("otp_locked", "SH409"),
            "raises otp_locked as 409, registered as 429",
        ),
        (
            LAST,
            raising("otp_locked", "SH429", detail="'x'"),
            "with a DETAIL that jsonb_build_object does not build",
        ),
        (
            LAST,
            raising("cart_empty", "SH409"),
            "raises cart_empty untold",
        ),
        (r"^-- Errors:", "-- Errors:   SH404 cart_not_found,", "tells of cart_not_found"),
        (LAST, "PERFORM 1 FROM carts FOR UPDATE;\n…", "locks carts FOR UPDATE"),
        (
            LAST,
            "PERFORM 1 FROM inventory FOR UPDATE;\nPERFORM 1 FROM orders FOR UPDATE;\n…",
            "locks orders after inventory",
        ),
        (
            LAST,
            "PERFORM 1 FROM coupons c JOIN orders o ON TRUE FOR UPDATE OF c;\n"
            "UPDATE orders SET version = 2;\n…",
            "locks orders after coupons",
        ),
        (LAST, "-- lock 9/9: holds\n…", "numbers its locks with gaps"),
        (LAST, "-- lock 1/2: weather\n…", "locks an unknown 'weather'"),
        (r"^-- Locks:.*", "-- Locks:    holds", "Locks in the header differ"),
        (rf"^-- {SAMPLE}:", "-- something:", "has no purpose in its first line"),
        (r"^DECLARE", "DECLARE\n    total integer;", "declares total"),
        (r"^BEGIN", "BEGIN BEGIN", "does not parse"),
        (r"^BEGIN", "-- FIXME: later\nBEGIN", "says FIXME"),
        (r"^BEGIN", "\n" * 260 + "BEGIN", "stay within 260"),
    ],
)
def test_breach_is_told(sample: Path, pattern: str, replacement: str, wrong: str) -> None:
    told = broken(sample, pattern, replacement)
    assert any(wrong in one for one in told), told
    assert all(one.startswith(f"procedures/accounts/{SAMPLE}.sql:") for one in told)


@pytest.mark.parametrize("field", HEADER_FIELDS)
def test_missing_header_field_is_told(sample: Path, field: str) -> None:
    told = broken(sample, rf"^-- {field}:", "-- Also:")
    assert any(f"lacks the header field {field}" in one for one in told), told


def test_breach_names_its_line(sample: Path) -> None:
    told = broken(sample, LAST, "EXECUTE 'SELECT 1';\n…")
    line = sample.read_text(encoding="utf-8").split("EXECUTE")[0].count("\n") + 1
    assert [one for one in told if "dynamic" in one] == [
        f"procedures/accounts/{SAMPLE}.sql:{line}: runs dynamic SQL -> write the statement out"
    ]


def test_locks_in_exclusive_branches_keep_the_order(sample: Path) -> None:
    branches = (
        "IF TRUE THEN PERFORM 1 FROM inventory FOR UPDATE; "
        "ELSE PERFORM 1 FROM orders FOR UPDATE; END IF;"
    )
    assert broken(sample, LAST, f"{branches}\n…") == []


def test_long_procedure_is_only_a_warning(sample: Path) -> None:
    told = broken(sample, r"^BEGIN", "\n" * 150 + "BEGIN")
    assert [one.split(": ")[1] for one in told] == ["warning"]


def test_procedure_without_a_row_lock_is_told(sample: Path) -> None:
    sample.write_text(re.sub(r"FOR UPDATE", "FOR SHARE", sample.read_text(encoding="utf-8")))
    assert any("locks no row" in one for one in breaches(sample))


def test_renamed_file_is_told(sample: Path) -> None:
    renamed = sample.rename(sample.with_name("other.sql"))
    assert any("rename the file to send_otp.sql" in one for one in breaches(renamed))


def test_same_name_twice_is_told(sample: Path) -> None:
    copy = sample.parents[1] / "cart" / sample.name
    copy.parent.mkdir()
    copy.write_text(sample.read_text(encoding="utf-8"), encoding="utf-8")
    assert any("keep one of the two" in one for one in breaches(sample))


@pytest.mark.parametrize("place", ["commerce/orders/workflows.py", "tests/test_x.py", "x.sql"])
def test_procedure_text_outside_its_folder_is_told(sample: Path, place: str) -> None:
    root = sample.parents[2]
    stray = root / place
    stray.parent.mkdir(parents=True, exist_ok=True)
    stray.write_text(sample.read_text(encoding="utf-8"), encoding="utf-8")
    told = list(tree_rules(root, sample.parents[1]))
    assert [(one.path, one.wrong) for one in told] == [
        (place, "holds the text of a routine or trigger")
    ]


def test_call_beside_the_gateway_is_told(sample: Path) -> None:
    root = sample.parents[2]
    stray = root / "commerce" / "orders" / "views.py"
    stray.parent.mkdir(parents=True)
    stray.write_text("cursor.execute('CALL send_otp(%s)')", encoding="utf-8")
    (told,) = tree_rules(root, sample.parents[1])
    assert told.wrong == "issues CALL by itself"


def test_command_fails_on_a_breach(
    sample: Path, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.BASE_DIR, settings.PROCEDURES_DIR = sample.parents[2], sample.parents[1]
    broken(sample, r"SET CONSTRAINTS ALL IMMEDIATE;", "")
    with pytest.raises(CommandError, match="1 breaches"):
        call_command("procedures", "check")
    assert "end the inner block with SET CONSTRAINTS ALL IMMEDIATE" in capsys.readouterr().out
