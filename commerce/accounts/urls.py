"""Routes of profile and address book."""

from __future__ import annotations

from django.urls import path

from commerce.accounts import views

urlpatterns = [
    path("me", views.MeView.as_view(), name="me"),
    path("addresses", views.AddressesView.as_view(), name="addresses"),
    path("addresses/<uuid:address_id>", views.AddressView.as_view(), name="address"),
]
