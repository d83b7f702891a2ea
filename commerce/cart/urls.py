"""Routes of the cart and of checkout."""

from __future__ import annotations

from django.urls import path

from commerce.cart import checkout_views, views

urlpatterns = [
    path("cart", views.CartView.as_view(), name="cart"),
    path("cart/items", views.CartItemsView.as_view(), name="cart-items"),
    path("cart/items/<uuid:item_id>", views.CartItemView.as_view(), name="cart-item"),
    path("cart/coupon", views.CartCouponView.as_view(), name="cart-coupon"),
    path("cart/validate", views.CartValidateView.as_view(), name="cart-validate"),
    path("checkout", checkout_views.CheckoutView.as_view(), name="checkout"),
]
