"""Answers reads that everybody may make before routes, sessions and REST framework are reached."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any, cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers
from django.utils.http import parse_etags
from prometheus_client import Counter

from commerce.core.caching import local, shared
from commerce.core.caching.doors import Door, Doors, door_of
from commerce.core.caching.judging import Verdict, changes
from commerce.core.caching.page import Page, nothing, now, rendered
from commerce.core.caching.rules import Asked, rules
from commerce.core.errors import ProblemError
from commerce.core.problems import ProblemResponse

LOOK_EVERY = 0.02
PRIVATE = "private, no-store"
API = "/api/v1/"
# Of one answer, or said anew with each; all others are kept with the page.
OWN_HEADERS = frozenset(
    {"cache-control", "cache-status", "content-length", "content-type", "date", "etag"}
    | {"ratelimit", "ratelimit-policy", "retry-after", "set-cookie", "vary"}
)
TOLD = Counter("page_cache_answers", "Reads by how they were answered.", ["page", "outcome"])
RENDERED = Counter("page_cache_renderings", "Pages that were rendered to be kept.", ["page"])

GetResponse = Callable[[HttpRequest], HttpResponseBase]


class PageCacheMiddleware:
    """Tells kept pages; what it doesn't know goes on to the view. All else is marked as private.

    It stands before the middlewares that judge a request's host and scheme, so each of these is let
    through once by them before pages are told to it.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        self.rules = rules()
        self.changes, self.held, self.flights = changes(), local.held(), local.flights()
        self.doors = Doors()

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """The page, or what the view says."""
        if settings.PAGE_CACHE and (asked := self.rules.asked(request)) is not None:
            door = door_of(request)
            if door is not None and self.doors.knows(door):
                return self._answer(request, asked)
            return self._let_in(request, asked, door)
        response = self.get_response(request)
        if request.path_info.startswith(API) and not response.has_header("Cache-Control"):
            response["Cache-Control"] = PRIVATE
        return response

    def _let_in(self, request: HttpRequest, asked: Asked, door: Door | None) -> HttpResponseBase:
        """What the view says; if that is a page, whoever comes in so is told pages from now on."""
        response = self._rendered(request, asked, None, shared_too=False)
        if door is not None and response.status_code in (200, 304):
            self.doors.open(door)
        return response

    def _answer(self, request: HttpRequest, asked: Asked) -> HttpResponseBase:
        answered = self.changes.hear()
        page, verdict = self._judged(self.held.get(asked.key))
        if page is not None and verdict is Verdict.FRESH:
            return self._told(request, asked, page, "hit")
        with self.flights.of(asked.key) as other:
            if other is None:
                return self._looked_for(request, asked, page, answered)
            if page is not None:
                return self._told(request, asked, page, "stale")
            other.wait(settings.PAGE_CACHE_WAIT_SECONDS)
        page, _ = self._judged(self.held.get(asked.key))
        if page is not None:
            return self._told(request, asked, page, "collapsed")
        return self._rendered(request, asked, None, shared_too=False)

    def _judged(self, page: Page | None) -> tuple[Page | None, Verdict]:
        """The page unless it may not be told any more."""
        if page is None:
            return None, Verdict.GONE
        verdict = self.changes.judge(page, now())
        return (None if verdict is Verdict.GONE else page), verdict

    def _looked_for(
        self, request: HttpRequest, asked: Asked, stale: Page | None, answered: bool
    ) -> HttpResponseBase:
        """The page from Redis, or rendered by this request, or told stale while another renders."""
        found = shared.find(asked) if answered else shared.Found(answered=False)
        page, verdict = self._taken(asked, found.page)
        if page is not None and verdict is Verdict.FRESH:
            return self._told(request, asked, page, "shared hit")
        stale = page or stale
        if not found.answered:
            return self._rendered(request, asked, stale, shared_too=False)
        return self._claimed(request, asked, stale)

    def _claimed(self, request: HttpRequest, asked: Asked, stale: Page | None) -> HttpResponseBase:
        end = time.monotonic() + settings.PAGE_CACHE_WAIT_SECONDS
        while True:
            found = shared.claim(asked)
            page, verdict = self._taken(asked, found.page)
            if page is not None and verdict is Verdict.FRESH:
                if found.claimed:
                    shared.let_go(asked)
                return self._told(request, asked, page, "collapsed")
            stale = page or self._judged(stale)[0]
            if found.claimed or not found.answered:
                return self._rendered(request, asked, stale, shared_too=found.claimed)
            if stale is not None:
                return self._told(request, asked, stale, "stale")
            if time.monotonic() > end:
                return self._rendered(request, asked, None, shared_too=True)
            time.sleep(LOOK_EVERY)

    def _taken(self, asked: Asked, page: Page | None) -> tuple[Page | None, Verdict]:
        """What Redis had, held here from now on unless it may not be told."""
        judged, verdict = self._judged(page)
        if judged is not None:
            self.held.put(asked.key, judged)
        return judged, verdict

    def _rendered(
        self, request: HttpRequest, asked: Asked, stale: Page | None, *, shared_too: bool
    ) -> HttpResponseBase:
        """What the view says now; the stale page where the view can't say anything."""
        page = None
        try:
            at = now()
            response = self.get_response(request)
            page = _page_of(asked, response, at)
            if page is not None:
                RENDERED.labels(asked.rule.name).inc()
                self.held.put(asked.key, page)
        finally:
            if shared_too:
                if page is not None:
                    shared.keep(asked, page)
                else:
                    shared.let_go(asked)
        if page is not None and not page.absent:
            return self._told(request, asked, page, "rendered")
        if response.status_code >= 500:
            stale, _ = self._judged(stale)  # the view may have taken its time
            if stale is not None:
                return self._told(request, asked, stale, "stale")
        if not response.has_header("Cache-Control"):
            response["Cache-Control"] = PRIVATE
        TOLD.labels(asked.rule.name, "not kept" if page is None else "absent").inc()
        return response

    def _told(self, request: HttpRequest, asked: Asked, page: Page, how: str) -> HttpResponseBase:
        rule = asked.rule
        if page.absent:
            TOLD.labels(rule.name, "absent").inc()
            absent = ProblemResponse(request, ProblemError(rule.absent))
            for name, value in page.headers:
                absent.headers.setdefault(name, value)
            absent["Cache-Control"] = PRIVATE
            absent["Cache-Status"] = "shop; hit"
            return absent
        TOLD.labels(rule.name, how).inc()
        status = STATUS.get(how) or f"shop; hit; ttl={_left(page)}"
        return _response(request, page, {"Cache-Control": rule.shared, "Cache-Status": status})


