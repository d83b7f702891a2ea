"""The audit in the admin: what is broken, since when, and the runs that looked for it."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import NoReverseMatch, URLPattern, path, reverse
from django.utils.html import format_html

from commerce.audit.models import AuditFinding, AuditRun
from commerce.audit.promises import Invariant, invariants
from commerce.audit.tasks import audit_books
from commerce.core.admin import ReadOnlyAdmin
from commerce.core.queue import handed_over

START = "audit.start_auditrun"


@admin.register(AuditRun)
class AuditRunAdmin(ReadOnlyAdmin):
    """The runs, above them what is broken now, and a button that starts one."""

    list_display = ("began", "trigger", "created_by", "took", "broken")
    list_filter = ("trigger",)
    list_select_related = ("created_by",)
    fields = ("trigger", "created_by", "created_at", "finished_at", "took", "rows", "broken")
    readonly_fields = fields
    change_list_template = "admin/audit/runs.html"

    @admin.display(description="began", ordering="created_at")
    def began(self, run: AuditRun) -> Any:
        """When the run began."""
        return run.created_at

    @admin.display(description="took")
    def took(self, run: AuditRun) -> str:
        """How long the run took."""
        return "not finished" if run.milliseconds is None else f"{run.milliseconds / 1000:.1f} s"

    @admin.display(description="broken rows")
    def broken(self, run: AuditRun) -> str:
        """How many rows break which invariant."""
        if run.finished_at is None:
            return "-"
        broken = [f"{name}: {rows}" for name, rows in sorted(run.counts.items()) if rows]
        return ", ".join(broken) or "none"

    def get_urls(self) -> list[URLPattern]:
        """Besides the usual pages, where the button leads."""
        start = path("start/", self.admin_site.admin_view(self.start), name="audit_auditrun_start")
        return [start, *super().get_urls()]

    def start(self, request: HttpRequest) -> HttpResponse:
        """Send the job that audits the books; its run appears in the list."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not request.user.has_perm(START):
            raise PermissionDenied
        if handed_over(audit_books.apply_async, (str(request.user.pk),)):
            self.message_user(request, "The books are being audited; reload to see the result.")
        else:
            self.message_user(
                request, "The queue of jobs can't be reached; try again soon.", messages.ERROR
            )
        return HttpResponseRedirect(reverse("admin:audit_auditrun_changelist"))

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """The list of runs below what is broken now."""
        told = {
            "open_findings": AuditFinding.objects.filter(resolved_at=None).count(),
            "last_run": AuditRun.objects.exclude(finished_at=None).order_by("-created_at").first(),
            "may_start": request.user.has_perm(START),
        }
        return super().changelist_view(request, told | (extra_context or {}))


class OpenFilter(admin.SimpleListFilter):
    """Without a choice, only what is still broken."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """The choices beside "All", which here means what is still broken."""
        return [("resolved", "in order again"), ("every", "every finding")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """The findings of that state."""
        if self.value() == "every":
            return queryset
        return queryset.filter(resolved_at__isnull=self.value() != "resolved")

    def choices(self, changelist: Any) -> Any:
        """As Django makes them, with a true name for the first."""
        first, *others = super().choices(changelist)
        return [first | {"display": "still broken"}, *others]


@admin.register(AuditFinding)
class AuditFindingAdmin(ReadOnlyAdmin):
    """Broken rows with what is promised of them and what to do."""

    list_display = ("invariant", "row", "explanation", "remedy", "created_at", "last_seen_at")
    list_filter = (OpenFilter, "invariant", "table")
    search_fields = ("=subject_id",)
    fields = (
        "invariant",
        "promise",
        "row",
        "explanation",
        "remedy",
        "created_at",
        "last_seen_at",
        "told_at",
        "resolved_at",
    )
    readonly_fields = fields
    ordering = (F("resolved_at").desc(nulls_first=True), "invariant", "-created_at")

    @admin.display(description="row")
    def row(self, finding: AuditFinding) -> str:
        """The broken row, linked to its own page where it has one."""
        text = f"{finding.table} {finding.subject_id}"
        page = _page(finding.table, finding.subject_id)
        return format_html('<a href="{}">{}</a>', page, text) if page else text

    @admin.display(description="what is promised")
    def promise(self, finding: AuditFinding) -> str:
        """What the invariant promises."""
        return _invariant(finding).promise

    @admin.display(description="what to do")
    def remedy(self, finding: AuditFinding) -> str:
        """What an operator does about it."""
        return _invariant(finding).remedy


def _invariant(finding: AuditFinding) -> Invariant:
    """The invariant of a finding; an empty one if it was renamed since."""
    known = {one.name: one for one in invariants()}
    return known.get(finding.invariant, Invariant(finding.invariant, "", "", ""))


def _page(table: str, row_id: object) -> str:
    """The admin's page of a row, or nothing."""
    for model in apps.get_models():
        if model._meta.db_table == table and model._meta.managed:
            name = f"admin:{model._meta.app_label}_{model._meta.model_name}_change"
            try:
                return reverse(name, args=[row_id])
            except NoReverseMatch:
                return ""
    return ""
