"""How the OpenAPI document is made: each operation tells of every answer that it can give."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from rest_framework import serializers

from commerce.core.contract import examples, headers, inputs
from commerce.core.contract.deprecation import deprecation_of, describe
from commerce.core.contract.refusals import by_status, codes_of
from commerce.core.errors import BY_STATUS, REGISTRY
from commerce.core.permissions import StaffMay
from commerce.core.problems import CONTENT_TYPE
from commerce.core.serializers import StrictSerializer

METHODS = ("get", "post", "patch", "put", "delete")
PROBLEM = "#/components/schemas/Problem"
SHARED = "#/components/responses/"
INTERNAL = ("x-never", "x-follows", "x-answers", "x-errors")
# The statuses that most operations answer for the same reasons; each other one is written out.
COMMON = {
    "Problem400": ("bad_request", "invalid_text"),
    "Problem400Query": ("bad_request", "invalid_text", "validation_failed"),
    "Problem400Body": (
        "bad_request",
        "invalid_text",
        "json_too_deep",
        "malformed_json",
        "validation_failed",
    ),
    "Problem401": ("not_authenticated",),
    "Problem403": ("permission_denied",),
    "Problem404": ("not_found",),
    "Problem406": ("not_acceptable",),
    "Problem413": ("body_too_large",),
    "Problem414": ("uri_too_long",),
    "Problem415": ("unsupported_media_type",),
    "Problem429": ("rate_limited",),
    "Problem500": ("internal_error",),
    "Problem503": ("temporarily_unavailable",),
    "Problem503Write": ("outcome_unknown", "temporarily_unavailable"),
}
NAMES = {codes: name for name, codes in COMMON.items()}


class FieldProblem(serializers.Serializer[Any]):
    """One field at fault."""

    pointer = serializers.CharField(help_text="JSON pointer into the body, or `/name` of a query.")
    code = serializers.CharField()
    detail = serializers.CharField()


class Problem(serializers.Serializer[Any]):
    """A problem document (RFC 9457); programs decide by `code`, listed in docs/errors.md."""

    type = serializers.CharField(help_text="Where the code is explained: `/problems/<code>`.")
    title = serializers.CharField()
    status = serializers.IntegerField(min_value=400, max_value=599)
    detail = serializers.CharField()
    instance = serializers.CharField(help_text="The path that was asked for.")
    code = serializers.CharField()
    human_readable_cause = serializers.CharField()
    suggested_action = serializers.CharField()
    request_id = serializers.CharField(help_text="Names the request in our logs; as X-Request-ID.")
    errors = FieldProblem(many=True, required=False)  # type: ignore[assignment]
    context = serializers.DictField(  # type: ignore[assignment]
        required=False, help_text="Figures that belong to the code."
    )


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
    """Adds to each operation its problems by status and code, its headers and its examples."""

    def get_operation(
        self, path: str, path_regex: str, path_prefix: str, method: str, registry: Any
    ) -> dict[str, Any] | None:
        """The whole operation; `changes` of its view's decorator says what it can refuse."""
        made: Any = super().get_operation(path, path_regex, path_prefix, method, registry)
        if not made:
            return None
        operation: dict[str, Any] = made
        operation["security"] = [] if not any(self.get_auth()) else self.get_auth()
        for one in operation.get("parameters", []):
            if one["in"] == "path":
                subject = one["name"].removesuffix("_id").replace("_", " ")
                one.setdefault("description", f"Which {subject}.")
        self.resolve_serializer(Problem, "response")  # so that the problems can refer to it
        staff = StaffMay in getattr(self.view, "permission_classes", ())
        codes = codes_of(operation, path, self.method, staff=staff)
        limited = "rate_limited" in codes
        if method.upper() == "GET" and limited and not self.view.get_authenticators():
            headers.revalidated(operation)
        for status, response in operation["responses"].items():
            if status < "4":
                response["description"] = response["description"] or "Done."
                _with_headers(response, headers.of_success(operation, limited=limited))
        _merge(operation["responses"], codes)
        if mark := deprecation_of(self.view, method):
            describe(operation, mark)
        examples.show(operation)
        for name in INTERNAL:
            operation.pop(name, None)
        return operation

    def _get_request_for_media_type(self, serializer: Any, direction: Any = "request") -> Any:
        whole = getattr(serializer, "whole", False)
        method, self.method = self.method, "PUT" if whole else self.method
        try:
            return super()._get_request_for_media_type(serializer, direction)  # type: ignore[no-untyped-call]
        finally:
            self.method = method

    def _map_basic_serializer(self, serializer: Any, direction: Any) -> Any:
        schema = super()._map_basic_serializer(serializer, direction)  # type: ignore[no-untyped-call]
        if isinstance(serializer, StrictSerializer):
            schema["additionalProperties"] = False
            inputs.refine(serializer, schema)
        return schema


