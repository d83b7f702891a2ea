"""Runs every static rule over procedure files."""

from __future__ import annotations

from collections.abc import Iterator

from commerce.core.reviewed import body_rules, lock_rules, shape_rules
from commerce.core.reviewed.files import ProcedureFile, Unparsable
from commerce.core.reviewed.findings import Finding

RULES = (
    shape_rules.name_rules,
    shape_rules.option_rules,
    shape_rules.parameter_rules,
    shape_rules.header_rules,
    shape_rules.text_rules,
    body_rules.skeleton_rules,
    body_rules.statement_rules,
    body_rules.refusal_rules,
    lock_rules.comment_rules,
    lock_rules.order_rules,
)


def check_file(file: ProcedureFile) -> Iterator[Finding]:
    """Every breach in one file; later rules wait until the file is one procedure at all."""
    try:
        faults = list(shape_rules.file_rules(file))
        yield from faults
        if len(file.statements) == 1 and file.statement:
            for rule in RULES:
                yield from rule(file)
    except Unparsable as error:
        yield file.finding(1, f"does not parse: {error}", "mend the SQL")


def check_files(files: list[ProcedureFile]) -> list[Finding]:
    """Every breach in the files, and names that two files share."""
    findings = [one for file in files for one in check_file(file)]
    seen: dict[str, ProcedureFile] = {}
    for file in files:
        if file.name in seen:
            findings.append(
                file.finding(1, f"is also {seen[file.name].shown_path}", "keep one of the two")
            )
        seen.setdefault(file.name, file)
    return findings
