"""How often things happen, and the words that go with them."""

from __future__ import annotations

# Of all visits that fill a cart
LEAVES_CART = 0.10
GUEST_CARTS = 25
# Of all orders
PAYS_IN_CASH = 0.36
USES_COUPON = 0.4
GREETED = 0.8  # of those who use a coupon on their first order
GREETING_CODE = "WELCOME15"
COUPON_CODES = (
    "FLAT150",
    "FREESHIP",
    "FREESHIP",
    "FESTIVE20",
    "TOYS2PLUS1",
    "EARLYBIRD",
)
FIRST_PAYMENT_FAILS = 0.06
NEVER_PAYS = 0.04
PAYS_TOO_LATE = 0.10  # of those who did not pay in time
CHANGES_MIND = 0.04
REFUSED_AT_DOOR = 0.07  # of parcels with cash on delivery
SENDS_BACK = 0.075
RETURN_REFUSED = 0.10  # of the requests
CAME_BACK_DAMAGED = 0.15
GOODWILL = 0.012

CARRIERS = {
    "Delhivery": "DLV",
    "Blue Dart": "BD",
    "Ecom Express": "ECM",
    "India Post": "IN",
    "Xpressbees": "XB",
}
CANCEL_REASONS = (
    "Ordered the wrong size",
    "Found it elsewhere",
    "Delivery takes too long",
    "Ordered twice by mistake",
    "No longer needed",
)
RETURN_REASONS = (
    "Too small",
    "Too large",
    "Colour looks different from the picture",
    "Stitching came undone",
    "Gift was there already",
)
REFUSAL_NOTES = ("Tags were removed", "Signs of wear and washing")
GOODWILL_REASONS = ("Delivered late", "Box was dented", "One button was missing")

# The day as shoppers live it: weight of each hour, from midnight.
HOURS = (2, 1, 1, 0, 0, 1, 2, 3, 4, 6, 8, 9, 9, 9, 8, 7, 6, 6, 7, 9, 12, 14, 12, 6)
GROWTH = 1.1  # the last day has so much more than the first, as a share of it
WEEK = (0.9, 0.85, 0.9, 0.95, 1.05, 1.35, 1.3)
SALE_STARTS, SALE_DAYS, SALE_LIFT = 0.62, 6, 2.4  # a festive sale, as a share of the period
