"""Settings of what browsers, proxies and the admin's doors are told and allowed."""

from __future__ import annotations

from datetime import timedelta

from config.environment import PRODUCTION, env

# Behind the proxies of NUM_PROXIES, all of them ours: the last one says whether TLS was spoken.
PROXIES_STATED = env.str("NUM_PROXIES", default="") != ""
if env.int("NUM_PROXIES", default=0):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=PRODUCTION)
SECURE_REDIRECT_EXEMPT = [r"^health/", r"^metrics$"]  # asked from within, past the proxy
SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=31_536_000 if PRODUCTION else 0)
SECURE_HSTS_INCLUDE_SUBDOMAINS = env.bool("SECURE_HSTS_INCLUDE_SUBDOMAINS", default=PRODUCTION)
# A browser's built-in list can't be left within months: only the domain's owner asks to be on it.
SECURE_HSTS_PRELOAD = env.bool("SECURE_HSTS_PRELOAD", default=False)
SILENCED_SYSTEM_CHECKS = [] if SECURE_HSTS_PRELOAD else ["security.W021"]
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

# Cookies are the admin's alone; the API knows none.
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PRODUCTION
SESSION_COOKIE_PATH = CSRF_COOKIE_PATH = "/admin/"
CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = env.int("ADMIN_SESSION_SECONDS", default=43_200)

# What a page may load; anything that is not a page may load nothing.
PAGE_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "worker-src 'self' blob:",  # Redoc searches in a worker that it makes itself
        "style-src 'self' 'unsafe-inline'",  # Swagger UI and Redoc set styles from their scripts
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
OTHER_POLICY = "default-src 'none'; frame-ancestors 'none'"

# Browsers of which other sites may read the API. The app needs none: it is no browser.
CORS_ALLOWED_ORIGINS = env.list("CORS_ALLOWED_ORIGINS", default=[])
CORS_URLS_REGEX = r"^/api/v1/"
CORS_ALLOW_HEADERS = (
    "accept",
    "accept-language",
    "authorization",
    "content-type",
    "idempotency-key",
    "traceparent",
    "x-cart-token",
)
CORS_EXPOSE_HEADERS = ("retry-after", "x-cart-token", "x-request-id")

# The admin's login: so many wrong passwords of one account from one network, then a pause for
# that pair alone; so many of all accounts, then one for the network's unknown browsers. So nobody
# can lock a colleague out.
ADMIN_SECOND_FACTOR = env.bool("ADMIN_SECOND_FACTOR", default=PRODUCTION)
# Whether a password is enough to set up a first device; else `manage.py second_factor` does it.
ADMIN_SELF_ENROLMENT = env.bool("ADMIN_SELF_ENROLMENT", default=not PRODUCTION)
ADMIN_NETWORK_FAILURES = env.int("ADMIN_NETWORK_FAILURES", default=20)
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AXES_FAILURE_LIMIT = env.int("ADMIN_LOGIN_FAILURES", default=5)
AXES_COOLOFF_TIME = timedelta(seconds=env.int("ADMIN_LOGIN_PAUSE_SECONDS", default=900))
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_USERNAME_FORM_FIELD = "username"  # so the login's form calls the phone
AXES_CLIENT_IP_CALLABLE = "commerce.core.clients.client_network"
AXES_HANDLER = "commerce.core.login_throttle.NetworkThrottle"
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False  # who knocks on makes nobody wait longer
AXES_LOCKOUT_CALLABLE = "commerce.core.admin_site.locked_out"
AXES_RESET_ON_SUCCESS = True
AXES_ENABLE_ADMIN = False
AXES_DISABLE_ACCESS_LOG = True
AXES_VERBOSE = False
