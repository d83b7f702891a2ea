"""Takes back a seeding that was interrupted half-way."""

from __future__ import annotations

from django.apps import apps
from django.db import connection, transaction
from psycopg import sql

KEPT = frozenset(
    {
        "auth_permission",
        "django_content_type",
        "django_migrations",
        "installed_procedures",
        "order_status_transitions",
    }
)


def clear() -> None:
    """Delete every row but those of migrations and of the procedures' installation."""
    models = apps.get_models(include_auto_created=True)
    tables = {model._meta.db_table for model in models if model._meta.managed} - KEPT
    with transaction.atomic(), connection.cursor() as cursor:
        for table in sorted(tables):  # foreign keys are checked at the end, so any order will do
            statement = sql.SQL("DELETE FROM {}").format(sql.Identifier(table))
            cursor.execute(statement.as_string(None))
