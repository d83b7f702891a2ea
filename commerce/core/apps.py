from __future__ import annotations

from django.apps import AppConfig
from django.contrib.admin import apps as admin


class CoreConfig(AppConfig):
    name = "commerce.core"
    label = "core"
    default = True

    def ready(self) -> None:
        from commerce.core import checks  # noqa: F401 - registers itself


class ShopAdminConfig(admin.AdminConfig):
    """Makes `admin.site` the shop's own."""

    default = False
    default_site = "commerce.core.admin_site.ShopAdminSite"
