"""Routes of delivery."""

from __future__ import annotations

from django.urls import path

from commerce.shipping import promise_views, views

urlpatterns = [
    path(
        "products/<slug:slug>/delivery",
        promise_views.ProductDeliveryView.as_view(),
        name="product-delivery",
    ),
    path("serviceability/<str:pincode>", views.ServiceabilityView.as_view(), name="serviceability"),
]
