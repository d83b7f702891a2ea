"""The states of orders and returns, and who may move them."""

from __future__ import annotations

from django.db import models


class OrderStatus(models.TextChoices):
    """The legal steps between these live in `order_status_transitions`."""

    CREATED = "created"
    PENDING_PAYMENT = "pending_payment"
    CONFIRMED = "confirmed"
    PACKED = "packed"
    SHIPPED = "shipped"
    OUT_FOR_DELIVERY = "out_for_delivery"
    DELIVERED = "delivered"
    RETURNED = "returned"
    CANCELLED = "cancelled"
    RETURNED_TO_ORIGIN = "returned_to_origin"


class PaymentStatus(models.TextChoices):
    """What has been paid for an order, by its kept capture and that one's refunds."""

    UNPAID = "unpaid"
    COD_DUE = "cod_due"
    PAID = "paid"
    PARTIALLY_REFUNDED = "partially_refunded"
    REFUNDED = "refunded"


class ActorKind(models.TextChoices):
    """Who may move an order."""

    CUSTOMER = "customer"
    STAFF = "staff"
    SYSTEM = "system"


class ReturnStatus(models.TextChoices):
    """`requested → approved → received → closed`, or `requested → rejected`."""

    REQUESTED = "requested"
    APPROVED = "approved"
    RECEIVED = "received"
    CLOSED = "closed"
    REJECTED = "rejected"


class ReturnCondition(models.TextChoices):
    """`restock` goes back on the shelf, `damaged` does not; empty until received."""

    PENDING = ""
    RESTOCK = "restock"
    DAMAGED = "damaged"
