"""Routes below `auth/`."""

from __future__ import annotations

from django.urls import path

from commerce.accounts import auth_views as views
from commerce.accounts import session_views

urlpatterns = [
    path("otp/send", views.SendCodeView.as_view(), name="auth-otp-send"),
    path("otp/verify", views.VerifyCodeView.as_view(), name="auth-otp-verify"),
    path("token/refresh", views.RefreshView.as_view(), name="auth-token-refresh"),
    path("logout", views.LogoutView.as_view(), name="auth-logout"),
    path("sessions", session_views.SessionsView.as_view(), name="auth-sessions"),
    path("sessions/<uuid:session_id>", session_views.SessionView.as_view(), name="auth-session"),
]
