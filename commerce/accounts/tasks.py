"""Jobs that end what has a lifetime: login codes, their counters, and logins."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone

from commerce.accounts.models import LoginSession, OtpIpCounter, OtpPhone, OtpVerification
from commerce.core.jobs import job, purge


@job()
def purge_login_records() -> dict[str, int]:
    """Delete old login codes, counters whose windows are long over, and logins past their time."""
    now = timezone.now()
    cutoff = now - timedelta(days=settings.OTP_KEEP_DAYS)
    old: dict[str, QuerySet[Any]] = {
        "otp_verifications": OtpVerification.objects.filter(created_at__lt=cutoff),
        "otp_phones": OtpPhone.objects.filter(window_started_at__lt=cutoff)
        .filter(Q(last_sent_at=None) | Q(last_sent_at__lt=cutoff))
        .filter(Q(failures_since=None) | Q(failures_since__lt=cutoff)),
        "otp_ip_counters": OtpIpCounter.objects.filter(window_started_at__lt=cutoff),
        "login_sessions": LoginSession.objects.filter(expires_at__lt=now),
    }
    return {
        table: purge(f"purge {table}", rows, lambda found: found.delete()).done
        for table, rows in old.items()
    }
