"""The customer's logins: on which devices, and ending them."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from commerce.accounts import tokens
from commerce.accounts.auth_serializers import SessionList
from commerce.accounts.minting import SESSION
from commerce.accounts.models import SessionEnd
from commerce.core.clients import user_id_of
from commerce.core.pagination import PageQuery, paginate
from commerce.core.parameters import changes
from commerce.core.serializers import validated


class SessionsView(APIView):
    """GET DELETE auth/sessions."""

    @extend_schema(
        operation_id="listSessions",
        summary="Where the customer is logged in",
        tags=["Profile"],
        parameters=[PageQuery],
        responses={200: SessionList},
    )
    def get(self, request: Request) -> Response:
        """Answer a page of the logins that are not over; the one that asks is `current`."""
        query = validated(PageQuery, request.query_params)
        page = paginate(tokens.living(user_id_of(request)), **query)
        own = _session_of(request)
        for session in page.rows:
            session.current = session.pk == own
        return Response(SessionList(page.answer(page.rows)).data)

    @extend_schema(
        operation_id="endOtherSessions",
        summary="Log out everywhere else",
        tags=["Profile"],
        request=None,
        responses={204: OpenApiResponse(description="Every other login is over.")},
        extensions=changes(),
    )
    def delete(self, request: Request) -> Response:
        """End every login of the customer but the one that asks, and all their tokens at once."""
        others = tokens.living(user_id_of(request)).exclude(pk=_session_of(request))
        tokens.end_sessions(others, SessionEnd.ENDED_ELSEWHERE)
        return Response(status=status.HTTP_204_NO_CONTENT)


class SessionView(APIView):
    """DELETE auth/sessions/{id}."""

    @extend_schema(
        operation_id="endSession",
        summary="Log out on one device",
        tags=["Profile"],
        request=None,
        responses={204: OpenApiResponse(description="The login is over.")},
        extensions=changes(),
    )
    def delete(self, request: Request, session_id: UUID) -> Response:
        """End one login of the customer's own, and all its tokens at once."""
        session = get_object_or_404(tokens.living(user_id_of(request)), pk=session_id)
        own = session.pk == _session_of(request)
        reason = SessionEnd.LOGGED_OUT if own else SessionEnd.ENDED_ELSEWHERE
        tokens.end_sessions(tokens.living(session.user_id).filter(pk=session.pk), reason)
        return Response(status=status.HTTP_204_NO_CONTENT)


def _session_of(request: Request) -> UUID:
    """The login by which the request came."""
    return UUID(cast("str", request.auth[SESSION]))  # type: ignore[index]
