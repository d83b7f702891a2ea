"""What the order desk does over the API: money back, stock in and out."""

from __future__ import annotations

import uuid

import pytest

from commerce.inventory.models import Inventory, StockDocument
from commerce.payments.models import Refund
from commerce.payments.tasks import submit_refunds
from tests.api.conftest import Api
from tests.shop.builder import Shop


def test_staff_pay_back_an_amount_once_per_key(shop: Shop, api: Api) -> None:
    order, desk = shop.delivered({shop.variant("500.00"): 1}), shop.staff()
    path, body = f"/api/v1/orders/{order.id}/refunds", {"amount": "50.00", "reason": "Stain"}
    headers = {"Idempotency-Key": shop.key()}

    first = api(desk).post(path, body, headers=headers)
    second = api(desk).post(path, body, headers=headers)
    submit_refunds()

    assert (first.status_code, first.json()["amount"]) == (201, "50.00")
    assert second.content == first.content
    assert Refund.objects.get().status == "succeeded"
    order.refresh_from_db()
    assert order.payment_status == "partially_refunded"


def test_staff_cannot_pay_back_more_than_was_paid(shop: Shop, api: Api) -> None:
    order, desk = shop.delivered({shop.variant("500.00"): 1}), shop.staff()

    answer = api(desk).post(
        f"/api/v1/orders/{order.id}/refunds",
        {"amount": "500.01", "reason": "x"},
        headers={"Idempotency-Key": shop.key()},
    )

    assert (answer.status_code, answer.json()["code"]) == (409, "refund_exceeds_capture")
    assert Refund.objects.count() == 0


def test_a_refund_of_nothing_left_is_refused(shop: Shop, api: Api) -> None:
    order, desk = shop.delivered({shop.variant("500.00"): 1}), shop.staff()
    path = f"/api/v1/orders/{order.id}/refunds"
    api(desk).post(path, {"reason": "x"}, headers={"Idempotency-Key": shop.key()})

    answer = api(desk).post(path, {"reason": "x"}, headers={"Idempotency-Key": shop.key()})

    assert (answer.status_code, answer.json()["code"]) == (409, "nothing_to_refund")
    assert Refund.objects.count() == 1


def test_a_payment_of_another_order_is_not_found(shop: Shop, api: Api) -> None:
    order, other = shop.delivered({shop.variant(): 1}), shop.delivered({shop.variant(): 1})

    answer = api(shop.staff()).post(
        f"/api/v1/orders/{order.id}/refunds",
        {"payment_id": str(other.payments.get().id), "reason": "x"},
        headers={"Idempotency-Key": shop.key()},
    )

    assert (answer.status_code, answer.json()["code"]) == (404, "payment_not_found")
    assert Refund.objects.count() == 0


def test_stock_is_received_and_written_off(shop: Shop, api: Api) -> None:
    variant, desk = shop.variant(stock=0), shop.staff()
    lines = [{"sku": variant.sku, "warehouse": "BLR", "quantity": 7}]

    received = api(desk).post(
        "/api/v1/inventory/receipts",
        {"reference": "GRN-1", "lines": lines},
        headers={"Idempotency-Key": shop.key()},
    )
    lost = api(desk).post(
        "/api/v1/inventory/write-offs",
        {"reference": "WO-1", "lines": [lines[0] | {"quantity": 2}], "reason": "Moths"},
        headers={"Idempotency-Key": shop.key()},
    )

    assert (received.status_code, received.json()["kind"]) == (201, "receipt")
    assert received.json()["lines"] == lines
    assert (lost.status_code, lost.json()["reason"]) == (201, "Moths")
    assert shop.inventory(variant) == (5, 0)


@pytest.mark.parametrize("quantity", [0, -1, 10**12, 1.5, "1"])
def test_a_bad_receipt_names_its_field(shop: Shop, api: Api, quantity: object) -> None:
    variant, desk = shop.variant(stock=0), shop.staff()

    answer = api(desk).post(
        "/api/v1/inventory/receipts",
        {
            "reference": "GRN-1",
            "lines": [{"sku": variant.sku, "warehouse": "BLR", "quantity": quantity}],
        },
        headers={"Idempotency-Key": shop.key()},
    )

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == "/lines/0/quantity"
    assert StockDocument.objects.count() == 0
    assert Inventory.objects.count() == 0


@pytest.mark.parametrize("document", ["receipts", "write-offs"])
def test_lines_that_are_too_many_together_are_refused(shop: Shop, api: Api, document: str) -> None:
    line = {"sku": shop.variant(stock=0).sku, "warehouse": "BLR", "quantity": 600_000}
    reason = {"reason": "Moths"} if document == "write-offs" else {}

    answer = api(shop.staff()).post(
        f"/api/v1/inventory/{document}",
        {"reference": "GRN-1", "lines": [line, line], **reason},
        headers={"Idempotency-Key": shop.key()},
    )

    assert (answer.status_code, answer.json()["code"]) == (422, "bad_quantity")
    assert answer.json()["context"] == {"sku": line["sku"], "quantity": 1_200_000}
    assert StockDocument.objects.count() == 0


def test_unknown_orders_are_not_found(shop: Shop, api: Api) -> None:
    nowhere, desk = uuid.uuid4(), shop.staff()

    answers = [
        api(desk).get(f"/api/v1/orders/{nowhere}"),
        api(desk).post(f"/api/v1/orders/{nowhere}/status", {"to": "packed"}),
        api(desk).post(
            f"/api/v1/orders/{nowhere}/refunds",
            {"reason": "x"},
            headers={"Idempotency-Key": shop.key()},
        ),
    ]

    assert [answer.json()["code"] for answer in answers] == ["order_not_found"] * 3
