"""What each role of the staff may do; `manage.py roles` makes Django groups of it.

A right is `app.action_model`; `app.view_*` means every model of the app, `view_*` every model of
the shop. Reads of the API need no right, only ownership.
"""

from __future__ import annotations

ROLES: dict[str, tuple[str, ...]] = {
    # Packs, ships, takes returns in, answers customers.
    "Order desk": (
        "accounts.view_address",
        "accounts.view_user",
        "inventory.view_inventory",
        "inventory.view_stockreservation",
        "orders.change_order",
        "orders.change_return",
        "orders.view_*",
        "payments.view_payment",
        "payments.view_refund",
        "payments.view_refunditem",
        "shipping.view_*",
    ),
    # What is sold, where it lies and what it costs; sees no customer.
    "Merchandiser": (
        "catalog.*",
        "coupons.add_coupon",
        "coupons.add_couponscope",
        "coupons.change_coupon",
        "coupons.change_couponscope",
        "coupons.view_coupon",
        "coupons.view_couponscope",
        "inventory.add_stockdocument",
        "inventory.add_warehouse",
        "inventory.change_warehouse",
        "inventory.view_*",
        "shipping.*",
    ),
    # Pays back and reads the books; moves nothing.
    "Finance": (
        "audit.start_auditrun",
        "audit.view_*",
        "coupons.view_*",
        "orders.view_*",
        "payments.add_refund",
        "payments.view_*",
    ),
    # Everything but giving rights, which is a superuser's.
    "Administrator": ("*",),
}
