"""All settings, read from the environment; every default suits a developer's machine.

Those of one subject have a module of their own beside this one. `DJANGO_ENV=production` turns each
unsafe default into a refusal to start.
"""

from __future__ import annotations

from decimal import Decimal

from commerce.core.servers import data_dir, embedded_redis_url
from config import safety
from config.api import *  # noqa: F403
from config.caching import *  # noqa: F403
from config.databases import *  # noqa: F403
from config.environment import (
    BASE_DIR,
    DEVELOPMENT_SECRET,
    PRODUCTION,
    SECRET_KEY,  # noqa: F401 (a setting)
    env,
)
from config.identity import *  # noqa: F403
from config.jobs import *  # noqa: F403
from config.limits import *  # noqa: F403
from config.logs import *  # noqa: F403
from config.roles import ROLES  # noqa: F401 (a setting)
from config.security import *  # noqa: F403
from config.security import CORS_ALLOWED_ORIGINS

DEBUG = env.bool("DEBUG", default=False)
PAYMENT_SANDBOX_SECRET = env.str("PAYMENT_SANDBOX_SECRET", default=DEVELOPMENT_SECRET)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]", "testserver"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

INSTALLED_APPS = [
    "commerce.core.apps.ShopAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "axes",
    "corsheaders",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "commerce.core",
    "commerce.accounts",
    "commerce.catalog",
    "commerce.inventory",
    "commerce.shipping",
    "commerce.coupons",
    "commerce.cart",
    "commerce.payments",
    "commerce.orders",
    "commerce.wishlist",
    "commerce.notifications",
    "commerce.audit",
    "commerce.seed",
]

MIDDLEWARE = [
    "commerce.core.tracing.RequestIdMiddleware",
    "commerce.core.caching.middleware.PageCacheMiddleware",  # a page that is kept goes no further
    "commerce.core.problems.ProblemMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "commerce.core.headers.ContentPolicyMiddleware",
    "commerce.core.sessions.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "commerce.core.sessions.AuthenticationMiddleware",
    "commerce.core.sessions.OTPMiddleware",
    "commerce.core.sessions.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
]
if CORS_ALLOWED_ORIGINS:  # without a list no answer varies by origin, which caches are glad of
    MIDDLEWARE.insert(1, "corsheaders.middleware.CorsMiddleware")

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
ASGI_APPLICATION = "config.asgi.application"
APPEND_SLASH = False
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# Without a URL the project starts a server of its own (commerce.core.servers).
REDIS_URL = env.str("REDIS_URL", default="") or embedded_redis_url()
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
PROCEDURES_DIR = BASE_DIR / "procedures"
PROCEDURE_ATTEMPTS = env.int("PROCEDURE_ATTEMPTS", default=4)
PROCEDURE_RETRY_SECONDS = env.float("PROCEDURE_RETRY_SECONDS", default=0.02)
RETRY_AFTER_SECONDS = env.int("RETRY_AFTER_SECONDS", default=2)
REDIS_TIMEOUT_SECONDS = env.float("REDIS_TIMEOUT_SECONDS", default=0.2)
BREAKER_FAILURES = env.int("BREAKER_FAILURES", default=2)
BREAKER_SECONDS = env.float("BREAKER_SECONDS", default=5.0)
BREAKER_SLOW_SECONDS = env.float("BREAKER_SLOW_SECONDS", default=0.1)
CACHES = {
    "default": {
        "BACKEND": "django_redis.cache.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "shop",
        "OPTIONS": {
            "SOCKET_CONNECT_TIMEOUT": REDIS_TIMEOUT_SECONDS,
            "SOCKET_TIMEOUT": REDIS_TIMEOUT_SECONDS,
            "IGNORE_EXCEPTIONS": True,
        },
    },
}

