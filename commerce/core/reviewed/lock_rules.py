"""The global lock order, checked on comments and on every control path of a body.

phone, IP counter, user, cart, order, return, payment, refund, event, coupon, inventory, holds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pglast import ast, enums
from pglast.visitors import Visitor

from commerce.core.reviewed.files import ProcedureFile, parse_statement
from commerce.core.reviewed.findings import Finding
from commerce.core.reviewed.shape_rules import header

ORDER = (
    ("phone", ("otp_phones", "otp_verifications")),
    ("ip", ("otp_ip_counters",)),
    ("user", ("users",)),
    ("cart", ("carts", "cart_items")),
    ("order", ("orders", "order_items")),
    ("return", ("returns", "return_items")),
    ("payment", ("payments",)),
    ("refund", ("refunds", "refund_items")),
    ("event", ("payment_events",)),
    ("coupon", ("coupons", "coupon_usage")),
    ("inventory", ("inventory",)),
    ("holds", ("stock_reservations",)),
)
RANK = {table: rank for rank, (_, tables) in enumerate(ORDER) for table in tables}
WORDS = {word: rank for rank, (word, _) in enumerate(ORDER)}
WEAK_LOCKS = (
    "users",
    "carts",
)  # foreign keys take KEY SHARE on them: FOR NO KEY UPDATE only
COMMENT = re.compile(r"--\s*lock\s+(\d+)/(\d+):\s*([A-Za-z]+)")
ENDS = ("PLpgSQL_stmt_return", "PLpgSQL_stmt_raise", "PLpgSQL_stmt_exit")


def comment_rules(file: ProcedureFile) -> Iterator[Finding]:
    """`-- lock n/m: what` numbered without a gap, in the global order, equal to the header."""
    marks: dict[int, tuple[int, str]] = {}
    for number, text in enumerate(file.text.splitlines(), start=1):
        if not (found := COMMENT.search(text)):
            continue
        n, m, word = int(found.group(1)), int(found.group(2)), _word(found.group(3))
        if word not in WORDS:
            yield file.finding(number, f"locks an unknown {word!r}", f"name one of {_names()}")
            continue
        marks.setdefault(n, (m, word))
        if marks[n][1] != word:
            yield file.finding(number, f"lock {n} is two things", "number each lock once")
    if not marks:
        yield file.finding(1, "has no lock comment", "write '-- lock 1/1: <what>' above each lock")
        return
    words = [marks[n][1] for n in sorted(marks)]
    if sorted(marks) != list(range(1, len(marks) + 1)) or {m for m, _ in marks.values()} != {
        len(marks)
    }:
        yield file.finding(1, "numbers its locks with gaps", "number them 1/m to m/m")
    if words != sorted(words, key=WORDS.__getitem__):
        yield file.finding(1, f"locks {', '.join(words)}", f"lock in the order {_names()}")
    told = [_word(one) for one in re.findall(r"[A-Za-z]+", header(file).get("Locks", ""))]
    if [one for one in told if one in WORDS] != words:
        yield file.finding(1, "Locks in the header differ", f"write 'Locks: {', '.join(words)}'")


def _word(text: str) -> str:
    word = text.lower()
    for known in (word, word.removesuffix("s"), word + "s"):
        if known in WORDS:
            return known
    return word


def _names() -> str:
    return ", ".join(WORDS)


class _Locks(Visitor):
    """Tables that one statement locks: by FOR UPDATE, or by changing their rows."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, enums.LockClauseStrength]] = []
        self.changed: list[str] = []

    def visit_SelectStmt(self, _ancestors: object, node: Any) -> None:
        tables = dict(_tables(node.fromClause or ()))
        for clause in node.lockingClause or ():
            named = [one.relname for one in clause.lockedRels or ()] or list(tables)
            self.asked += [(tables.get(one, one), clause.strength) for one in named]

    def visit_UpdateStmt(self, _ancestors: object, node: Any) -> None:
        self.changed.append(str(node.relation.relname))

    def visit_DeleteStmt(self, _ancestors: object, node: Any) -> None:
        self.changed.append(str(node.relation.relname))


def _tables(nodes: Any) -> Iterator[tuple[str, str]]:
    for node in nodes:
        if isinstance(node, ast.RangeVar):
            name = str(node.relname)
            yield str(node.alias.aliasname if node.alias else name), name
        elif isinstance(node, ast.JoinExpr):
            yield from _tables((node.larg, node.rarg))


def order_rules(file: ProcedureFile) -> Iterator[Finding]:
    """No path of the body locks a table that comes before one it holds already."""
    path = _Path(file)
    path.block(file.tree["action"]["PLpgSQL_stmt_block"].get("body", []), frozenset())
    yield from dict.fromkeys(path.findings)


class _Path:
    """Follows every branch with the set of tables locked so far."""

    def __init__(self, file: ProcedureFile) -> None:
        self.file = file
        self.findings: list[Finding] = []

    def block(self, statements: list[dict[str, Any]], held: frozenset[str]) -> frozenset[str]:
        """Tables held after the statements; nothing more where they leave the path."""
        for statement in statements:
            (kind, node), *_ = statement.items()
            before = held
            held = self.statement(node, held)
            if kind in ENDS and "cond" not in node:
                return before if kind == "PLpgSQL_stmt_exit" else frozenset()
        return held

    def statement(self, node: dict[str, Any], held: frozenset[str]) -> frozenset[str]:
        """Own queries first, then each inner list of statements as a branch of its own."""
        line = self.file.line(node.get("lineno"))
        for key in ("sqlstmt", "query", "expr", "cond", "t_expr"):
            inner = node.get(key)
            if isinstance(inner, dict) and "PLpgSQL_expr" in inner:
                held = self.query(inner["PLpgSQL_expr"], line, held)
        after = held
        for branch in _branches(node):
            after |= self.block(branch, held)
        return after

    def query(self, expression: dict[str, Any], line: int, held: frozenset[str]) -> frozenset[str]:
        """Tables held after one SQL statement; expressions other than statements lock nothing."""
        if expression.get("parseMode") != 0:
            return held
        locks = _Locks()
        locks(parse_statement(expression["query"]))
        for table, strength in locks.asked:
            weak = strength == enums.LockClauseStrength.LCS_FORNOKEYUPDATE
            if table in WEAK_LOCKS and not weak:
                self.note(line, f"locks {table} FOR UPDATE", "use FOR NO KEY UPDATE")
        for table in [one for one, _ in locks.asked] + locks.changed:
            held = self.take(table, line, held)
        return held

    def take(self, table: str, line: int, held: frozenset[str]) -> frozenset[str]:
        """Adds a table, and notes when one that comes after it is held already."""
        if table in held or table not in RANK:
            return held
        later = sorted((RANK[one], one) for one in held if RANK[one] > RANK[table])
        if later:
            self.note(
                line,
                f"locks {table} after {later[0][1]}",
                f"lock in the order {_names()}, each table before the ones after it",
            )
        return held | {table}

    def note(self, line: int, wrong: str, next_step: str) -> None:
        """Keeps a finding."""
        self.findings.append(self.file.finding(line, wrong, next_step))


def _branches(node: dict[str, Any]) -> Iterator[list[dict[str, Any]]]:
    for key in ("body", "then_body", "else_body", "else_stmts", "stmts"):
        if isinstance(node.get(key), list):
            yield node[key]
    for key in ("elsif_list", "case_when_list"):
        for one in node.get(key, []):
            yield from _branches(next(iter(one.values())))
