"""The WSGI application that production serves."""

from __future__ import annotations

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = get_wsgi_application()

# What is there by now stays: nobody need look through it for cycles again. How often it is looked
# stays as it is: a request is a cycle with its body, and large bodies must not pile up.
gc.collect()
gc.freeze()