STATUS = {
    "rendered": "shop; fwd=miss; stored",
    "collapsed": "shop; fwd=miss; collapsed",
}


def _left(page: Page) -> int:
    return round(page.at + page.seconds - now())


def _response(request: HttpRequest, page: Page, headers: dict[str, str]) -> HttpResponse:
    """The page, or that the client has it."""
    meta = request.META
    headers.update(page.headers)
    headers["ETag"] = page.etag
    known = meta.get("HTTP_IF_NONE_MATCH")
    if known and _matches(known, page.etag):
        return HttpResponseNotModified(headers=headers)
    body, encoding = page.body(meta.get("HTTP_ACCEPT_ENCODING", ""))
    headers["Content-Type"] = page.kind
    headers["Content-Length"] = str(len(body))
    if encoding:
        headers["Content-Encoding"] = encoding
    return HttpResponse(body, headers=headers)


def _matches(known: str, etag: str) -> bool:
    """Whether the client has it, by the weak comparison that RFC 9110 asks for here."""
    bare = etag.removeprefix("W/")
    return any(one == "*" or one.removeprefix("W/") == bare for one in parse_etags(known))


def _page_of(asked: Asked, response: HttpResponseBase, at: float) -> Page | None:
    """What is kept of the view's answer."""
    rule, data = asked.rule, getattr(response, "data", None)
    if response.status_code == 200 and not response.streaming and not response.cookies:
        tags: Iterable[str] = rule.tags(data)
        content = cast(Any, response).content
        return rendered(content, response["Content-Type"], at, tags, _kept_headers(response))
    if response.status_code == 404 and rule.absent and _code(data) == rule.absent:
        return nothing(at, rule.absent_tags(asked.named), _kept_headers(response))
    return None


def _kept_headers(response: HttpResponseBase) -> list[tuple[str, str]]:
    kept = [one for one in response.items() if one[0].lower() not in OWN_HEADERS]
    if response.status_code != 200:
        return kept
    patch_vary_headers(response, ["Accept-Encoding"])
    return [*kept, ("Vary", response["Vary"])]


def _code(data: object) -> object:
    return data.get("code") if isinstance(data, dict) else None
