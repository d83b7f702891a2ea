"""The machine: the rules of all subjects, the clock, the jobs, and customers who know the way."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule

from commerce.coupons.tasks import expire_coupon_slots
from commerce.inventory.tasks import expire_holds
from commerce.orders.tasks import cancel_expired_orders, resume_workflows
from commerce.payments.tasks import settle_waiting_events, submit_refunds
from tests.model.books import Books
from tests.model.cart_rules import GUEST, METHOD, QUANTITY, CartRules
from tests.model.money_rules import MoneyRules
from tests.model.order_rules import OrderRules
from tests.model.rows import Order
from tests.model.seen import audit, compare
from tests.model.steps import SKU, WHICH, WHO
from tests.model.world import COUPONS, World
from tests.shop.fixtures import empty_tables

ROUNDS = 4  # of every job, for the longest workflow: a return
OFFER = st.sampled_from(["", "", *COUPONS])
WAY = {
    "confirmed": "packed",
    "packed": "shipped",
    "shipped": "out_for_delivery",
    "out_for_delivery": "delivered",
}
# Messages wait for a relay that this machine leaves alone, unmatched events for their payment
LATE = frozenset({"outbox_moves", "events_settle"})


class Shopping(CartRules, OrderRules, MoneyRules):
    """Every procedure in any order, the books compared and audited after each."""

    def __init__(self) -> None:
        super().__init__()
        empty_tables()
        self.world, self.books, self.papers = World(), Books(), {}

    def teardown(self) -> None:
        """Once the jobs have had their time nothing is left undone."""
        if not self.sound:
            return
        for _ in range(ROUNDS):
            self.run_all_jobs()
        compare(self.books)
        audit(self.books, timedelta(0), late=LATE)

    @invariant()
    def books_balance(self) -> None:
        """The database says what the model says, and the audit finds nothing."""
        self.learn_totals()
        compare(self.books)
        if self.changed:  # what was only refused is seen by the comparison to have changed nothing
            audit(self.books)
        self.sound, self.changed = True, False

    @initialize(
        guests=st.lists(st.tuples(GUEST, SKU, QUANTITY), max_size=2),
        purchases=st.lists(
            st.tuples(WHO, SKU, METHOD, OFFER, st.integers(0, 12)), min_size=1, max_size=3
        ),
    )
    def open_shop(
        self,
        guests: list[tuple[int, str, int]],
        purchases: list[tuple[int, str, str, str, int]],
    ) -> None:
        """The shop has been open for a while: guests look round, orders are on their way."""
        for guest, sku, quantity in guests:
            self.add_as_guest(guest, sku, quantity)
        for who, sku, method, coupon, steps in purchases:
            self.buy(who, sku, 2, method, coupon, "")
            for _ in range(steps if self.books.orders else 0):
                self.go_on(0)
                self.books_balance()

    @rule(who=WHO, sku=SKU, quantity=st.integers(1, 2), method=METHOD, coupon=OFFER)
    def check_out(self, who: int, sku: str, quantity: int, method: str, coupon: str) -> None:
        """A customer goes as far as the shop lets them, and stops before the order."""
        self.add(who, sku, quantity)
        if coupon:
            self.apply_coupon(who, coupon)
        self.validate(who, method)
        self.secure_coupon(who)
        self.hold(who)

    @rule(
        who=WHO,
        sku=SKU,
        quantity=st.integers(1, 2),
        method=METHOD,
        coupon=OFFER,
        incident=st.sampled_from(["", "", "hold over", "slot over", "price", "line"]),
    )
    def buy(
        self, who: int, sku: str, quantity: int, method: str, coupon: str, incident: str
    ) -> None:
        """A customer orders, if the shop lets them and nothing happens meanwhile."""
        self.check_out(who, sku, quantity, method, coupon)
        if incident == "hold over" and self.running_holds:
            self.holds_run_out(0, job=False)
        elif incident == "slot over" and self.running_slots:
            self.slot_runs_out(0, job=False)
        elif incident == "price":
            self.change_offer("price", sku, Decimal("1000.10"), "TEN")
        elif incident == "line":
            self.change_quantity(who, sku, 1)
        self.create(who, method, Decimal(0))

    @precondition(lambda self: self.books.orders)
    @rule(which=WHICH, steps=st.integers(1, 4))
    def go_far(self, which: int, steps: int) -> None:
        """An order takes the steps that usually come next."""
        for _ in range(steps):
            self.go_on(which)

    @precondition(lambda self: self.books.orders)
    @rule(which=WHICH)
    def go_on(self, which: int) -> None:
        """An order takes the step that usually comes next."""
        order = self.newest(self.books.orders, which)
        if order.status == "created":
            self.freeze_order(order)
        elif order.status == "pending_payment":
            self.pay(order)
        elif any(line.sold < line.quantity for line in order.lines.values()):
            self.do("decrease_inventory", self.books.sell(order), p_order_id=order.id)
        elif order.status in WAY:
            self.move_to(order, WAY[order.status])
        elif order.status in ("delivered", "returned"):
            self.send_back(order)
        elif order.status == "cancelled":
            self.run_job("resume_workflows")

    def pay(self, order: Order) -> None:
        """Pay an order that awaits it."""
        if order.method == "cod":
            self.attempt_for(order, "cod")
            return
        if self.books.open_attempt(order) is None:
            self.attempt_for(order, "sandbox")
        elif self.books.payments:
            which = self.attempts[::-1].index(order.payments[-1])
            self.answer_attempt(which)
            self.payment_told(which, "payment.captured", 1, Decimal(0), 1, at_once=True)

    def send_back(self, order: Order) -> None:
        """Send one piece of each line back, or take the next step with what is on its way."""
        if not order.returns:
            which = self.books.orders[::-1].index(order)
            self.request_return(which, dict.fromkeys(order.lines, 1))
            return
        back = order.returns[-1]
        nearest = {"requested": "approved", "approved": "received"}
        if back.status in nearest:
            which = self.books.returns[::-1].index(back)
            self.move_return(which, nearest[back.status], frozenset({"A"}))
        elif any(step.subject is back for step in self.books.steps):
            self.run_job("resume_workflows")

    @precondition(lambda self: self.unpaid)
    @rule(which=WHICH, job=st.booleans())
    def time_to_pay_runs_out(self, which: int, job: bool) -> None:
        """Nobody paid an order in time; the job may come, or somebody pays while it is late."""
        order = self.newest(self.unpaid, which)
        order.over = True
        self.time_passes("orders", "expires_at", f"id = '{order.id}'")
        self.time_passes("payments", "expires_at", f"order_id = '{order.id}'")
        for payment in order.payments:
            payment.over = payment.provider != "cod"
        if job:
            self.books.cancel_expired_orders()
            cancel_expired_orders()
        else:
            self.attempt_for(order, "cod" if order.method == "cod" else "sandbox")

    @property
    def unpaid(self) -> list[Order]:
        """Orders that wait for their prices or their money."""
        return [one for one in self.books.orders if one.status in ("created", "pending_payment")]

    @precondition(lambda self: any(order.method == "online" for order in self.unpaid))
    @rule(which=WHICH, more=QUANTITY)
    def pay_late(self, which: int, more: int) -> None:
        """A customer begins anew with the same goods, cancels, and has paid after all."""
        order = self.newest([one for one in self.unpaid if one.method == "online"], which)
        self.freeze_order(order)
        self.attempt_for(order, "sandbox")
        self.add_for(order.buyer, next(iter(order.lines)), more)
        self.cancel(self.books.orders[::-1].index(order), "customer", if_over=False, at_once="sell")
        if order.payments:
            attempt = self.attempts[::-1].index(order.payments[-1])
            self.answer_attempt(attempt)
            self.payment_told(attempt, "payment.captured", 1, Decimal(0), 2, at_once=True)

    @precondition(lambda self: any(p.status == "initiated" for p in self.attempts))
    @rule(which=WHICH)
    def attempt_runs_out(self, which: int) -> None:
        """An attempt's time is over, its order's is not."""
        payment = self.newest([p for p in self.attempts if p.status == "initiated"], which)
        self.time_passes("payments", "expires_at", f"id = '{payment.id}'")
        payment.over = True

    @rule(job=st.sampled_from(["resume_workflows", "settle_waiting_events", "submit_refunds"]))
    def run_job(self, job: str) -> None:
        """A job comes, when all that waits is due."""
        if job == "resume_workflows":
            self.time_passes("saga_log", "due_at", "status = 'pending'")
            self.books.resume_workflows()
            resume_workflows()
        elif job == "settle_waiting_events":
            self.time_passes("payment_events", "next_attempt_at", "status = 'recorded'")
            self.books.settle_waiting_events()
            settle_waiting_events()
        else:
            self.time_passes("refunds", "next_attempt_at", "status = 'initiated'")
            self.books.submit_refunds()
            submit_refunds()
        self.learn_totals()

    def run_all_jobs(self) -> None:
        """Every job comes once."""
        self.books.expire_holds()
        expire_holds()
        self.books.expire_coupon_slots()
        expire_coupon_slots()
        self.books.cancel_expired_orders()
        cancel_expired_orders()
        for job in ("settle_waiting_events", "resume_workflows", "submit_refunds"):
            self.run_job(job)
