"""People in the admin: staff and customers, their addresses and login codes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import BaseUserCreationForm, UserChangeForm
from django.db.models import QuerySet
from django.http import HttpRequest

from commerce.accounts.models import (
    Address,
    LoginSession,
    OtpIpCounter,
    OtpPhone,
    OtpVerification,
    SessionEnd,
    User,
    UserStatus,
)
from commerce.accounts.tokens import end_sessions
from commerce.core.admin import TIMES, ReadOnlyAdmin

if TYPE_CHECKING:  # Django's classes take no type argument at run time
    NewForm = BaseUserCreationForm[User]
    ChangeForm = UserChangeForm[User]
    BaseAdmin = DjangoUserAdmin[User]
else:
    NewForm, ChangeForm, BaseAdmin = BaseUserCreationForm, UserChangeForm, DjangoUserAdmin

RIGHTS = ("is_staff", "is_superuser", "groups", "user_permissions")


class NewUserForm(NewForm):
    """A member of staff: a phone and a password for the admin."""

    class Meta:
        model = User
        fields = ("phone", "name")


class UserForm(ChangeForm):
    """A user's own fields; the password has a page of its own."""

    class Meta:
        model = User
        fields = "__all__"


@admin.register(User)
class UserAdmin(BaseAdmin):
    """Customers and staff; rights are given by superusers only, nobody is deleted."""

    form = UserForm
    add_form = NewUserForm
    list_display = ("phone", "name", "email", "status", "is_staff", "created_at")
    list_filter = ("status", "is_staff", "is_superuser", "cod_allowed")
    search_fields = ("phone", "name", "email")
    ordering = ("-created_at", "-id")
    list_per_page = 50
    show_full_result_count = False
    filter_horizontal = ("groups", "user_permissions")
    readonly_fields = (*TIMES, "last_login", "erased_at")
    fieldsets = (
        (None, {"fields": ("phone", "password", "name", "email", "status", "cod_allowed")}),
        ("Rights", {"fields": RIGHTS}),
        ("Times", {"fields": (*TIMES, "last_login", "erased_at")}),
    )
    add_fieldsets = ((None, {"fields": ("phone", "name", "password1", "password2")}),)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """A member of staff cannot give rights, not even to themselves."""
        own = super().get_readonly_fields(request, obj)
        return own if request.user.is_superuser else (*own, *RIGHTS)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Colleagues, their passwords and phones included, are changed by superusers only."""
        if not super().has_change_permission(request, obj):
            return False
        colleague = obj is not None and (obj.is_staff or obj.is_superuser)
        return request.user.is_superuser or not colleague or obj.pk == request.user.pk

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never: orders keep their owner."""
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Who may not log in any more is logged out everywhere, and stays so if let in again."""
        super().save_model(request, obj, form, change)
        if change and obj.status != UserStatus.ACTIVE:
            end_sessions(LoginSession.objects.filter(user=obj), SessionEnd.DEACTIVATED)


@admin.register(LoginSession)
class LoginSessionAdmin(ReadOnlyAdmin):
    """Who is logged in where, and why a login is over."""

    list_display = ("user", "device_name", "network", "created_at", "rotated_at", "end_reason")
    list_filter = ("end_reason",)
    list_select_related = ("user",)
    search_fields = ("=user__phone", "=id")
    exclude = ("device_hash",)
    actions = ("end_logins",)

    def has_end_permission(self, request: HttpRequest) -> bool:
        """Whoever may change logins."""
        return request.user.has_perm("accounts.change_loginsession")

    @admin.action(description="Log out", permissions=["end"])
    def end_logins(self, request: HttpRequest, queryset: QuerySet[LoginSession]) -> None:
        """End the logins, and all their tokens at once."""
        count = end_sessions(queryset, SessionEnd.BY_STAFF)
        self.message_user(request, f"{count} logins were ended.")


@admin.register(Address)
class AddressAdmin(ReadOnlyAdmin):
    """The customers' address books."""

    list_display = ("name", "user", "city", "state", "pincode", "kind", "is_deleted")
    list_filter = ("kind", "is_deleted", "state")
    list_select_related = ("user",)
    search_fields = ("=user__phone", "name", "=pincode")


@admin.register(OtpPhone)
class OtpPhoneAdmin(ReadOnlyAdmin):
    """What phone numbers asked for and got wrong."""

    list_display = ("phone", "sends", "failures", "last_sent_at", "failures_since")
    search_fields = ("=phone",)


@admin.register(OtpIpCounter)
class OtpIpCounterAdmin(ReadOnlyAdmin):
    """How many codes an address asked for."""

    list_display = ("ip", "sends", "window_started_at")
    search_fields = ("ip",)


@admin.register(OtpVerification)
class OtpVerificationAdmin(ReadOnlyAdmin):
    """Login codes that were sent, without their hashes."""

    list_display = ("phone", "status", "attempts", "created_at", "expires_at", "verified_at")
    list_filter = ("status",)
    search_fields = ("=phone",)
    exclude = ("code_hash",)
