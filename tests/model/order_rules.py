"""Rules of orders: placing, paying, moving, cancelling, and the stock that follows them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from commerce.orders.models import OrderItem
from tests.model.ledger import PAISA
from tests.model.rows import Order
from tests.model.steps import ACTOR, SHOPPING, SKU, WHICH, WHO, Steps
from tests.model.world import COD_MAX, LINE_MAX, PLACES

WINDOW = 3600
STATUS = st.sampled_from(
    ["packed", "shipped", "out_for_delivery", "delivered", "returned_to_origin"]
)
STEP = st.sampled_from(["sell", "release", "restore", "rollback"])
PLACE = st.sampled_from(PLACES)
REFERENCE = st.sampled_from(["one", "two", "three"])


class OrderRules(Steps):
    """What becomes of a checked-out cart."""

    @SHOPPING
    @rule(
        who=WHO,
        method=st.sampled_from(["as validated", "as validated", "online", "cod"]),
        offer=st.sampled_from([Decimal(0), Decimal(0), PAISA]),
    )
    def create(self, who: int, method: str, offer: Decimal) -> None:
        """A customer orders, now and then at a total that is not the quote."""
        buyer, books = self.world.buyers[who], self.books
        cart = books.cart_of(buyer)
        chosen = cart.method if cart and method == "as validated" else method
        chosen = "online" if chosen == "as validated" else chosen
        total = books.quote(cart.lines, cart.coupon, cart.method).total if cart else Decimal(1)
        key = f"create {len(books.orders)} {chosen} {offer}"
        refusals = books.create(buyer, chosen, offer)
        made = self.do(
            "create_order", refusals, **self.ordering(buyer.id, chosen, total + offer, key)
        )
        if made is not None:
            order = books.orders[-1]
            order.id, order.key = made.order_id, key
            for line in OrderItem.objects.filter(order=order.id):
                order.lines[line.sku].id = line.id

    def ordering(self, buyer_id: Any, method: str, total: Decimal, key: str) -> dict[str, Any]:
        """The parameters of an order."""
        address = next(b.address_id for b in self.world.buyers if b.id == buyer_id)
        return {
            "p_user_id": buyer_id,
            "p_address_id": address,
            "p_payment_method": method,
            "p_expected_total": total,
            "p_payment_window_seconds": WINDOW,
            "p_cod_max_total": COD_MAX,
            **self.key(buyer_id, key),
        }

    @precondition(lambda self: self.books.orders)
    @rule(which=WHICH)
    def create_again(self, which: int) -> None:
        """A customer's client repeats the request of an order, whatever has become of it."""
        order = self.newest(self.books.orders, which)
        repeated = self.ordering(order.buyer.id, order.method, order.total, order.key)
        made = self.do("create_order", set(), **repeated)
        assert made is not None
        assert (made.order_id, made.replayed) == (order.id, True)

    @precondition(lambda self: self.books.orders)
    @rule(which=WHICH)
    def freeze(self, which: int) -> None:
        """The workflow freezes an order's prices."""
        self.freeze_order(self.newest(self.books.orders, which))

    def freeze_order(self, order: Order) -> None:
        """One `freeze_order_pricing`; from here on the model knows each line's total."""
        made = self.do("freeze_order_pricing", self.books.freeze(order), p_order_id=order.id)
        assert made is None or made.total == order.total
        self.learn_totals()

    def learn_totals(self) -> None:
        """Take over the totals of frozen lines, which must add up to what the goods cost."""
        for order in self.books.orders:
            if order.frozen and not any(line.total for line in order.lines.values()):
                for sku, total in OrderItem.objects.filter(order=order.id).values_list(
                    "sku", "line_total"
                ):
                    line = order.lines[sku]
                    assert 0 <= total <= line.price * line.quantity
                    line.total = total
                assert sum(line.total for line in order.lines.values()) == order.goods

    @precondition(lambda self: self.books.orders)
    @rule(which=WHICH, provider=st.sampled_from(["its own", "its own", "sandbox", "cod"]))
    def attempt(self, which: int, provider: str) -> None:
        """A payment is tried, or cash on delivery confirmed."""
        order = self.newest(self.books.orders, which)
        own = "cod" if order.method == "cod" else "sandbox"
        self.attempt_for(order, own if provider == "its own" else provider)

    def attempt_for(self, order: Order, provider: str) -> None:
        """One `register_payment_attempt`."""
        made = self.do(
            "register_payment_attempt",
            self.books.attempt(order, provider),
            p_order_id=order.id,
            p_provider=provider,
            p_window_seconds=WINDOW,
        )
        if made is not None:
            payment = self.books.open_attempt(order)
            assert payment is not None
            assert (made.payment_id, made.amount) == (payment.id, order.total)

    @precondition(lambda self: self.books.orders)
    @rule(which=WHICH, to=STATUS, actor=st.sampled_from(["customer", "staff", "system", "staff"]))
    def move(self, which: int, to: str, actor: str) -> None:
        """Somebody moves an order, with or without the right to."""
        self.move_to(self.newest(self.books.orders, which), to, actor)

    def move_to(self, order: Order, to: str, actor: str = "staff") -> None:
        """One `update_order_status`."""
        self.do(
            "update_order_status",
            self.books.move(order, to, actor),
            p_order_id=order.id,
            p_to=to,
            p_actor_id=None,
            p_actor_kind=actor,
            p_carrier="Delhivery",
            p_tracking_number="DL123",
        )

    @precondition(lambda self: self.books.orders)
    @rule(which=WHICH, actor=ACTOR, if_over=st.sampled_from([False, False, True]), at_once=STEP)
    def cancel(self, which: int, actor: str, if_over: bool, at_once: str) -> None:
        """Somebody cancels an order, or only one that nobody paid in time."""
        order = self.newest(self.books.orders, which)
        self.do(
            "cancel_order",
            self.books.cancel(order, actor, if_over=if_over),
            p_order_id=order.id,
            p_actor_kind=actor,
            p_reason="no longer wanted",
            p_if_expired=if_over,
            p_line_max=LINE_MAX,
        )
        self.follow(which, at_once)

    @precondition(lambda self: self.books.orders)
    @rule(which=WHICH, step=STEP)
    def follow(self, which: int, step: str) -> None:
        """The workflow sells an order's stock, or undoes what it holds; asked of any order."""
        order = self.newest(self.books.orders, which)
        if step == "sell":
            self.do("decrease_inventory", self.books.sell(order), p_order_id=order.id)
        elif step == "release":
            self.do("release_inventory", self.books.release(order), p_order_id=order.id)
        elif step == "restore":
            self.do("restore_inventory", self.books.restore(order), p_order_id=order.id)
        else:
            self.do("rollback_coupon", self.books.free_coupon(order), p_order_id=order.id)

    @rule(
        kind=st.sampled_from(["receipt", "correction", "write_off"]),
        sku=SKU,
        place=PLACE,
        units=st.integers(1, 3),
        less=st.booleans(),
        reference=REFERENCE,
    )
    def paper(
        self, kind: str, sku: str, place: str, units: int, less: bool, reference: str
    ) -> None:
        """Stock is booked by hand, once for each paper: a delivery, a count, a breakage."""
        falls = kind == "write_off" or (kind == "correction" and less)
        self.book(kind, sku, place, -units if falls else units, reference)

    def book(self, kind: str, sku: str, place: str, units: int, reference: str) -> None:
        """One paper, booked once: again it changes nothing, with other lines it is refused."""
        booked = self.papers.get((kind, reference))
        if booked is not None:
            refusals = set() if booked == (sku, place, units) else {"reference_reused"}
        elif units < 0:
            refusals = self.books.write_off(sku, place, -units)
        else:
            refusals = self.books.receive_stock(sku, place, units)
        line = {
            "sku": sku,
            "warehouse": place,
            "quantity": abs(units) if kind == "write_off" else units,
        }
        params = {"p_reference": reference, "p_lines": [line], "p_reason": "as told"}
        if kind == "write_off":
            made = self.do("decrease_inventory", refusals, **params)
        else:
            made = self.do("increase_inventory", refusals, p_kind=kind, **params)
        if made is not None:
            assert made.replayed is (booked is not None)
            self.papers[kind, reference] = (sku, place, units)

    papers: dict[tuple[str, str], tuple[str, str, int]]
