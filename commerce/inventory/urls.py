"""Routes below `inventory/`."""

from __future__ import annotations

from django.urls import path

from commerce.inventory import views

urlpatterns = [
    path("receipts", views.ReceiptsView.as_view(), name="inventory-receipts"),
    path("write-offs", views.WriteOffsView.as_view(), name="inventory-write-offs"),
]
