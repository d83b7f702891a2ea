"""Errors of orders and returns."""

from __future__ import annotations

from commerce.core.errors.entries import entry

ENTRIES = (
    entry(
        "order_not_found",
        404,
        "Order not found",
        "This order does not exist or belongs to somebody else.",
        "Choose an order from your list.",
    ),
    entry(
        "order_item_not_found",
        404,
        "Not in the order",
        "The order has no such line.",
        "Reload the order and use the ids of its items.",
    ),
    entry(
        "illegal_transition",
        409,
        "Not possible in this state",
        "The order or return is in a state that does not allow this step.",
        "Reload it to see its state.",
    ),
    entry(
        "pricing_mismatch",
        409,
        "Price could not be fixed",
        "The lines do not add up to the agreed total.",
        "Order again; this order is cancelled and nothing is charged.",
    ),
    entry(
        "status_not_settable",
        422,
        "Status not settable",
        "This status is reached by another way than being set.",
        "Set one of packed, shipped, out_for_delivery, delivered, returned_to_origin.",
    ),
    entry(
        "tracking_required",
        422,
        "Tracking needed",
        "A shipped order needs its carrier and tracking number.",
        "Send carrier and tracking_number.",
    ),
    entry(
        "stock_not_consumed",
        409,
        "Stock not taken yet",
        "The order's stock has not been taken out of the warehouse yet.",
        "Try again in a minute.",
    ),
    entry(
        "order_not_confirmed",
        409,
        "Order not confirmed",
        "The order's stock leaves only once the order is confirmed.",
        "Wait for the payment to be settled.",
    ),
    entry(
        "order_not_cancelled",
        409,
        "Order not cancelled",
        "Only a cancelled order gives back what it holds.",
        "Cancel the order first.",
    ),
    entry(
        "order_not_restorable",
        409,
        "Nothing to restore",
        "Stock comes back only from a cancelled order or one returned to its origin.",
        "Check the order's state.",
    ),
    entry(
        "order_not_returnable",
        409,
        "Cannot be returned",
        "Only a delivered order can be returned.",
        "Cancel the order if it has not been shipped yet.",
    ),
    entry(
        "return_window_closed",
        409,
        "Too late to return",
        "The time for returns of this order is over.",
        "Write to customer care.",
    ),
    entry(
        "return_quantity_exceeded",
        422,
        "More than can be returned",
        "The return names more pieces than are left to return.",
        "Lower the quantity to what the context says.",
    ),
    entry(
        "duplicate_item",
        422,
        "Line named twice",
        "The same line is named more than once.",
        "Name each line once with its whole quantity.",
    ),
    entry(
        "return_not_found",
        404,
        "Return not found",
        "This return does not exist or belongs to somebody else.",
        "Choose a return of your order.",
    ),
    entry(
        "return_not_received",
        409,
        "Return not received",
        "The goods of this return have not arrived yet.",
        "Record the arrival first.",
    ),
    entry(
        "bad_condition",
        422,
        "Unknown condition",
        "A returned item is either restock or damaged.",
        "Send restock or damaged for each item.",
    ),
    entry(
        "nothing_to_pay",
        422,
        "Nothing to pay",
        "The discounts cover the whole cart, and an order must cost something.",
        "Add something to the cart, or use a smaller coupon.",
    ),
)
