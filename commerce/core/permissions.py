"""Who may do what beyond their own things."""

from __future__ import annotations

from typing import Any

from rest_framework.permissions import BasePermission
from rest_framework.request import Request


class StaffMay(BasePermission):
    """Members of staff who hold the view's `staff_permission`."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Whether the user is staff with the permission that the view names."""
        user = request.user
        return user.is_authenticated and user.is_staff and user.has_perm(view.staff_permission)
