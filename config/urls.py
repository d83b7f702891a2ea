"""All routes."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path

from commerce.core import pages
from commerce.core.reader import RedocView, SchemaView, SwaggerView
from commerce.core.views import LiveView, MetricsView, ReadyView

api = [
    path("", include("commerce.accounts.urls")),
    path("", include("commerce.catalog.urls")),
    path("", include("commerce.shipping.urls")),
    path("", include("commerce.wishlist.urls")),
    path("auth/", include("commerce.accounts.auth_urls")),
    path("", include("commerce.cart.urls")),
    path("", include("commerce.orders.urls")),
    path("payments/", include("commerce.payments.urls")),
    path("inventory/", include("commerce.inventory.urls")),
]

urlpatterns = [
    path("", pages.front, name="front"),
    path("problems/", pages.problems, name="problems"),
    path("problems/<str:code>", pages.problem, name="problem"),
    path("api/v1/", include(api)),
    path("api/schema", SchemaView.as_view(), name="schema"),
    path("api/docs", SwaggerView.as_view(url_name="schema"), name="docs"),
    path("api/redoc", RedocView.as_view(url_name="schema"), name="redoc"),
    path("health/live", LiveView.as_view(), name="live"),
    path("health/ready", ReadyView.as_view(), name="ready"),
    path("metrics", MetricsView.as_view(), name="metrics"),
    path("admin/", admin.site.urls),
]
