"""Settings of the REST API and its contract."""

from __future__ import annotations

from config.environment import env

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
