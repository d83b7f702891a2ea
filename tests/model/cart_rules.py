"""Rules of carts: filling, merging, coupons, checkout, and the clock that ends what they hold."""

from __future__ import annotations

import hashlib
from decimal import Decimal

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from commerce.cart.models import CartItem
from commerce.catalog.models import Variant
from commerce.coupons.models import Coupon
from commerce.coupons.tasks import expire_coupon_slots
from commerce.inventory.tasks import expire_holds
from tests.model.rows import Buyer, Hold, Slot
from tests.model.steps import SHOPPING, SKU, WHICH, WHO, Steps
from tests.model.world import COD_MAX, COUPONS, LINE_MAX, LINES_MAX

LONG = 3600
QUANTITY = st.integers(1, 3)
METHOD = st.sampled_from(["online", "cod"])
COUPON = st.sampled_from(sorted(COUPONS))
GUEST = st.integers(0, 2)
NEW_PRICE = st.sampled_from([Decimal("99.99"), Decimal("499.00"), Decimal("1000.10")])


def token(guest: int) -> str:
    """The token hash of a guest."""
    return hashlib.sha256(b"guest %d" % guest).hexdigest()


class CartRules(Steps):
    """What customers do before they order."""

    def add_for(self, who: Buyer | str, sku: str, quantity: int) -> None:
        """One `add_to_cart`."""
        owner = {"p_token_hash": who} if isinstance(who, str) else {"p_user_id": who.id}
        self.do(
            "add_to_cart",
            self.books.add(who, sku, quantity),
            p_variant_id=self.world.variants[sku].id,
            p_quantity=quantity,
            p_line_max=LINE_MAX,
            p_lines_max=LINES_MAX,
            **owner,
        )

    @rule(who=WHO, sku=SKU, quantity=QUANTITY)
    def add(self, who: int, sku: str, quantity: int) -> None:
        """A customer puts something into the cart."""
        self.add_for(self.world.buyers[who], sku, quantity)

    @rule(guest=GUEST, sku=SKU, quantity=QUANTITY)
    def add_as_guest(self, guest: int, sku: str, quantity: int) -> None:
        """A guest does."""
        self.add_for(token(guest), sku, quantity)

    @SHOPPING
    @rule(who=WHO, sku=SKU, quantity=st.integers(0, 4))
    def change_quantity(self, who: int, sku: str, quantity: int) -> None:
        """A customer wants more or less of a line, or none."""
        buyer = self.world.buyers[who]
        cart = self.books.cart_of(buyer)
        variant = self.world.variants[sku]
        line = CartItem.objects.filter(cart=cart.id, variant=variant).first() if cart else None
        self.do(
            "update_cart_quantity",
            self.books.change(buyer, sku, quantity),
            p_user_id=buyer.id,
            p_item_id=line.id if line else variant.id,
            p_quantity=quantity,
            p_line_max=LINE_MAX,
        )

    @rule(who=WHO, guest=GUEST, right=st.sampled_from([True, True, False]))
    def log_in(self, who: int, guest: int, right: bool) -> None:
        """A guest logs in; with the right code the guest's cart goes into the customer's."""
        buyer = self.world.buyers[who]
        limits = {"p_max_failures": 1000, "p_failure_window_seconds": LONG}
        self.do(
            "send_otp",
            set(),
            p_phone=buyer.phone,
            p_ip="127.0.0.1",
            p_code_hash="right",
            p_ttl_seconds=LONG,
            p_cooldown_seconds=0,
            p_phone_limit=1000,
            p_ip_limit=1000,
            **limits,
        )
        logged_in = self.do(
            "verify_otp",
            set() if right else {"otp_invalid"},
            p_phone=buyer.phone,
            p_code_hash="right" if right else "wrong",
            **limits,
        )
        if logged_in is None:
            return
        assert (logged_in.user_id, logged_in.is_new) == (buyer.id, False)
        merged = self.books.merge(token(guest), buyer)
        made = self.do(
            "merge_carts",
            set(),
            p_user_id=buyer.id,
            p_token_hash=token(guest),
            p_line_max=LINE_MAX,
            p_lines_max=LINES_MAX,
        )
        assert made is not None
        assert made.merged is merged

    @SHOPPING
    @rule(who=WHO, coupon=COUPON)
    def apply_coupon(self, who: int, coupon: str) -> None:
        """A customer enters a coupon's code."""
        buyer = self.world.buyers[who]
        refusals = self.books.apply(buyer, coupon)
        self.do("apply_coupon", refusals, p_user_id=buyer.id, p_code=coupon, p_slot_seconds=LONG)

    @SHOPPING
    @rule(who=WHO)
    def drop_coupon(self, who: int) -> None:
        """A customer takes the coupon off."""
        buyer = self.world.buyers[who]
        expected = self.books.drop_coupon(buyer)
        made = self.do("rollback_coupon", set(), p_user_id=buyer.id, p_reason="removed")
        assert made is not None
        assert made.rolled_back == expected

    @SHOPPING
    @rule(who=WHO, method=METHOD)
    def validate(self, who: int, method: str) -> None:
        """The first step of checkout."""
        buyer = self.world.buyers[who]
        cart = self.books.cart_of(buyer)
        valid = cart is not None and self.books.fits(cart)
        made = self.do(
            "validate_cart_before_checkout",
            self.books.validate(buyer, method),
            p_user_id=buyer.id,
            p_address_id=buyer.address_id,
            p_payment_method=method,
            p_cod_max_total=COD_MAX,
        )
        assert made is None or made.valid is valid

    @SHOPPING
    @rule(who=WHO)
    def secure_coupon(self, who: int) -> None:
        """The second step of checkout."""
        buyer = self.world.buyers[who]
        refusals = self.books.secure_coupon(buyer)
        self.do("validate_coupon_usage_limit", refusals, p_user_id=buyer.id, p_slot_seconds=LONG)

    @SHOPPING
    @rule(who=WHO)
    def hold(self, who: int) -> None:
        """The last step of checkout."""
        buyer = self.world.buyers[who]
        self.do(
            "lock_inventory",
            self.books.hold(buyer),
            p_user_id=buyer.id,
            p_hold_seconds=LONG,
            p_hold_max_seconds=LONG,
        )

    @precondition(lambda self: self.books.carts)
    @rule(which=WHICH, only_over=st.booleans())
    def let_go(self, which: int, only_over: bool) -> None:
        """The holds of a cart end."""
        cart = self.newest(self.books.carts, which)
        expected = self.books.let_go(cart, only_over=only_over)
        made = self.do(
            "release_inventory",
            set(),
            p_cart_id=cart.id,
            p_reason="let go",
            p_only_expired=only_over,
        )
        assert made is not None
        assert made.released == expected

    @property
    def running_holds(self) -> list[Hold]:
        """The holds of carts whose time is not over."""
        return [hold for hold in self.books.holds if not hold.order and not hold.over]

    @property
    def running_slots(self) -> list[Slot]:
        """The coupon slots of carts whose time is not over."""
        return [one for one in self.books.slots if one.status == "reserved" and not one.over]

    @precondition(lambda self: self.running_holds)
    @rule(which=WHICH, job=st.booleans())
    def holds_run_out(self, which: int, job: bool) -> None:
        """The time of a cart's holds is over; the job may come, or be late."""
        mine = self.running_holds
        cart = self.newest(mine, which).cart
        self.time_passes(
            "stock_reservations", "expires_at", f"cart_id = '{cart.id}' AND status = 'active'"
        )
        for hold in mine:
            hold.over = hold.over or hold.cart is cart
        if job:
            self.books.expire_holds()
            expire_holds()

    @precondition(lambda self: self.running_slots)
    @rule(which=WHICH, job=st.booleans())
    def slot_runs_out(self, which: int, job: bool) -> None:
        """The time of a coupon slot is over; the job may come, or others want it before that."""
        slot = self.newest(self.running_slots, which)
        self.time_passes(
            "coupon_usage", "expires_at", f"cart_id = '{slot.cart.id}' AND status = 'reserved'"
        )
        slot.over = True
        if job:
            self.books.expire_coupon_slots()
            expire_coupon_slots()
        else:
            for who, buyer in enumerate(self.world.buyers):
                if buyer is not slot.buyer:
                    self.apply_coupon(who, slot.coupon)

    @rule(
        what=st.sampled_from(["price", "price", "sale", "coupon"]),
        sku=SKU,
        price=NEW_PRICE,
        coupon=COUPON,
    )
    def change_offer(self, what: str, sku: str, price: Decimal, coupon: str) -> None:
        """The shop changes a price, takes a variant or coupon out of sale, or offers it again."""
        if what == "price":
            Variant.objects.filter(sku=sku).update(price=price)
            self.books.prices[sku] = price
        elif what == "sale":
            self.books.shelved ^= {sku}
            status = "inactive" if sku in self.books.shelved else "active"
            Variant.objects.filter(sku=sku).update(status=status)
        else:
            self.books.paused ^= {coupon}
            status = "paused" if coupon in self.books.paused else "active"
            Coupon.objects.filter(code=coupon).update(status=status)
