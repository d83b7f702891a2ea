"""Who may do what: one line for each operation of each route, one column for each role.

The last words of a line say what the call is about. `own` is the caller's own thing, `customer's`
and `guest's` somebody's in particular, `-` nobody's. A route without its line fails the tests.
"""

from __future__ import annotations

from dataclasses import dataclass

ROLES = (
    "stranger",
    "guest",
    "customer",
    "other",
    "order desk",
    "merchandiser",
    "finance",
    "administrator",
)

# Columns: stranger, guest, customer, other customer, order desk, merchandiser, finance,
# administrator.
TABLE = """
GET    front                 200 200 200 200  200 200 200 200  -
GET    problems              200 200 200 200  200 200 200 200  -
GET    problem               200 200 200 200  200 200 200 200  -
GET    live                  200 200 200 200  200 200 200 200  -
GET    ready                 200 200 200 200  200 200 200 200  -
GET    metrics               401 401 401 401  401 401 401 401  -
GET    schema                200 200 200 200  200 200 200 200  -
GET    docs                  200 200 200 200  200 200 200 200  -
GET    redoc                 200 200 200 200  200 200 200 200  -

GET    home                  200 200 200 200  200 200 200 200  -
GET    categories            200 200 200 200  200 200 200 200  -
GET    products              200 200 200 200  200 200 200 200  -
GET    product               200 200 200 200  200 200 200 200  -
GET    search                200 200 200 200  200 200 200 200  -
GET    suggest               200 200 200 200  200 200 200 200  -
GET    serviceability        200 200 200 200  200 200 200 200  -
GET    product-delivery      200 200 200 200  200 200 200 200  -

POST   auth-otp-send         202 202 202 202  202 202 202 202  -
POST   auth-otp-verify       200 200 200 200  200 200 200 200  -
POST   auth-token-refresh    200 200 200 200  200 200 200 200  customer's
POST   auth-logout           204 204 204 204  204 204 204 204  customer's
GET    auth-sessions         401 401 200 200  200 200 200 200  own
DELETE auth-sessions         401 401 204 204  204 204 204 204  own
DELETE auth-session          401 401 204 404  404 404 404 404  customer's

GET    me                    401 401 200 200  200 200 200 200  own
PATCH  me                    401 401 200 200  200 200 200 200  own
DELETE me                    401 401 204 204  204 204 204 204  own
GET    addresses             401 401 200 200  200 200 200 200  own
POST   addresses             401 401 201 201  201 201 201 201  own
GET    address               401 401 200 404  404 404 404 404  customer's
PATCH  address               401 401 200 404  404 404 404 404  customer's
DELETE address               401 401 204 404  404 404 404 404  customer's
GET    wishlist              401 401 200 200  200 200 200 200  own
POST   wishlist              401 401 201 201  201 201 201 201  own
DELETE wishlist-item         401 401 204 204  204 204 204 204  own

GET    cart                  200 200 200 200  200 200 200 200  own
POST   cart-items            201 201 201 201  201 201 201 201  own
PATCH  cart-item             404 404 200 404  404 404 404 404  customer's
PATCH  cart-item             404 200 404 404  404 404 404 404  guest's
DELETE cart-item             404 404 200 404  404 404 404 404  customer's
DELETE cart-item             404 200 404 404  404 404 404 404  guest's
POST   cart-coupon           401 401 200 200  200 200 200 200  own
DELETE cart-coupon           401 401 200 200  200 200 200 200  own
POST   cart-validate         404 200 200 200  200 200 200 200  own
POST   cart-validate         404 404 200 404  404 404 404 404  customer's
POST   checkout              401 401 201 201  201 201 201 201  own
POST   checkout              401 401 201 404  404 404 404 404  customer's
DELETE checkout              401 401 204 204  204 204 204 204  own

GET    orders                401 401 200 200  200 200 200 200  own
POST   orders                401 401 201 201  201 201 201 201  own
POST   orders                401 401 201 404  404 404 404 404  customer's
GET    recently-bought       401 401 200 200  200 200 200 200  own
GET    order                 401 401 200 404  404 404 404 404  customer's
POST   order-cancel          401 401 200 404  404 404 404 404  customer's
POST   order-pay             401 401 201 404  404 404 404 404  customer's
POST   order-return          401 401 201 404  404 404 404 404  customer's
POST   payment-verify        401 401 200 404  404 404 404 404  customer's
POST   payment-webhook       200 200 200 200  200 200 200 200  -

POST   order-status          401 401 403 403  200 403 403 200  customer's
POST   order-refunds         401 401 403 403  403 403 201 201  customer's
POST   return-status         401 401 403 403  200 403 403 200  customer's
POST   inventory-receipts    401 401 403 403  403 201 403 201  -
POST   inventory-write-offs  401 401 403 403  403 201 403 201  -
"""


@dataclass(frozen=True)
class Line:
    """One operation: what each role gets."""

    method: str
    route: str
    whose: str
    statuses: dict[str, int]

    def __str__(self) -> str:
        return f"{self.method} {self.route} {self.whose}".replace("'", "")


def _line(text: str) -> Line:
    method, route, *statuses, whose = text.split()
    numbers = [int(one) for one in statuses]
    return Line(method, route, whose, dict(zip(ROLES, numbers, strict=True)))


LINES = tuple(_line(text) for text in TABLE.splitlines() if text.strip())

# What each group's pages in the admin are: seen, and changed or added to. Nobody deletes.
SEES = {
    "order desk": (
        "accounts: address user",
        "inventory: inventory stockreservation",
        "orders: order orderevent orderitem orderstatustransition return returnitem",
        "payments: payment refund refunditem",
        "shipping: serviceablepincode shippingrule warehouseregion",
    ),
    "merchandiser": (
        "catalog: brand category homesection product productimage searchsynonym variant",
        "coupons: coupon couponscope",
        "inventory: inventory stockdocument stockledgerentry stockreservation warehouse",
        "shipping: serviceablepincode shippingrule warehouseregion",
    ),
    "finance": (
        "audit: auditfinding auditrun",
        "coupons: coupon couponscope couponusage",
        "orders: order orderevent orderitem orderstatustransition return returnitem",
        "payments: payment paymentevent refund refunditem",
    ),
}
CHANGES = {
    "order desk": (),
    "merchandiser": (
        "catalog: brand category homesection product productimage searchsynonym variant",
        "coupons: coupon couponscope",
        "inventory: warehouse",
        "shipping: serviceablepincode shippingrule warehouseregion",
    ),
    "finance": (),
}


def models(lines: tuple[str, ...]) -> set[str]:
    """`app.model` for each word of the lines."""
    return {
        f"{app}.{model}"
        for app, _, names in (line.partition(":") for line in lines)
        for model in names.split()
    }
