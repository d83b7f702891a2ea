"""The pages outside the API: what the address itself answers, and what each error code means."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from commerce.core.errors import REGISTRY, SUBJECTS, ErrorCode, ProblemError
from commerce.core.json_text import dumps
from commerce.core.languages import HINDI, LANGUAGES, preferred
from commerce.core.problems import problem_type

JSON, HTML = "application/json", "text/html"
PLACES = MappingProxyType(
    {
        "api": "/api/v1/",
        "documentation": "/api/docs",
        "schema": "/api/schema",
        "problems": "/problems/",
        "health": "/health/ready",
    }
)


@csrf_exempt  # it changes nothing, and answers another method with 405
@require_safe
def front(request: HttpRequest) -> HttpResponse:
    """GET /: where things are."""
    known = {"name": settings.SHOP_NAME, **PLACES}
    return _answered(request, "core/front.html", known, {"places": PLACES})


@csrf_exempt
@require_safe
def problems(request: HttpRequest) -> HttpResponse:
    """GET problems/: every code in the reader's language."""
    language = preferred(request.headers.get("Accept-Language", ""))
    listed = {
        subject: [_told(one, language) for one in entries] for subject, entries in SUBJECTS.items()
    }
    every = [one for entries in listed.values() for one in entries]
    return _answered(request, "core/problems.html", {"results": every}, {"subjects": listed})


@csrf_exempt
@require_safe
def problem(request: HttpRequest, code: str) -> HttpResponse:
    """GET problems/<code>: what one code means, in every language, the reader's own first."""
    if code not in REGISTRY:
        raise ProblemError("not_found")
    entry = REGISTRY[code]
    language = preferred(request.headers.get("Accept-Language", ""))
    versions = {one: _told(entry, one) for one in sorted(LANGUAGES, key=lambda x: x != language)}
    known = versions[language] | {"languages": versions}
    return _answered(request, "core/problem.html", known, {"entry": entry, "versions": versions})


def _told(entry: ErrorCode, language: str) -> dict[str, Any]:
    title, cause, action = entry.texts(language)
    return {
        "type": problem_type(entry.code),
        "code": entry.code,
        "status": entry.status,
        "title": title,
        "human_readable_cause": cause,
        "suggested_action": action,
    }


def _answered(
    request: HttpRequest, template: str, known: Mapping[str, Any], shown: Mapping[str, Any]
) -> HttpResponse:
    """JSON for programs, a page for people, in the language that either prefers."""
    language = preferred(request.headers.get("Accept-Language", ""))
    wanted = request.get_preferred_type([JSON, HTML])
    if wanted is None:
        raise ProblemError("not_acceptable")
    if wanted == HTML:
        about = {"shop": settings.SHOP_NAME, "language": language, "in_hindi": language == HINDI}
        response = render(request, template, {**about, **shown})
    else:
        response = HttpResponse(dumps(known), content_type=JSON)
    response["Content-Language"] = language
    response["Cache-Control"] = "public, max-age=300"
    patch_vary_headers(response, ["Accept", "Accept-Language"])
    return response
