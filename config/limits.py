"""Settings of how often a client may ask, by category of the operation (ADR 16).

What is named in no list here is `standard`.
"""

from __future__ import annotations

from commerce.core.rates import rate
from config.environment import env

_CRITICAL = env.str("RATE_LIMIT_CRITICAL", default="30/min")
RATE_LIMITS = {
    "auth": rate(env.str("RATE_LIMIT_AUTH", default="10/min")),
    "critical": rate(_CRITICAL),
    "critical-ip": rate(env.str("RATE_LIMIT_CRITICAL_IP", default="") or _CRITICAL),
    "standard": rate(env.str("RATE_LIMIT_STANDARD", default="1000/min")),
    "reports": rate(env.str("RATE_LIMIT_REPORTS", default="10/h")),
    "webhooks": rate(env.str("RATE_LIMIT_WEBHOOKS", default="500/min")),
}
# Names of routes. Reading a route of CRITICAL_ROUTES is standard, changing something is not.
AUTH_ROUTES = ["auth-otp-send", "auth-otp-verify", "auth-token-refresh", "auth-logout"]
CRITICAL_ROUTES = [
    *("cart-coupon", "checkout", "orders", "order-cancel", "order-return"),
    *("order-pay", "payment-verify", "order-refunds"),
]
REPORT_PREFIXES = ["summary-", "report-", "export-"]
WEBHOOK_ROUTES = ["payment-webhook"]
UNLIMITED_ROUTES = ["live", "ready", "metrics"]  # whoever watches the shop is never turned away
