"""Settings of the cache of pages that everybody may read."""

from __future__ import annotations

from config.environment import env

PAGE_CACHE = env.bool("PAGE_CACHE", default=True)
PAGE_CACHE_RULES = ["commerce.catalog.pages.RULES", "commerce.shipping.pages.RULES"]
PAGE_CACHE_WATCHERS = ["commerce.catalog.following.changes", "commerce.shipping.pages.changes"]
# How long a page may be told again while nothing it shows has changed, and how long after that
# while one request renders it anew. Both together end before changes are forgotten.
PAGE_CACHE_SECONDS = min(60.0, env.float("PAGE_CACHE_SECONDS", default=30.0))
PAGE_CACHE_STALE_SECONDS = min(60.0, env.float("PAGE_CACHE_STALE_SECONDS", default=30.0))
PAGE_CACHE_ABSENT_SECONDS = env.float("PAGE_CACHE_ABSENT_SECONDS", default=5.0)
# Where nobody says what has changed (no worker, no Redis), a page is told again for so long only.
PAGE_CACHE_BLIND_SECONDS = env.float("PAGE_CACHE_BLIND_SECONDS", default=1.0)
# Heard of nothing for so long, a process takes it that nobody says anything. No price that is told
# is older than this, nor than the seconds above and the grace below together: two are promised. It
# must leave the job, which runs each second, its time.
PAGE_CACHE_HEARD_SECONDS = 1.8
# A page of which something changed is told so long again while it is rendered anew.
PAGE_CACHE_OUTDATED_SECONDS = env.float("PAGE_CACHE_OUTDATED_SECONDS", default=0.3)
# Whoever finds a page being rendered, and nothing to tell meanwhile, waits so long for it.
PAGE_CACHE_WAIT_SECONDS = env.float("PAGE_CACHE_WAIT_SECONDS", default=2.0)
PAGE_CACHE_POLL_SECONDS = env.float("PAGE_CACHE_POLL_SECONDS", default=0.1)
# What concerns every list (a price, a new product) makes them all outdated at most so often.
PAGE_CACHE_CALM_SECONDS = env.float("PAGE_CACHE_CALM_SECONDS", default=5.0)
PAGE_CACHE_LOCAL_BYTES = env.int("PAGE_CACHE_LOCAL_BYTES", default=8_388_608)
PAGE_CACHE_COMPRESS_FROM = env.int("PAGE_CACHE_COMPRESS_FROM", default=1_400)
