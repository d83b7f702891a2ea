"""Routes below `payments/`."""

from __future__ import annotations

from django.urls import path

from commerce.payments import views

urlpatterns = [
    path("<uuid:payment_id>/verify", views.VerifyView.as_view(), name="payment-verify"),
    path("webhooks/<slug:provider_name>", views.WebhookView.as_view(), name="payment-webhook"),
]
