"""Liveness and readiness."""

from __future__ import annotations

from typing import Any

import pytest
from celery import current_app
from django.db import connection, connections
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from commerce.core.breaker import ask_redis
from commerce.core.models import InstalledProcedure
from commerce.core.replica.routing import REPLICA
from commerce.core.reviewed.files import procedure_files
from commerce.core.reviewed.signature import procedures_dir
from tests.api.conftest import Api
from tests.shop.builder import Shop
from tests.shop.outages import OwnRedis
from tests.shop.replicas import OwnReplica

READY = "/health/ready"


@pytest.fixture
def reviewed(shop: Shop) -> None:
    """The record of installed procedures as `procedures install` leaves it."""
    InstalledProcedure.objects.bulk_create(
        InstalledProcedure(
            name=file.name,
            sha256=file.sha256,
            reviewer="Asha Rao",
            reviewed_on=timezone.localdate(),
        )
        for file in procedure_files(procedures_dir())
    )


def test_process_that_answers_is_live(shop: Shop, api: Api) -> None:
    answer = api().get("/health/live")

    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_shop_is_ready_when_everything_is_there(reviewed: None, api: Api) -> None:
    answer = api().get(READY)

    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/json"
    assert answer.json() == {
        "status": "ok",
        "sells": True,
        "circuits": {"redis": "closed", "broker": "closed"},
        "checks": {
            "database": {"status": "ok"},
            "migrations": {"status": "ok"},
            "procedures": {"status": "ok"},
            "redis": {"status": "ok"},
            "broker": {"status": "ok"},
        },
    }


def degraded(api: Api, *, sells: bool = False) -> dict[str, Any]:
    """The checks that failed, of an answer of 503 that says whether the shop sells."""
    answer = api().get(READY)
    assert answer.status_code == 503
    assert answer["Content-Type"] == "application/json"
    body = answer.json()
    assert (body["status"], body["sells"]) == ("degraded", sells)
    return {name: one for name, one in body["checks"].items() if one["status"] != "ok"}


def test_procedure_of_another_review_degrades(reviewed: None, api: Api) -> None:
    InstalledProcedure.objects.filter(name="create_order").update(sha256="0" * 64)

    assert degraded(api) == {
        "procedures": {"status": "failed", "detail": "differ from the review: create_order"}
    }


def test_migration_not_applied_degrades(reviewed: None, api: Api) -> None:
    record = MigrationRecorder.Migration.objects.get(app="wishlist", name="0001_initial")
    record.delete()
    try:
        found = degraded(api)
    finally:
        record.save()

    assert found == {
        "migrations": {"status": "failed", "detail": "not applied: wishlist.0001_initial"}
    }


def test_cache_and_queue_that_are_gone_degrade(
    reviewed: None, api: Api, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    nobody = "redis://127.0.0.1:1/0"
    settings.CACHES = {"default": settings.CACHES["default"] | {"LOCATION": nobody}}
    monkeypatch.setattr(current_app.conf, "broker_write_url", nobody)

    found = degraded(api, sells=True)

    assert found == {
        "redis": {"status": "failed", "detail": "does not answer"},
        "broker": {"status": "failed", "detail": "does not answer"},
    }


@pytest.mark.usefixtures("reviewed")
def test_an_open_circuit_is_shown(redis: OwnRedis, api: Api) -> None:
    redis.kill()
    for _ in range(2):
        ask_redis(lambda one: one.get("name"), None)

    circuits = api().get(READY).json()["circuits"]

    assert circuits == {"redis": "open", "broker": "closed"}


@pytest.mark.usefixtures("reviewed")
def test_a_replica_that_is_well_is_shown(replica: OwnReplica, api: Api) -> None:
    answer = api().get(READY)

    body = answer.json()
    assert (answer.status_code, body["status"]) == (200, "ok")
    assert (body["checks"]["replica"], body["circuits"]["replica"]) == ({"status": "ok"}, "closed")
    assert b"\nreplica_lag_seconds " in api().get("/metrics").content


@pytest.mark.usefixtures("reviewed", "replica")
def test_a_replica_that_is_no_replica_degrades_and_takes_nobody_off_the_air(api: Api) -> None:
    connections[REPLICA].settings_dict["HOST"] = connection.settings_dict["HOST"]

    answer = api().get(READY)

    body = answer.json()
    assert (answer.status_code, body["status"], body["sells"]) == (200, "degraded", True)
    assert body["checks"]["replica"] == {
        "status": "failed",
        "detail": "does not answer as a replica; the primary serves its reads",
    }
    assert b"\nreplica_lag_seconds +Inf\n" in api().get("/metrics").content
