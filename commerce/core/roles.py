"""Makes the Django groups that `settings.ROLES` describes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase

from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction

OURS = "commerce."
NEVER = "delete_"  # nothing is deleted by hand


def shop_permissions() -> dict[str, Permission]:
    """The permissions on the shop's own models, by `app.codename`."""
    labels = [config.label for config in apps.get_app_configs() if config.name.startswith(OURS)]
    found = Permission.objects.filter(content_type__app_label__in=labels)
    return {
        f"{one.content_type.app_label}.{one.codename}": one
        for one in found.select_related("content_type")
        if not one.codename.startswith(NEVER)
    }


def rights(patterns: Sequence[str], known: Mapping[str, Permission]) -> dict[str, Permission]:
    """The permissions that the patterns mean; ImproperlyConfigured for one that means none."""
    meant: dict[str, Permission] = {}
    for pattern in patterns:
        matching = {name: one for name, one in known.items() if fnmatchcase(name, pattern)}
        if not matching:
            raise ImproperlyConfigured(f"No permission is called {pattern!r}")
        meant |= matching
    return meant


def keep_roles(roles: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """Give each group exactly its rights, telling what changed; other groups stay as they are."""
    known = shop_permissions()
    for name, patterns in roles.items():
        meant = rights(patterns, known)
        with transaction.atomic():
            group, _ = Group.objects.get_or_create(name=name)
            had = {
                f"{one.content_type.app_label}.{one.codename}"
                for one in group.permissions.select_related("content_type")
            }
            if had == set(meant):
                continue
            group.permissions.set(meant.values())
        added, taken = len(set(meant) - had), len(had - set(meant))
        yield f"{name}: {len(meant)} rights, {added} given, {taken} taken away"
