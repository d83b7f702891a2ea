"""Rules over a procedure's body: its skeleton, its statements, its refusals."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from pglast import ast
from pglast.visitors import Visitor

from commerce.core.errors import REGISTRY
from commerce.core.reviewed.files import ProcedureFile, parse_statement, walk
from commerce.core.reviewed.findings import Finding
from commerce.core.reviewed.shape_rules import header

SKELETON = "template: BEGIN BEGIN … EXCEPTION WHEN OTHERS THEN ROLLBACK; RAISE; END; COMMIT;"
FORBIDDEN = {
    "stmt_dynexecute": ("runs dynamic SQL", "write the statement out"),
    "stmt_dynfors": ("loops over dynamic SQL", "write the query out"),
    "stmt_open": ("opens a cursor", "use set-based SQL or a FOR loop"),
    "stmt_call": (
        "calls another procedure",
        "let the workflow call it: its COMMIT ends this one",
    ),
}
ERROR_LEVEL = 21
ERRCODE, MESSAGE, DETAIL = 0, 1, 2  # plpgsql's numbers of the RAISE options
SQLSTATE = re.compile(r"'SH(400|403|404|409|410|422|429)'")
LOCAL_NAME = re.compile(r"(p|o|v)_[a-z0-9_]+|found|sqlstate|sqlerrm|\(unnamed row\)|__.*")
HEADER_ERROR = re.compile(r"SH(\d{3})\s+(\w+)")


class Refusal(NamedTuple):
    """One RAISE EXCEPTION with its code and HTTP status."""

    code: str
    status: int
    line: int


def skeleton_rules(file: ProcedureFile) -> Iterator[Finding]:
    """An outer block without handler; an inner one that rolls back and raises; then COMMIT."""
    outer = file.tree["action"]["PLpgSQL_stmt_block"]
    kinds = [next(iter(one)).removeprefix("PLpgSQL_") for one in outer.get("body", [])]
    line = file.line(outer.get("lineno"))
    if "exceptions" in outer:
        yield file.finding(line, "has a handler on the outer block, so it cannot COMMIT", SKELETON)
    if kinds[:2] != ["stmt_block", "stmt_commit"]:
        yield file.finding(line, "is not one inner block followed by COMMIT", SKELETON)
        return
    if after := sorted(set(kinds[2:]) - {"stmt_if", "stmt_raise", "stmt_return"}):
        yield file.finding(line, f"goes on after COMMIT with {', '.join(after)}", SKELETON)
    if kinds.count("stmt_commit") > 1 or _commits_below(outer["body"][0]):
        yield file.finding(line, "commits more than once", "keep one COMMIT after the inner block")
    for kind, node in walk(outer["body"][0]):
        if kind == "stmt_return":
            yield file.finding(
                file.line(node.get("lineno")),
                "returns before COMMIT",
                "put the rest into an IF",
            )
    yield from _handler_rules(file, outer["body"][0]["PLpgSQL_stmt_block"])


def _commits_below(node: dict[str, Any]) -> bool:
    return "PLpgSQL_stmt_commit" in str(node)


def _handler_rules(file: ProcedureFile, inner: dict[str, Any]) -> Iterator[Finding]:
    line = file.line(inner.get("lineno"))
    handlers = inner.get("exceptions", {}).get("PLpgSQL_exception_block", {}).get("exc_list", [])
    last = handlers[-1]["PLpgSQL_exception"] if handlers else {}
    names = [one["PLpgSQL_condition"]["condname"] for one in last.get("conditions", [])]
    actions = [next(iter(one.items())) for one in last.get("action", [])]
    kinds = [kind.removeprefix("PLpgSQL_") for kind, _ in actions]
    if names != ["others"] or kinds != ["stmt_rollback", "stmt_raise"]:
        yield file.finding(line, "the handler is not WHEN OTHERS: ROLLBACK, RAISE", SKELETON)
    elif set(actions[1][1]) - {"lineno", "elog_level"}:
        yield file.finding(line, "the handler raises another error", "RAISE alone keeps the first")
    queries = [
        one.get("PLpgSQL_stmt_execsql", {}).get("sqlstmt", {}).get("PLpgSQL_expr", {}).get("query")
        for one in inner.get("body", [])
    ]
    if "SET CONSTRAINTS ALL IMMEDIATE" not in [re.sub(r"\s+", " ", one or "") for one in queries]:
        yield file.finding(
            line,
            "does not check deferred constraints inside the handler's block",
            "end the inner block with SET CONSTRAINTS ALL IMMEDIATE;",
        )


def statement_rules(file: ProcedureFile) -> Iterator[Finding]:
    """No dynamic SQL, no nested call, no schema change, column lists on every INSERT."""
    for kind, node in file.nodes():
        if kind in FORBIDDEN:
            yield file.finding(file.line(node.get("lineno")), *FORBIDDEN[kind])
        elif kind == "stmt_execsql":
            query = node["sqlstmt"]["PLpgSQL_expr"]["query"]
            yield from _query_rules(file, query, file.line(node.get("lineno")))
    for datum in file.tree["datums"]:
        (kind, one), *_ = datum.items()
        name = one.get("refname")
        if kind != "PLpgSQL_recfield" and name and not LOCAL_NAME.fullmatch(name):
            yield file.finding(
                file.line(one.get("lineno")),
                f"declares {name}",
                "prefix a local name with v_",
            )


class _Inserts(Visitor):
    """Collects INSERT statements without a column list, nested ones included."""

    def __init__(self) -> None:
        self.bare: list[str] = []

    def visit_InsertStmt(self, _ancestors: object, node: Any) -> None:
        if not node.cols:
            self.bare.append(str(node.relation.relname))


def _query_rules(file: ProcedureFile, query: str, line: int) -> Iterator[Finding]:
    statement = parse_statement(query)
    data = (
        ast.SelectStmt,
        ast.InsertStmt,
        ast.UpdateStmt,
        ast.DeleteStmt,
        ast.MergeStmt,
    )
    local_setting = isinstance(statement, ast.VariableSetStmt) and statement.is_local
    if not isinstance(statement, (*data, ast.ConstraintsSetStmt)) and not local_setting:
        yield file.finding(
            line,
            f"runs a {type(statement).__name__}",
            "keep to data; schema belongs to migrations",
        )
    inserts = _Inserts()
    inserts(statement)
    for table in inserts.bare:
        yield file.finding(line, f"inserts into {table} without a column list", "name the columns")


def refusals(file: ProcedureFile) -> tuple[list[Refusal], list[Finding]]:
    """What the body raises, and what is wrong with how it raises."""
    raised: list[Refusal] = []
    faults: list[Finding] = []
    for kind, node in file.nodes():
        if kind != "stmt_raise" or set(node) <= {"lineno", "elog_level"}:
            continue
        line = file.line(node.get("lineno"))
        if node.get("elog_level") != ERROR_LEVEL:
            faults.append(file.finding(line, "raises a mere notice", "raise an exception or none"))
            continue
        options = {
            one["PLpgSQL_raise_option"]["opt_type"]: one["PLpgSQL_raise_option"]["expr"][
                "PLpgSQL_expr"
            ]["query"]
            for one in node.get("options", [])
        }
        state = SQLSTATE.fullmatch(options.get(ERRCODE, "").strip())
        code = node.get("message", "").strip() or options.get(MESSAGE, "").strip().strip("'")
        faults += _raise_faults(file, line, code, state, options.get(DETAIL, ""))
        if state:
            raised.append(Refusal(code, int(state.group(1)), line))
    return raised, faults


def _raise_faults(
    file: ProcedureFile, line: int, code: str, state: re.Match[str] | None, detail: str
) -> Iterator[Finding]:
    known = REGISTRY.get(code)
    if state is None:
        yield file.finding(line, "raises without ERRCODE 'SHnnn'", "name one of the SH codes")
    if known is None:
        yield file.finding(
            line,
            f"raises the unknown code {code!r}",
            "register it in commerce/core/errors/",
        )
    elif state is not None and known.status != int(state.group(1)):
        yield file.finding(
            line,
            f"raises {code} as {state.group(1)}, registered as {known.status}",
            "make the two agree",
        )
    if not detail.lstrip("( ").startswith("jsonb_build_object"):
        yield file.finding(
            line,
            f"raises {code} with a DETAIL that jsonb_build_object does not build",
            "write DETAIL = jsonb_build_object(…)::text",
        )


def refusal_rules(file: ProcedureFile) -> Iterator[Finding]:
    """Each RAISE well-formed and known; the header's Errors equal to what the body raises."""
    raised, faults = refusals(file)
    yield from faults
    found = HEADER_ERROR.findall(header(file).get("Errors", ""))
    told = {(code, int(status)) for status, code in found}
    done = {(one.code, one.status) for one in raised}
    for code, status in sorted(done - told):
        yield file.finding(1, f"raises {code} untold", f"add 'SH{status} {code}' to Errors")
    for code, status in sorted(told - done):
        yield file.finding(1, f"tells of {code} but never raises it", f"remove SH{status} {code}")
