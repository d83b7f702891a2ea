"""The published contract and its pages follow the code."""

from __future__ import annotations

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
