"""Settings of the logs."""

from __future__ import annotations

from config.environment import env

LOG_LEVEL = env.str("LOG_LEVEL", default="INFO")
LOG_CALM_SECONDS = env.float("LOG_CALM_SECONDS", default=5.0)
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "commerce.core.logs.JsonFormatter"}},
    "handlers": {
        "console": {
            "class": "commerce.core.logs.CalmHandler",
            "formatter": "json",
            "seconds": LOG_CALM_SECONDS,
            # Those through which every request complains of the same; the others speak of one row.
            "calmed": [
                "commerce.idempotency",
                "commerce.problems",
                "commerce.procedures",
                "commerce.together",
                "django.request",
                "django.security",
            ],
        }
    },
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    "loggers": {
        # Otherwise they print for people, by handlers of their own.
        "django": {"handlers": [], "propagate": True},
        "django.request": {"level": "ERROR"},
        "django.server": {"handlers": [], "propagate": True},
        # One line for each job that ran; not those of its coming and of every tick of the clock.
        "celery": {"level": "WARNING"},
        "celery.app.trace": {"level": "INFO"},
        "celery.apps.worker": {"level": "INFO"},  # that it is ready, that it stops
        "axes": {"level": "WARNING"},  # tells of each login otherwise
    },
}