def _merge(responses: dict[str, Any], codes: list[str]) -> None:
    """Add the problems; a status that answers something of its own too keeps both."""
    for status, same in by_status(codes).items():
        name = NAMES.get(tuple(same))
        own = responses.get(str(status))
        if own is not None:
            own["content"] |= _problem_content(same)
            _with_headers(own, headers.of_problem(status, same))
        else:
            responses[str(status)] = {"$ref": SHARED + name} if name else _problem(status, same)
    ordered = sorted(responses.items())
    responses.clear()
    responses.update(ordered)


def _problem(status: int, codes: list[str]) -> dict[str, Any]:
    response: dict[str, Any] = {
        "description": "\n".join(f"- `{code}`: {REGISTRY[code].title}" for code in codes),
        "content": _problem_content(codes),
    }
    _with_headers(response, headers.of_problem(status, codes))
    return response


def _problem_content(codes: list[str]) -> dict[str, Any]:
    narrowed = {"type": "object", "properties": {"code": {"type": "string", "enum": codes}}}
    return {
        CONTENT_TYPE: {
            "schema": {"allOf": [{"$ref": PROBLEM}, narrowed]},
            "examples": {code: {"$ref": f"#/components/examples/{code}"} for code in codes},
        }
    }


def _with_headers(response: dict[str, Any], found: dict[str, Any]) -> None:
    if found:
        response["headers"] = {**response.get("headers", {}), **found}


def operations(schema: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Each operation of a document with its path and method."""
    for path, item in schema["paths"].items():
        for method in METHODS:
            if method in item:
                yield path, method, item[method]


def codes_named(schema: dict[str, Any], response: dict[str, Any]) -> list[str]:
    """The problem codes that a response lists, empty for a success."""
    if "$ref" in response:
        response = schema["components"]["responses"][response["$ref"].rsplit("/", 1)[1]]
    content = response.get("content", {}).get(CONTENT_TYPE)
    found: list[str] = (
        content["schema"]["allOf"][1]["properties"]["code"]["enum"] if content else []
    )
    return found


def add_shared_parts(result: dict[str, Any], **_context: Any) -> dict[str, Any]:
    """Spectacular's last step: the responses, headers and examples that operations refer to."""
    parts = result["components"]
    parts["headers"] = {name: dict(said) for name, said in headers.HEADERS.items()}
    parts["responses"] = {
        name: {**_problem(REGISTRY[codes[0]].status, list(codes)), "description": _title(codes)}
        for name, codes in COMMON.items()
    }
    shown: dict[str, Any] = {}
    for path, _, operation in operations(result):
        for response in operation["responses"].values():
            for code in codes_named(result, response):
                shown.setdefault(code, examples.of_problem(code, path))
    named = {code for codes in COMMON.values() for code in codes}
    for code in named - set(shown):
        shown[code] = examples.of_problem(code, "/api/v1/home")
    parts["examples"] = dict(sorted(shown.items()))
    return result


def _title(codes: tuple[str, ...]) -> str:
    first = REGISTRY[BY_STATUS[REGISTRY[codes[0]].status]].title
    return f"{first}: {', '.join(f'`{code}`' for code in codes)}"
