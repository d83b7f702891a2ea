"""The jobs that run all day find their work by index, however much work was done before."""

from __future__ import annotations

from django.conf import settings
from django.utils.module_loading import import_string

from commerce.catalog.shelf import keeping
from tests.shop.builder import Shop
from tests.shop.crowd import TABLES, crowd
from tests.shop.plans import noted, planned

READS_ALL = {"commerce.audit.tasks.audit_books"}  # that is its task


def test_frequent_jobs_read_no_large_table_whole(shop: Shop) -> None:
    crowd(shop)
    keeping.rebuild()  # once; from then on the job follows changes
    frequent = {
        str(entry["task"])
        for entry in settings.CELERY_BEAT_SCHEDULE.values()
        if isinstance(entry["schedule"], float)
    } - READS_ALL

    for name in sorted(frequent):
        with noted() as statements:
            import_string(name)()
        assert statements, name
        assert planned(statements).whole & TABLES == set(), name
