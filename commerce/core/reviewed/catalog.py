"""Which routines the database holds, read from its own catalogue."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import DEFAULT_DB_ALIAS, connections

from commerce.core.reviewed.signature import MODES, Parameter, Signature

ROUTINES = """
    SELECT p.proname, p.prokind, p.oid::regprocedure::text, p.prosrc, p.pronargdefaults,
           coalesce(p.proargnames, ARRAY[]::text[]),
           coalesce(p.proargmodes::text[], ARRAY[]::text[]),
           ARRAY(
               SELECT CASE WHEN element.oid IS NULL THEN t.typname ELSE element.typname || '[]' END
               FROM unnest(coalesce(p.proallargtypes, p.proargtypes::oid[]))
                    WITH ORDINALITY AS given (type, place)
               JOIN pg_type t ON t.oid = given.type
               LEFT JOIN pg_type element ON element.oid = t.typelem AND t.typcategory = 'A'
               ORDER BY given.place
           )::text[]
    FROM pg_proc p
    WHERE p.pronamespace = current_schema()::regnamespace
      AND NOT EXISTS (
          SELECT FROM pg_depend d
          WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
      )
    ORDER BY p.proname, p.oid
"""


@dataclass(frozen=True, slots=True)
class Routine:
    """One routine of the current schema that no extension owns."""

    signature: Signature
    is_procedure: bool
    identity: str
    source: str

    @property
    def name(self) -> str:
        """Its name without the arguments."""
        return self.signature.name


def installed_routines() -> list[Routine]:
    """All routines of the current schema, overloads one by one."""
    with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
        cursor.execute(ROUTINES)
        rows = cursor.fetchall()
    return [
        Routine(
            Signature(name, _parameters(names, modes, types, defaults)),
            kind == "p",
            identity,
            text,
        )
        for name, kind, identity, text, defaults, names, modes, types in rows
    ]


def _parameters(
    names: list[str], modes: list[str], types: list[str], defaults: int
) -> tuple[Parameter, ...]:
    modes = modes or ["i"] * len(types)
    names = names or [""] * len(types)
    without_default = sum(MODES[one] != "OUT" for one in modes) - defaults
    parameters = []
    for name, mode, kind in zip(names, modes, types, strict=True):
        has_default = MODES[mode] != "OUT" and without_default <= 0
        without_default -= MODES[mode] != "OUT"
        parameters.append(Parameter(name, MODES[mode], kind, has_default))
    return tuple(parameters)
