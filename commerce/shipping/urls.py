"""Routes of delivery."""

from __future__ import annotations

from django.urls import path

from commerce.shipping import views

urlpatterns = [
    path("serviceability/<str:pincode>", views.ServiceabilityView.as_view(), name="serviceability"),
]
