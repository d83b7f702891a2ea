"""All settings, read from the environment; every default suits a developer's machine.

`DJANGO_ENV=production` turns each unsafe default into a refusal to start.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

from commerce.core.servers import (
    data_dir,
    embedded_broker_url,
    embedded_database,
    embedded_redis_url,
)
from config.beat import SCHEDULE

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
environ.Env.read_env(BASE_DIR / ".env")

DJANGO_ENV = env.str("DJANGO_ENV", default="development")
if DJANGO_ENV not in {"development", "production"}:
    raise ImproperlyConfigured(f"DJANGO_ENV is {DJANGO_ENV!r}: development or production")
PRODUCTION = DJANGO_ENV == "production"
DEVELOPMENT_SECRET = "development-only-not-for-production-0123456789"  # noqa: S105

DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY", default=DEVELOPMENT_SECRET)
PAYMENT_SANDBOX_SECRET = env.str("PAYMENT_SANDBOX_SECRET", default=DEVELOPMENT_SECRET)
OTP_PEPPER = env.str("OTP_PEPPER", default=DEVELOPMENT_SECRET)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]", "testserver"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "rest_framework",
    "rest_framework_simplejwt.token_blacklist",
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
    "commerce.core.problems.ProblemMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

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

# Data stores. Without a URL the project starts servers of its own (commerce.core.servers).
DATABASE_URL = env.str("DATABASE_URL", default="")
REDIS_URL = env.str("REDIS_URL", default="") or embedded_redis_url()
_database: dict[str, Any] = (
    env.db_url_config(DATABASE_URL) if DATABASE_URL else dict(embedded_database())
)
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        **_database,
        "CONN_MAX_AGE": env.int("DATABASE_CONN_MAX_AGE", default=600),
        "CONN_HEALTH_CHECKS": True,
        "ATOMIC_REQUESTS": False,
        "DISABLE_SERVER_SIDE_CURSORS": True,
        "OPTIONS": {
            "prepare_threshold": None,
            "connect_timeout": 5,
            **_database.get("OPTIONS", {}),  # sslmode and the like, from the URL
        },
    },
}
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

# Identity
AUTH_USER_MODEL = "accounts.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
OTP_LENGTH = env.int("OTP_LENGTH", default=6)
OTP_TTL_SECONDS = env.int("OTP_TTL_SECONDS", default=300)
OTP_COOLDOWN_SECONDS = env.int("OTP_COOLDOWN_SECONDS", default=30)
OTP_SENDS_PER_PHONE_HOUR = env.int("OTP_SENDS_PER_PHONE_HOUR", default=5)
OTP_SENDS_PER_IP_HOUR = env.int("OTP_SENDS_PER_IP_HOUR", default=30)
OTP_MAX_FAILURES = env.int("OTP_MAX_FAILURES", default=5)
OTP_FAILURE_WINDOW_SECONDS = env.int("OTP_FAILURE_WINDOW_SECONDS", default=3600)
SIMPLE_JWT = {
    "ACCESS_TOKEN_LIFETIME": timedelta(seconds=env.int("ACCESS_TOKEN_SECONDS", default=900)),
    "REFRESH_TOKEN_LIFETIME": timedelta(days=env.int("REFRESH_TOKEN_DAYS", default=30)),
    "ROTATE_REFRESH_TOKENS": True,
    "BLACKLIST_AFTER_ROTATION": True,
    "SIGNING_KEY": env.str("JWT_SIGNING_KEY", default=SECRET_KEY),
    "ISSUER": "shop",
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
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default=f"{SHOP_NAME} <orders@example.com>")
PAYMENT_PROVIDERS = env.list("PAYMENT_PROVIDERS", default=["sandbox"])
PAYMENT_PROVIDER_CLASSES = {"sandbox": "commerce.payments.providers.sandbox.Sandbox"}
COD_REFUND_PROVIDER = env.str("COD_REFUND_PROVIDER", default=PAYMENT_PROVIDERS[0])

# API
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")
METRICS_COLLECTORS = ["commerce.core.metrics.WaitingWork", "commerce.audit.metrics.Books"]
MAX_BODY_BYTES = env.int("MAX_BODY_BYTES", default=1_048_576)
DATA_UPLOAD_MAX_MEMORY_SIZE = MAX_BODY_BYTES
NUM_PROXIES = env.int("NUM_PROXIES", default=0)
PAGE_SIZE = env.int("PAGE_SIZE", default=24)
PAGE_SIZE_MAX = env.int("PAGE_SIZE_MAX", default=100)
HOME_SECTION_PRODUCTS = env.int("HOME_SECTION_PRODUCTS", default=12)
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["commerce.accounts.authentication.BearerAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["commerce.core.renderers.ExactJSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["commerce.core.parsers.StrictJSONParser"],
    "DEFAULT_SCHEMA_CLASS": "commerce.core.schema.ShopAutoSchema",
    "EXCEPTION_HANDLER": "commerce.core.problems.exception_handler",
    "NUM_PROXIES": NUM_PROXIES,
    "COERCE_DECIMAL_TO_STRING": True,
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Children's shop API",
    "DESCRIPTION": "Catalogue, cart, checkout, payment and orders of a children's retail shop.",
    "VERSION": "1.0.0",
    "OAS_VERSION": "3.1.1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": r"/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "commerce.core.schema.add_shared_problems",
    ],
    "ENUM_NAME_OVERRIDES": {
        "AddressKind": "commerce.accounts.models.AddressKind",
        "SectionKind": "commerce.catalog.models.SectionKind",
        "OrderStatus": "commerce.orders.states.OrderStatus",
        "OrderPaymentStatus": "commerce.orders.states.PaymentStatus",
        "PaymentMethod": "commerce.cart.models.PaymentMethod",
        "ReturnStatus": "commerce.orders.states.ReturnStatus",
        "RefundStatus": "commerce.payments.models.RefundStatus",
    },
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
}

# Celery
CELERY_BROKER_URL = env.str(
    "CELERY_BROKER_URL", default=env.str("REDIS_URL", default="") or embedded_broker_url()
)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TIMEZONE = "Asia/Kolkata"
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "socket_connect_timeout": env.float("BROKER_CONNECT_SECONDS", default=1.0),
    "socket_timeout": env.float("BROKER_TIMEOUT_SECONDS", default=5.0),
}
CELERY_BEAT_SCHEDULE = SCHEDULE
JOB_SECONDS = env.float("JOB_SECONDS", default=45.0)
AUDIT_GRACE_SECONDS = env.int("AUDIT_GRACE_SECONDS", default=300)
AUDIT_CONNECTIONS = env.int("AUDIT_CONNECTIONS", default=2)
AUDIT_REPEAT_HOURS = env.int("AUDIT_REPEAT_HOURS", default=24)
JOB_BATCH_SIZE = env.int("JOB_BATCH_SIZE", default=200)
JOB_RETRIES = env.int("JOB_RETRIES", default=5)
JOB_RETRY_SECONDS_MAX = env.int("JOB_RETRY_SECONDS_MAX", default=60)
JOB_BACK_OFF_SECONDS_MAX = env.float("JOB_BACK_OFF_SECONDS_MAX", default=3600.0)
OUTBOX_BATCH_SIZE = env.int("OUTBOX_BATCH_SIZE", default=50)
OUTBOX_LEASE_SECONDS = env.int("OUTBOX_LEASE_SECONDS", default=300)
OUTBOX_MAX_ATTEMPTS = env.int("OUTBOX_MAX_ATTEMPTS", default=12)
OUTBOX_CONSUMERS = ["commerce.notifications.consumer.TellCustomer"]

LANGUAGE_CODE = "en-in"
TIME_ZONE = "Asia/Kolkata"
USE_I18N = True
USE_TZ = True
STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "commerce.core.logs.JsonFormatter"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="INFO")},
    "loggers": {"django.request": {"level": "ERROR"}},
}

if PRODUCTION:
    _unsafe = [
        name
        for name, unsafe in {
            "SECRET_KEY": SECRET_KEY == DEVELOPMENT_SECRET,
            "OTP_PEPPER": OTP_PEPPER == DEVELOPMENT_SECRET,
            "DATABASE_URL": not DATABASE_URL,
            "REDIS_URL": not env.str("REDIS_URL", default=""),
            "DEBUG": DEBUG,
            "METRICS_TOKEN": not METRICS_TOKEN,
            "SMS_BACKEND": SMS_BACKEND.endswith(".FileSms"),
            "MAIL_BACKEND": MAIL_BACKEND.endswith(".FileMail"),
            "PAYMENT_PROVIDERS": "sandbox" in PAYMENT_PROVIDERS,
        }.items()
        if unsafe
    ]
    if _unsafe:
        raise ImproperlyConfigured(f"Not safe for production, set: {', '.join(_unsafe)}")
