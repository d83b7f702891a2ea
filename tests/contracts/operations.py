"""Every operation of the contract as a request that the shop can take, ready to be spoiled."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import quote

import yaml

from tests.contracts.app_client import CONTRACT
from tests.contracts.fuzz import BOUND
from tests.contracts.fuzz_shop import Words

METHODS = ("get", "post", "put", "patch", "delete")
ADDRESS = {
    "name": "Meera Nair",
    "phone": "+919845012345",
    "line1": "14, 3rd Cross",
    "line2": "Indiranagar",
    "city": "Bengaluru",
    "state": "Karnataka",
    "pincode": "560001",
    "kind": "home",
}


@dataclass(frozen=True)
class Operation:
    """One operation: where it is, what it takes, and which statuses it may answer."""

    id: str
    method: str
    path: str
    parameters: dict[str, list[dict[str, Any]]]
    takes_body: bool
    answers: frozenset[int]

    def named(self, place: str) -> list[dict[str, Any]]:
        """Its parameters in the path, the query or the headers."""
        return self.parameters.get(place, [])

    def at(self, words: Words, **spoiled: str) -> str:
        """Its address with things that the shop has, but for what is spoiled (quoted already)."""
        values = {
            one["name"]: quote(words[BOUND[f"path.{one['name']}"]][0])
            for one in self.named("path")
            if f"path.{one['name']}" in BOUND
        }
        return self.path.format(**({"provider_name": "sandbox"} | values | spoiled))


@cache
def operations() -> tuple[Operation, ...]:
    """All of the contract."""
    document = yaml.safe_load(CONTRACT.read_text())
    found = []
    for path, methods in document["paths"].items():
        for method in METHODS:
            if one := methods.get(method):
                places: dict[str, list[dict[str, Any]]] = {}
                for parameter in one.get("parameters", []):
                    places.setdefault(parameter["in"], []).append(parameter)
                statuses = frozenset(int(status) for status in one["responses"])
                body = "requestBody" in one
                found.append(
                    Operation(one["operationId"], method.upper(), path, places, body, statuses)
                )
    return tuple(found)


def bodies(words: Words) -> dict[str, dict[str, Any]]:
    """A body for each operation that takes one, with every field that it knows."""
    one = {name: values[0] for name, values in words.items() if values}
    where = {"address_id": one["addresses"], "payment_method": "online"}
    line = {"sku": one["skus"], "warehouse": one["warehouses"], "quantity": 1}
    item = {"order_item_id": one["order_items"], "quantity": 1}
    return {
        "createAddress": ADDRESS,
        "updateAddress": ADDRESS,
        "logOut": {"refresh": one["refreshes"]},
        "refreshTokens": {"refresh": one["refreshes"]},
        "sendLoginCode": {"phone": one["phones"]},
        "verifyLoginCode": {"phone": one["phones"], "code": "123456"},
        "applyCoupon": {"code": one["coupons"]},
        "addCartItem": {"variant_id": one["variants"], "quantity": 1},
        "setCartItemQuantity": {"quantity": 1},
        "validateCart": where,
        "startCheckout": where,
        "placeOrder": where | {"expected_total": "100.00"},
        "receiveStock": {"reference": "GRN-1", "lines": [line]},
        "writeOffStock": {"reference": "WO-1", "reason": "damp", "lines": [line]},
        "updateMe": {"name": "Meera", "email": "meera@example.com"},
        "cancelOrder": {"reason": "changed my mind"},
        "startPayment": {"provider": "sandbox"},
        "refundOrder": {"payment_id": one["payments"], "amount": "10.00", "reason": "late"},
        "requestReturn": {"items": [item], "reason": "too small"},
        "moveOrder": {
            "to": "packed",
            "note": "by hand",
            "carrier": "Delhivery",
            "tracking_number": "DL1",
            "expected_version": 1,
        },
        "moveReturn": {
            "to": "approved",
            "note": "fine",
            "items": [item | {"condition": "damaged"}],
        },
        "verifyPayment": {
            "provider_order_id": one["provider_orders"],
            "provider_payment_id": "sbx_pay_1",
            "signature": one["signatures"],
        },
        "receiveWebhook": {"event": "payment.captured", "amount": "1.00"},
        "addToWishlist": {"product_id": one["products"]},
    }


def spoiled(body: dict[str, Any], kind: type, value: object) -> Iterator[tuple[str, Any]]:
    """The body again and again, each time with one value of that kind replaced, and which."""
    for path in _leaves(body, kind):
        other = deepcopy(body)
        *way, last = path
        inner: Any = other
        for step in way:
            inner = inner[step]
        inner[last] = value
        yield "/" + "/".join(map(str, path)), other


def _leaves(value: Any, kind: type) -> Iterator[tuple[Any, ...]]:
    if isinstance(value, dict | list):
        inner = value.items() if isinstance(value, dict) else enumerate(value)
        for name, one in inner:
            yield from ((name, *rest) for rest in _leaves(one, kind))
    elif isinstance(value, kind):
        yield ()
