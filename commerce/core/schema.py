"""How the OpenAPI document tells of errors: every operation lists the problems it can answer."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiResponse
from rest_framework import serializers

from commerce.core.errors import BY_STATUS, REGISTRY
from commerce.core.problems import CONTENT_TYPE
from commerce.core.serializers import StrictSerializer

EVERYWHERE = (400, 406, 429, 500, 503)
WITH_LOGIN = (401, 403)
WITH_PATH = (404,)
WITH_BODY = (409, 413, 415, 422)
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
WITH_WAIT = (429, 503)
DESCRIBED = {409: "The state of things does not allow it", 422: "A rule of the shop forbids it"}
SHARED = "#/components/responses/Problem"
RETRY_AFTER = {
    "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 0}}
}


class FieldProblem(serializers.Serializer[Any]):
    """One field at fault."""

    pointer = serializers.CharField(help_text="JSON pointer into the body, or `/name` of a query.")
    code = serializers.CharField()
    detail = serializers.CharField()


class Problem(serializers.Serializer[Any]):
    """A problem document (RFC 9457); programs decide by `code`, listed in docs/errors.md."""

    type = serializers.CharField(help_text="`urn:problem-type:` and the code.")
    title = serializers.CharField()
    status = serializers.IntegerField(min_value=400, max_value=599)
    detail = serializers.CharField()
    instance = serializers.CharField(help_text="The path that was asked for.")
    code = serializers.CharField()
    human_readable_cause = serializers.CharField()
    suggested_action = serializers.CharField()
    errors = FieldProblem(many=True, required=False)  # type: ignore[assignment]
    context = serializers.DictField(  # type: ignore[assignment]
        required=False, help_text="Figures that belong to the code."
    )


def problems(*codes: str) -> dict[tuple[int, str], OpenApiResponse]:
    """The responses of `extend_schema` for these registered codes, one for each status."""
    by_status: dict[int, list[str]] = defaultdict(list)
    for code in codes:
        by_status[REGISTRY[code].status].append(code)
    return {
        (status, CONTENT_TYPE): OpenApiResponse(
            Problem, description="; ".join(f"`{one}`: {REGISTRY[one].title}" for one in same)
        )
        for status, same in by_status.items()
    }


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """The security scheme `bearer`: an access token that a login or a refresh answered."""

    target_class = "rest_framework_simplejwt.authentication.JWTAuthentication"
    match_subclasses = True
    priority = 1
    name = "bearer"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:
        """A JWT in the header `Authorization`."""
        return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}


class ShopAutoSchema(AutoSchema):
    """Adds to each operation the problems that its method, login, path and body make possible."""

    def _get_response_bodies(self, direction: Any = "response") -> dict[str, Any]:
        responses: dict[str, Any] = super()._get_response_bodies(direction)
        self.resolve_serializer(Problem, "response")  # so that the shared responses can refer to it
        shared = {str(status): {"$ref": f"{SHARED}{status}"} for status in self._problems()}
        return dict(sorted({**shared, **responses}.items()))

    def _problems(self) -> list[int]:
        found = [*EVERYWHERE]
        if self.get_auth():
            found += WITH_LOGIN
        if "{" in self.path:
            found += WITH_PATH
        if self.method not in SAFE_METHODS:
            found += WITH_BODY
        return found

    def _map_basic_serializer(self, serializer: Any, direction: Any) -> Any:
        schema = super()._map_basic_serializer(serializer, direction)  # type: ignore[no-untyped-call]
        if isinstance(serializer, StrictSerializer):
            schema["additionalProperties"] = False
        return schema


def add_shared_problems(result: dict[str, Any], **_context: Any) -> dict[str, Any]:
    """Spectacular's last step: the responses that the operations refer to."""
    content = {CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    statuses = (*EVERYWHERE, *WITH_LOGIN, *WITH_PATH, *WITH_BODY)
    result["components"]["responses"] = {
        f"Problem{status}": {
            "description": DESCRIBED.get(status) or REGISTRY[BY_STATUS[status]].title,
            "content": content,
            **({"headers": RETRY_AFTER} if status in WITH_WAIT else {}),
        }
        for status in sorted(statuses)
    }
    return result
