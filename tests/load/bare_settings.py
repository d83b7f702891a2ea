"""The project's settings without its middlewares, for the bare views that a figure is held to."""

from __future__ import annotations

from config.settings import *  # noqa: F403
from config.settings import DATABASES, MIDDLEWARE

MIDDLEWARE.clear()
ROOT_URLCONF = "tests.load.bare"
DATABASES["default"]["CONN_HEALTH_CHECKS"] = False  # one statement is to be one statement
