"""Settings of Celery, its jobs and the outbox."""

from __future__ import annotations

from commerce.core.servers import embedded_broker_url
from config.beat import SCHEDULE
from config.environment import env

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
