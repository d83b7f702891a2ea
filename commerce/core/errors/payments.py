"""Errors of payments and refunds."""

from __future__ import annotations

from commerce.core.errors.entries import entry

ENTRIES = (
    entry(
        "order_not_payable",
        409,
        "Order cannot be paid",
        "The order is paid, cancelled, expired or not ready for payment.",
        "Reload the order; order again if it was cancelled.",
    ),
    entry(
        "payment_method_mismatch",
        422,
        "Other payment method",
        "The order was placed with another payment method.",
        "Pay in the way that was chosen at checkout.",
    ),
    entry(
        "payment_not_found",
        404,
        "Payment not found",
        "This payment does not exist or belongs to somebody else.",
        "Reload the order and use its payment.",
    ),
    entry(
        "payment_not_captured",
        409,
        "Nothing was paid",
        "This payment has no captured amount that could be refunded.",
        "Check the order's payments.",
    ),
    entry(
        "event_kind_unknown",
        422,
        "Unknown event",
        "The payment provider sent an event of a kind the shop does not know.",
        "Send one of the kinds in the API description.",
    ),
    entry(
        "event_not_found",
        404,
        "Event not found",
        "This payment event was never recorded.",
        "Record the event first.",
    ),
    entry(
        "refund_exceeds_capture",
        409,
        "More than was paid",
        "The refund and the ones before it would exceed the captured amount.",
        "Refund at most what the context leaves.",
    ),
    entry(
        "refund_quantity_exceeded",
        422,
        "More than was sold",
        "The refund names more pieces of a line than were sold and not yet refunded.",
        "Lower the quantity of the line in the context.",
    ),
    entry(
        "bad_amount",
        422,
        "Amount not possible",
        "The amount is zero, negative or finer than a paisa.",
        "Send an amount above zero with two decimals.",
    ),
    entry(
        "provider_not_found",
        404,
        "No such payment provider",
        "The shop does not use a payment provider of this name.",
        "Choose one of the providers that the app offers.",
    ),
    entry(
        "signature_invalid",
        422,
        "Payment not confirmed",
        "The signature does not belong to this payment.",
        "Check the payment in your bank or wallet; if money was taken the order follows by itself.",
    ),
    entry(
        "webhook_signature_invalid",
        401,
        "Webhook not signed by the provider",
        "The signature header does not fit the body.",
        "Sign the raw body with the secret that was agreed.",
    ),
    entry(
        "event_id_missing",
        400,
        "Event id missing",
        "The webhook carries no usable event id header.",
        "Send the event id header with each event, the same one for each repetition.",
    ),
    entry(
        "nothing_to_refund",
        409,
        "Nothing left to pay back",
        "All that was paid for this order has been paid back or is on its way.",
        "Look at the refunds of the order.",
    ),
)
