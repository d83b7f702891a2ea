"""The published contract and its pages follow the code."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml
from drf_spectacular.renderers import OpenApiYamlRenderer

from commerce.core.api_page import api_page, document
from commerce.core.reviewed.signature import procedures_dir, sql_files
from commerce.core.schema import operations

DOCS = Path(__file__).resolve().parents[2] / "docs"
CHANGING = ("auth/", "cart", "checkout", "orders", "payments", "returns", "inventory")
SCREENS = (
    "Home",
    "Product list",
    "Product page",
    "Cart",
    "Checkout",
    "Payment",
    "Orders",
    "Login",
    "Search",
    "Wishlist",
    "Addresses",
    "Profile",
)


def test_the_committed_contract_is_up_to_date() -> None:
    renderer: Any = OpenApiYamlRenderer()  # untyped
    rendered = renderer.render(document(), renderer_context={})

    committed = yaml.safe_load((DOCS / "openapi.yaml").read_text(encoding="utf-8"))

    assert committed == yaml.safe_load(rendered), "run `make docs`"


def test_the_api_reference_is_up_to_date() -> None:
    assert (DOCS / "api.md").read_text(encoding="utf-8") == api_page(), "run `make docs`"


def test_every_shape_that_the_reference_links_to_stands_once() -> None:
    page = api_page()

    linked = set(re.findall(r"\]\(#shape-([\w-]+)\)", page))
    shown = [name.lower() for name in re.findall(r"^### Shape (\w+)$", page, re.MULTILINE)]

    assert len(shown) == len(set(shown))
    assert set(shown) == linked


def test_the_reference_says_what_an_app_must_send_and_may_get() -> None:
    page = api_page()

    order = page[page.index("### POST /api/v1/orders\n") :]
    order = order[: order.index("```")]
    assert "- `Idempotency-Key` (header, **required**): text of at most 200 characters" in order
    assert "- `payment_method`: one of `online`, `cod`.\n" in order
    assert "- `expected_total`: decimal of at least 0.\n" in order
    assert "- **201:** [OrderOutput](#shape-orderoutput); with `Idempotent-Replayed`\n" in order
    assert "- `limit` (query): integer 1 to 100, `24` when left out." in page
    assert "- `provider_order_id`: text or null. Null when it ended" in page


def test_every_change_names_its_procedures() -> None:
    procedures = {path.stem for path in sql_files(procedures_dir())}
    silent = []
    for path, method, operation in operations(document()):
        below = path.removeprefix("/api/v1/")
        if method != "get" and below.startswith(CHANGING) and "x-procedures" not in operation:
            silent.append(f"{method} {path}")
        assert set(operation.get("x-procedures", [])) <= procedures, path

    assert silent == []


def test_every_operation_belongs_to_a_known_screen() -> None:
    known = {*SCREENS, "Staff", "Provider", "System"}
    tags = {tag for _, _, operation in operations(document()) for tag in operation["tags"]}

    assert tags - known == set()


def test_every_screen_is_analysed_and_has_operations() -> None:
    flows = (DOCS / "frontend-flows.md").read_text(encoding="utf-8")
    tags = {tag for _, _, operation in operations(document()) for tag in operation["tags"]}

    assert [name for name in SCREENS if f"\n## {name}" not in flows] == []
    assert set(SCREENS) - tags == set()


def test_the_analysis_names_every_route_of_the_app() -> None:
    flows = (DOCS / "frontend-flows.md").read_text(encoding="utf-8")
    lacking = sorted(
        {
            path
            for path, _, _ in operations(document())
            if path.startswith("/api/v1/")
            and path.removeprefix("/api/v1/")
            .replace("{order_id}", "{id}")
            .replace("{item_id}", "{id}")
            .replace("{address_id}", "{id}")
            .replace("{payment_id}", "{id}")
            .replace("{return_id}", "{id}")
            .replace("{session_id}", "{id}")
            .replace("{provider_name}", "{provider}")
            not in flows
        }
    )

    assert lacking == []
