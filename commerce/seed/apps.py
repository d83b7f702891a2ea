from __future__ import annotations

from django.apps import AppConfig


class SeedConfig(AppConfig):
    name = "commerce.seed"
    label = "seed"
