"""Settings of the REST API and its contract."""

from __future__ import annotations

from config.environment import env

METRICS_TOKEN = env.str("METRICS_TOKEN", default="")
METRICS_COLLECTORS = [
    "commerce.core.metrics.WaitingWork",
    "commerce.core.replica.lag.ReplicaLag",
    "commerce.audit.metrics.Books",
]
MAX_BODY_BYTES = env.int("MAX_BODY_BYTES", default=1_048_576)
MAX_URL_BYTES = env.int("MAX_URL_BYTES", default=8_192)
PROBLEM_BASE_URL = env.str("PROBLEM_BASE_URL", default="").rstrip("/")
DATA_UPLOAD_MAX_MEMORY_SIZE = MAX_BODY_BYTES
NUM_PROXIES = env.int("NUM_PROXIES", default=0)
PAGE_SIZE = env.int("PAGE_SIZE", default=24)
PAGE_SIZE_MAX = env.int("PAGE_SIZE_MAX", default=100)
HOME_SECTION_PRODUCTS = env.int("HOME_SECTION_PRODUCTS", default=12)
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["commerce.accounts.authentication.BearerAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_THROTTLE_CLASSES": ["commerce.core.throttling.RateLimits"],
    "DEFAULT_RENDERER_CLASSES": ["commerce.core.renderers.ExactJSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["commerce.core.parsers.StrictJSONParser"],
    "DEFAULT_SCHEMA_CLASS": "commerce.core.schema.ShopAutoSchema",
    "EXCEPTION_HANDLER": "commerce.core.problems.exception_handler",
    "NUM_PROXIES": NUM_PROXIES,
    "COERCE_DECIMAL_TO_STRING": True,
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SCREENS = {
    "Home": "The first screen and the tree of categories.",
    "Product list": "Browsing by category, filter and sort order.",
    "Search": "Finding by words, and suggestions while typing.",
    "Product page": "One product, its variants, and whether it reaches a pincode.",
    "Cart": "The cart of a guest or of a customer.",
    "Checkout": "Holding the stock, and placing the order.",
    "Payment": "Attempts to pay and their confirmation.",
    "Orders": "The customer's orders, cancelling and sending back.",
    "Login": "Codes by SMS, and the tokens that follow.",
    "Profile": "The customer's own data.",
    "Addresses": "The address book.",
    "Wishlist": "What is put aside.",
    "Staff": "What the order desk and the warehouse do.",
    "Provider": "What payment providers call.",
    "System": "What monitors and load balancers ask.",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Children's shop API",
    "DESCRIPTION": "Catalogue, cart, checkout, payment and orders of a children's retail shop.",
    "VERSION": "1.0.0",
    "OAS_VERSION": "3.1.1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": r"/api/v1",
    "SERVERS": [{"url": "/", "description": "The shop that serves this document."}],
    "LICENSE": {"name": "MIT", "identifier": "MIT"},
    "TAGS": [{"name": name, "description": said} for name, said in SCREENS.items()],
    "APPEND_COMPONENTS": {
        "securitySchemes": {
            "cartToken": {
                "type": "apiKey",
                "in": "header",
                "name": "X-Cart-Token",
                "description": "A guest's cart: the token that the first add answered.",
            }
        }
    },
    "COMPONENT_SPLIT_REQUEST": True,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "commerce.core.schema.add_shared_parts",
    ],
    "ENUM_NAME_OVERRIDES": {
        "AddressKind": "commerce.accounts.models.AddressKind",
        "SectionKind": "commerce.catalog.models.SectionKind",
        "OrderStatus": "commerce.orders.states.OrderStatus",
        "OrderPaymentStatus": "commerce.orders.states.PaymentStatus",
        "PaymentMethod": "commerce.cart.models.PaymentMethod",
        "ReturnStatus": "commerce.orders.states.ReturnStatus",
        "RefundStatus": "commerce.payments.models.RefundStatus",
        "PaymentState": "commerce.payments.models.PaymentState",
        "CouponKind": "commerce.coupons.models.CouponKind",
        "NoticeCode": "commerce.cart.serializers.NOTICES",
        "DroppedReason": "commerce.accounts.auth_serializers.DROPPED",
        "DocumentKind": "commerce.inventory.models.DocumentKind",
    },
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
}
