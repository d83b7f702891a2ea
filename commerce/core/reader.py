"""The contract as it is served: the document, and two readers that load nothing from elsewhere.

What the pages may load is `PAGE_POLICY`, as for every page of the shop.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from django.http import HttpResponse
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import (
    SpectacularAPIView,
    SpectacularRedocView,
    SpectacularSwaggerSplitView,
)
from rest_framework.request import Request


class SchemaView(SpectacularAPIView):
    """GET api/schema: made once per process, since making it takes longer than a second."""

    @extend_schema(exclude=True)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """The document as YAML, or as JSON for who prefers it."""
        chosen: Any = request.accepted_renderer
        text = _rendered(chosen.media_type)
        return HttpResponse(text, content_type=f"{chosen.media_type}; charset=utf-8")


@cache
def _rendered(media_type: str) -> bytes:
    kinds: Any = SchemaView.renderer_classes
    renderer = next(one for one in kinds if one.media_type == media_type)
    generator: Any = SchemaGenerator  # untyped
    made = generator().get_schema(request=None, public=True)
    return bytes(renderer().render(made, renderer_context={}))


class SwaggerView(SpectacularSwaggerSplitView):
    """GET api/docs: Swagger UI, to try operations in."""


class RedocView(SpectacularRedocView):
    """GET api/redoc: Redoc, to read."""

    template_name = "core/redoc.html"