# Commerce rules that the procedures take as parameters
CURRENCY = "INR"
CART_LINE_MAX = env.int("CART_LINE_MAX", default=10)
CART_LINES_MAX = env.int("CART_LINES_MAX", default=100)
LOW_STOCK_THRESHOLD = env.int("LOW_STOCK_THRESHOLD", default=5)
HOLD_TTL_SECONDS = env.int("HOLD_TTL_SECONDS", default=600)
HOLD_MAX_SECONDS = env.int("HOLD_MAX_SECONDS", default=1800)
HOLD_BATCH_MAX = env.int("HOLD_BATCH_MAX", default=64)  # carts in one call; 1: each by itself
HOLD_BATCH_LINGER_SECONDS = env.float("HOLD_BATCH_LINGER_SECONDS", default=0.001)
HOLD_BATCH_PATIENCE_SECONDS = env.float("HOLD_BATCH_PATIENCE_SECONDS", default=0.25)
COUPON_SLOT_SECONDS = env.int("COUPON_SLOT_SECONDS", default=1800)
PAYMENT_WINDOW_SECONDS = env.int("PAYMENT_WINDOW_SECONDS", default=1800)
COD_MAX_TOTAL = Decimal(env.str("COD_MAX_TOTAL", default="5000.00"))
SAGA_EXPECTED_SECONDS = env.int("SAGA_EXPECTED_SECONDS", default=60)
SAGA_MAX_ATTEMPTS = env.int("SAGA_MAX_ATTEMPTS", default=8)
RETURN_WINDOW_DAYS = env.int("RETURN_WINDOW_DAYS", default=15)
CART_ABANDON_DAYS = env.int("CART_ABANDON_DAYS", default=30)
IDEMPOTENCY_KEEP_HOURS = max(24, env.int("IDEMPOTENCY_KEEP_HOURS", default=72))
IDEMPOTENCY_WAIT_SECONDS = env.float("IDEMPOTENCY_WAIT_SECONDS", default=2.0)
IDEMPOTENCY_LEASE_SECONDS = env.float("IDEMPOTENCY_LEASE_SECONDS", default=5.0)
IDEMPOTENCY_REPLAY_SECONDS = env.int("IDEMPOTENCY_REPLAY_SECONDS", default=900)
OTP_KEEP_DAYS = env.int("OTP_KEEP_DAYS", default=2)
OUTBOX_KEEP_DAYS = env.int("OUTBOX_KEEP_DAYS", default=30)
SAGA_KEEP_DAYS = env.int("SAGA_KEEP_DAYS", default=90)
AUDIT_KEEP_DAYS = env.int("AUDIT_KEEP_DAYS", default=90)
CDN_BASE_URL = env.str("CDN_BASE_URL", default="https://cdn.example.com/")

# What leaves the house
DATA_DIR = data_dir()
SMS_BACKEND = env.str("SMS_BACKEND", default="commerce.notifications.backends.FileSms")
MAIL_BACKEND = env.str("MAIL_BACKEND", default="commerce.notifications.backends.FileMail")
LOGIN_CODE_SENDER = "commerce.notifications.login_codes.deliver_login_code"
SMS_DIR = DATA_DIR / "sms"
MAIL_DIR = DATA_DIR / "mail"
SHOP_NAME = env.str("SHOP_NAME", default="Kite & Sprout")
OTP_TOTP_ISSUER = SHOP_NAME
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default=f"{SHOP_NAME} <orders@example.com>")
PAYMENT_PROVIDERS = env.list("PAYMENT_PROVIDERS", default=["sandbox"])
PAYMENT_PROVIDER_CLASSES = {"sandbox": "commerce.payments.providers.sandbox.Sandbox"}
COD_REFUND_PROVIDER = env.str("COD_REFUND_PROVIDER", default=PAYMENT_PROVIDERS[0])

LANGUAGE_CODE = "en-in"
TIME_ZONE = "Asia/Kolkata"
USE_I18N = True
USE_TZ = True
STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"

if PRODUCTION:
    safety.refuse_unsafe(globals())
