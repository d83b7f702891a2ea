"""The admin's doors: a throttled password first, then a code from the person's own device."""

from __future__ import annotations

from math import ceil
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from commerce.core import login_throttle, second_factor


class ShopAdminSite(admin.AdminSite):
    """Lets staff in who have shown both factors; `ADMIN_SECOND_FACTOR` says whether two."""

    def __init__(self, name: str = "admin") -> None:
        super().__init__(name)
        self.site_header = self.site_title = settings.SHOP_NAME
        self.index_title = "Back office"

    def has_permission(self, request: HttpRequest) -> bool:
        """Whether an active member of staff has logged in completely."""
        return super().has_permission(request) and second_factor.shown(request)

    def get_urls(self) -> list[URLResolver | URLPattern]:
        """Besides the usual pages, where the second factor is shown."""
        door = path("second-factor/", self.second_factor, name="second_factor")
        return [door, *super().get_urls()]

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Ask for the password, or for the second factor of who has given it."""
        if super().has_permission(request) and not second_factor.shown(request):
            wanted = request.GET.get(REDIRECT_FIELD_NAME, "")
            return redirect_to_login(wanted, reverse("admin:second_factor", current_app=self.name))
        answer = super().login(request, extra_context)
        if request.method == "POST" and request.user.is_authenticated:
            login_throttle.remember(answer, request.user.get_username())
        return answer

    def second_factor(self, request: HttpRequest) -> HttpResponse:
        """Ask for the device's code; a person without one sets it up, or is told who does."""
        return _second_factor(request, self)


@never_cache
@sensitive_post_parameters("code")
def _second_factor(request: HttpRequest, site: ShopAdminSite) -> HttpResponse:
    if not admin.AdminSite.has_permission(site, request):
        return redirect_to_login(request.path, reverse("admin:login"))
    wanted = request.POST.get(REDIRECT_FIELD_NAME) or request.GET.get(REDIRECT_FIELD_NAME, "")
    if not url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    ):
        wanted = reverse("admin:index")
    if second_factor.shown(request):
        return HttpResponseRedirect(wanted)
    refused = ""
    if request.method == "POST":
        refused = second_factor.show(request, request.POST.get("code", ""))
        if not refused:
            return HttpResponseRedirect(wanted)
    context = {
        **site.each_context(request),
        "title": "Second factor",
        "enrolment": second_factor.enrolment(request),
        "waits": second_factor.waits_for_a_device(request),
        "refused": refused,
        "next_name": REDIRECT_FIELD_NAME,
        "next_value": wanted,
    }
    status = 403 if refused else 200
    return TemplateResponse(request, "admin/second_factor.html", context, status=status)


def locked_out(request: HttpRequest, response: Any = None, credentials: Any = None) -> HttpResponse:
    """The answer to a login that has to wait; the same whether the password was right or not."""
    seconds = ceil(settings.AXES_COOLOFF_TIME.total_seconds())
    context = {**admin.site.each_context(request), "title": "Wait", "minutes": ceil(seconds / 60)}
    page = TemplateResponse(request, "admin/locked_out.html", context, status=429).render()
    page["Retry-After"] = str(seconds)
    return page
