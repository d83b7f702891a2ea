"""Two kinds of page in the admin: rows that people edit, and rows that procedures own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import admin
from django.db.models import F, Model, QuerySet
from django.db.models.functions import Now
from django.http import HttpRequest
from django_otp.plugins.otp_totp.models import TOTPDevice

from commerce.core.models import (
    IdempotencyKey,
    InstalledProcedure,
    OutboxMessage,
    OutboxStatus,
    RateWindow,
    RequestInFlight,
    SagaStatus,
    SagaStep,
    SoftDeleted,
    Versioned,
)

if TYPE_CHECKING:  # Django's classes take no type argument at run time
    ModelAdmin = admin.ModelAdmin[Any]
    TabularInline = admin.TabularInline[Any, Any]
else:
    ModelAdmin, TabularInline = admin.ModelAdmin, admin.TabularInline

TIMES = ("id", "created_at", "updated_at")


class ShopAdmin(ModelAdmin):
    """Rows that people edit; nothing is deleted, only taken out of sight and put back."""

    readonly_fields: ClassVar[Any] = TIMES
    list_per_page = 50
    show_full_result_count = False
    actions = ("take_out", "put_back")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never: a row leaves the shop's sight but not the database."""
        return False

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Taking out and putting back only where rows can be out of sight."""
        return super().get_actions(request) if issubclass(self.model, SoftDeleted) else {}

    def get_list_filter(self, request: HttpRequest) -> Any:
        """Rows out of sight can be told from the others."""
        own = super().get_list_filter(request)
        return [*own, "is_deleted"] if issubclass(self.model, SoftDeleted) else own

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Store who made the row, and count the version of one that several write."""
        _stamp(obj, request)
        super().save_model(request, obj, form, change)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        """Store the rows below; one marked for deletion leaves the shop's sight only."""
        for row in formset.save(commit=False):
            _stamp(row, request)
            row.save()
        for row in formset.deleted_objects:
            row.is_deleted = True
            row.save(update_fields=["is_deleted", "updated_at"])
        formset.save_m2m()

    @admin.action(description="Take out of the shop's sight", permissions=["change"])
    def take_out(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """Mark the rows as deleted."""
        queryset.update(is_deleted=True, updated_at=Now())

    @admin.action(description="Put back into the shop's sight", permissions=["change"])
    def put_back(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """Undo `take_out`."""
        queryset.update(is_deleted=False, updated_at=Now())


class ShopInline(TabularInline):
    """Rows edited on the page of the row above them."""

    extra = 0
    show_change_link = True

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """The rows in sight."""
        rows = super().get_queryset(request)
        return rows.filter(is_deleted=False) if issubclass(self.model, SoftDeleted) else rows


class ReadOnlyAdmin(ModelAdmin):
    """Rows that procedures own: to be found and read here, changed only by their procedure."""

    readonly_fields: ClassVar[Any] = TIMES
    ordering: ClassVar[Any] = ("-created_at", "-id")
    list_per_page = 50
    show_full_result_count = False
    actions: Any = None

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Never."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False


class ReadOnlyInline(TabularInline):
    """Rows that procedures own, shown on the page of the row above them."""

    extra = 0
    can_delete = False
    show_change_link = True

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False


def _stamp(row: Model, request: HttpRequest) -> None:
    fields: Any = row
    if row._state.adding:
        fields.created_by = request.user
    elif isinstance(row, Versioned):
        fields.version = F("version") + 1


@admin.register(IdempotencyKey)
class IdempotencyKeyAdmin(ReadOnlyAdmin):
    """Keys of critical POSTs; the stored answers, which name people, are not shown."""

    list_display = ("key", "procedure", "owner", "status", "created_at")
    list_filter = ("procedure",)
    search_fields = ("=key", "=owner")
    exclude = ("body",)


@admin.register(RequestInFlight)
class RequestInFlightAdmin(ReadOnlyAdmin):
    """Keyed requests under way."""

    list_display = ("id", "expires_at")
    search_fields = ("=id",)


@admin.register(RateWindow)
class RateWindowAdmin(ReadOnlyAdmin):
    """Who asked how often while Redis was away."""

    list_display = ("bucket", "taken", "ends_at")
    search_fields = ("bucket",)


class RetryAdmin(ReadOnlyAdmin):
    """Records of work that was given up, which a person may have tried again."""

    actions = ("try_again",)
    given_up = ""
    at_once: tuple[str, ...] = ()

    def has_retry_permission(self, request: HttpRequest) -> bool:
        """Whoever may change such records."""
        return request.user.has_perm(f"core.change_{self.opts.model_name}")

    @admin.action(description="Try again now", permissions=["retry"])
    def try_again(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """Make what was given up due now, its attempts counted anew; the job does the rest."""
        due = {name: Now() for name in self.at_once}
        found = queryset.filter(status=self.given_up)
        count = found.update(status="pending", attempts=0, updated_at=Now(), **due)
        self.message_user(request, f"{count} will be tried again within a minute.")


@admin.register(SagaStep)
class SagaStepAdmin(RetryAdmin):
    """Steps of workflows; `failed` ones wait for a person."""

    given_up = SagaStatus.FAILED
    at_once = ("due_at",)

    list_display = ("step", "kind", "status", "subject_id", "attempts", "due_at", "finished_at")
    list_filter = ("status", "kind", "step")
    search_fields = ("=saga_id", "=subject_id")


@admin.register(OutboxMessage)
class OutboxMessageAdmin(RetryAdmin):
    """Events on their way to consumers; `dead` ones wait for a person."""

    given_up = OutboxStatus.DEAD
    at_once = ("next_attempt_at",)

    list_display = ("seq", "topic", "aggregate_id", "status", "attempts", "delivered_at")
    list_filter = ("status", "topic")
    search_fields = ("=aggregate_id",)
    ordering = ("-seq",)


admin.site.unregister(TOTPDevice)  # its own page shows keys


@admin.register(TOTPDevice)
class SecondFactorAdmin(ReadOnlyAdmin):
    """Devices for the admin's second factor; a superuser takes away a lost one."""

    list_display = ("user", "name", "created_at", "last_used_at")
    list_select_related = ("user",)
    search_fields = ("=user__phone",)
    fields = list_display
    readonly_fields = list_display

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Superusers: its owner sets up another at the next login."""
        return bool(request.user.is_superuser)


@admin.register(InstalledProcedure)
class InstalledProcedureAdmin(ReadOnlyAdmin):
    """What runs in this database, and who reviewed it."""

    list_display = ("name", "reviewer", "reviewed_on", "installed_at", "sha256")
    search_fields = ("name",)
    ordering = ("name",)
