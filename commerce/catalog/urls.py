"""Routes of the catalogue."""

from __future__ import annotations

from django.urls import path

from commerce.catalog import views

urlpatterns = [
    path("home", views.HomeView.as_view(), name="home"),
    path("categories", views.CategoriesView.as_view(), name="categories"),
    path("products", views.ProductsView.as_view(), name="products"),
    path("products/<slug:slug>", views.ProductView.as_view(), name="product"),
    path("search", views.SearchView.as_view(), name="search"),
    path("search/suggest", views.SuggestView.as_view(), name="suggest"),
]
