"""Routes of orders and returns."""

from __future__ import annotations

from django.urls import path

from commerce.orders import bought_views, staff_views, views

urlpatterns = [
    path("me/recently-bought", bought_views.RecentlyBoughtView.as_view(), name="recently-bought"),
    path("orders", views.OrdersView.as_view(), name="orders"),
    path("orders/<uuid:order_id>", views.OrderView.as_view(), name="order"),
    path("orders/<uuid:order_id>/cancel", views.CancelView.as_view(), name="order-cancel"),
    path("orders/<uuid:order_id>/payments", views.OrderPaymentsView.as_view(), name="order-pay"),
    path("orders/<uuid:order_id>/return", views.OrderReturnView.as_view(), name="order-return"),
    path(
        "orders/<uuid:order_id>/status",
        staff_views.OrderStatusView.as_view(),
        name="order-status",
    ),
    path(
        "orders/<uuid:order_id>/refunds",
        staff_views.OrderRefundsView.as_view(),
        name="order-refunds",
    ),
    path(
        "returns/<uuid:return_id>/status",
        staff_views.ReturnStatusView.as_view(),
        name="return-status",
    ),
]
