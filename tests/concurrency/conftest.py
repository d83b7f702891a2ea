"""The web server that the races over HTTP are run against."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.concurrency.web import Web, serving


@pytest.fixture(scope="package")
def web(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Web]:
    """The production server on this run's database."""
    with django_db_blocker.unblock(), serving(tmp_path_factory.mktemp("web")) as running_web:
        yield running_web
