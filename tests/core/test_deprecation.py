"""An operation on its way out says so in every answer and in the document."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.urls import path
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory

from commerce.core.contract.deprecation import deprecated
from commerce.core.errors import ProblemError
from commerce.core.parameters import changes
from commerce.core.views import PublicView

SINCE, SUNSET = date(2026, 12, 1), date(2027, 6, 1)
TOLD = {
    "Deprecation": "@1796083200",
    "Sunset": "Tue, 01 Jun 2027 00:00:00 GMT",
    "Link": '</api/v2/home>; rel="successor-version"',
}


@deprecated("get", since=SINCE, sunset=SUNSET, successor="/api/v2/home")
class OldView(PublicView):
    """GET is on its way out, POST stays."""

    throttle_classes = ()

    @extend_schema(operation_id="getOld", summary="Old", tags=["Home"], responses={204: None})
    def get(self, request: Request) -> Response:
        """Answer, or fail when asked to."""
        if "fail" in request.query_params:
            raise ProblemError("product_not_found")
        return Response(status=204)

    @extend_schema(
        operation_id="postOld",
        summary="Not old",
        tags=["Home"],
        request=None,
        responses={204: None},
        extensions=changes(),
    )
    def post(self, request: Request) -> Response:
        """Answer."""
        return Response(status=204)


def answered(method: str, address: str = "/") -> Any:
    """What the view answers."""
    asked = getattr(APIRequestFactory(), method)(address)
    return OldView.as_view()(asked)


def told(response: Any) -> dict[str, str]:
    """The headers of a deprecation in an answer."""
    return {name: response[name] for name in TOLD if name in response}


def test_answer_says_since_when_until_when_and_what_instead() -> None:
    response = answered("get")

    assert response.status_code == 204
    assert told(response) == TOLD


def test_refusal_says_it_as_well() -> None:
    response = answered("get", "/?fail=1")

    assert response.status_code == 404
    assert told(response) == TOLD


def test_other_methods_of_the_view_say_nothing() -> None:
    assert told(answered("post")) == {}


def test_document_marks_the_operation() -> None:
    generator: Any = SchemaGenerator
    made = generator(patterns=[path("api/v1/old", OldView.as_view())]).get_schema(public=True)

    item = made["paths"]["/api/v1/old"]
    assert item["get"]["deprecated"] is True
    assert item["get"]["x-sunset"] == "2027-06-01"
    headers = item["get"]["responses"]["204"]["headers"]
    assert {name: headers[name]["example"] for name in TOLD} == TOLD
    assert "deprecated" not in item["post"]
    assert TOLD.keys() & item["post"]["responses"]["204"]["headers"].keys() == set()


def test_sunset_before_the_deprecation_is_refused() -> None:
    with pytest.raises(ValueError, match="sunset comes after"):
        deprecated("get", since=SUNSET, sunset=SINCE)


def test_method_that_the_view_lacks_is_refused() -> None:
    with pytest.raises(ValueError, match="OldView has no method 'patch'"):
        deprecated("patch", since=SINCE, sunset=SUNSET)(OldView)
