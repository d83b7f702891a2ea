"""The WSGI application that production serves."""

from __future__ import annotations

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = get_wsgi_application()

# What is there by now stays; nobody need look through it for cycles again. A request makes
# thousands of objects and hardly a cycle: to look every 700 of them took a twentieth of its time.
gc.collect()
gc.freeze()
gc.set_threshold(5_000, 10, 10)
