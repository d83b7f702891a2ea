"""Carts, coupons and holds of the model: each method is one procedure.

It answers the codes with which the call may be refused; none, and the change is made.
"""

from __future__ import annotations

from tests.model.ledger import Ledger, Refusals
from tests.model.rows import Buyer, Cart, Hold, Slot
from tests.model.world import COD_MAX, COUPONS, LINE_MAX, LINES_MAX, PLACES


class Carting(Ledger):
    """Everything before an order."""

    def add(self, who: Buyer | str, sku: str, quantity: int) -> Refusals:
        """`add_to_cart`."""
        cart = self.cart_of(who)
        if cart is None and isinstance(who, str) and any(c.token == who for c in self.carts):
            return {"cart_gone"}
        lines = cart.lines if cart else {}
        wanted = lines.get(sku, 0) + quantity
        refusals = {"variant_unavailable"} if sku in self.shelved else set()
        if wanted > LINE_MAX:
            refusals.add("line_limit_exceeded")
        if sku not in lines and len(lines) >= LINES_MAX:
            refusals.add("cart_full")
        if wanted > self.available(cart, sku):
            refusals.add("insufficient_stock")
        if not refusals:
            cart = cart or self.opened(who)
            cart.lines[sku] = wanted
            cart.version += 1
        return refusals

    def change(self, who: Buyer | str, sku: str, quantity: int) -> Refusals:
        """`update_cart_quantity`."""
        cart = self.cart_of(who)
        if cart is None:
            return {"cart_not_found"}
        if sku not in cart.lines:
            return {"cart_item_not_found"}
        refusals = {"line_limit_exceeded"} if quantity > LINE_MAX else set()
        if quantity and sku in self.shelved:
            refusals.add("variant_unavailable")
        if quantity > self.available(cart, sku):
            refusals.add("insufficient_stock")
        if not refusals:
            cart.version += cart.lines[sku] != quantity
            cart.lines[sku] = quantity
            if not quantity:
                del cart.lines[sku]
        return refusals

    def merge(self, token: str, buyer: Buyer) -> bool:
        """`merge_carts`, which refuses nothing; whether a guest's cart was taken in."""
        guest = self.cart_of(token)
        if guest is None:
            return False
        cart = self.cart_of(buyer) or self.opened(buyer)
        had_lines, fresh, changed = len(cart.lines), 0, False
        for sku, brought in guest.lines.items():
            had = cart.lines.get(sku, 0)
            allowed = max(had, min(had + brought, LINE_MAX, self.available(cart, sku)))
            if sku in self.shelved or not allowed:
                continue
            fresh += not had
            if had or had_lines + fresh <= LINES_MAX:
                changed = changed or allowed > had
                cart.lines[sku] = allowed
        cart.version += changed
        guest.status = "merged"
        guest.version += 1
        return True

    def validate(self, buyer: Buyer, method: str) -> Refusals:
        """`validate_cart_before_checkout` with the buyer's address."""
        cart = self.cart_of(buyer)
        if cart is None:
            return {"cart_not_found"}
        if not cart.lines:
            return {"cart_empty"}
        coupon = cart.coupon if not self._coupon_lost(cart) else ""
        if method == "cod" and self.quote(cart.lines, coupon, method).total > COD_MAX:
            return {"cod_limit_exceeded"}
        if coupon != cart.coupon:
            self.slots = [s for s in self.slots if s is not self.slot_of(cart)]
            cart.coupon = ""
            cart.version += 1
        cart.method, cart.has_address = method, True
        cart.validated = None if self.shelved & set(cart.lines) else cart.version
        return set()

    def fits(self, cart: Cart) -> bool:
        """Whether validation finds every line on sale and in stock."""
        return not self.shelved & set(cart.lines) and all(
            quantity <= self.available(cart, sku) for sku, quantity in cart.lines.items()
        )

    def _coupon_lost(self, cart: Cart) -> bool:
        if not cart.coupon:
            return False
        first = COUPONS[cart.coupon].first_order and self.has_ordered(cart.buyer)
        holds = self.quote(cart.lines, cart.coupon, cart.method).coupon_holds
        return not holds or first or bool(self.limits_reached(cart.coupon, cart))

    def apply(self, buyer: Buyer, coupon: str) -> Refusals:
        """`apply_coupon`."""
        cart = self.cart_of(buyer)
        if cart is None:
            return {"cart_not_found"}
        terms = COUPONS[coupon]
        refusals = self.limits_reached(coupon, cart)
        if not cart.lines:
            refusals.add("cart_empty")
        if coupon in self.paused:
            refusals.add("coupon_not_active")
        if self.quote(cart.lines, coupon, cart.method).goods < terms.minimum:
            refusals.add("coupon_minimum")
        if terms.only and terms.only not in cart.lines:
            refusals.add("coupon_not_applicable")
        if terms.first_order and self.has_ordered(buyer):
            refusals.add("coupon_first_order_only")
        if not refusals:
            if cart.coupon != coupon:
                self.slots = [s for s in self.slots if s is not self.slot_of(cart)]
                cart.coupon = coupon
                cart.version += 1
            self._take_slot(cart, buyer)
        return refusals

    def secure_coupon(self, buyer: Buyer) -> Refusals:
        """`validate_coupon_usage_limit`."""
        cart = self.cart_of(buyer)
        if cart is None:
            return {"cart_not_found"}
        refusals = self.limits_reached(cart.coupon, cart) if cart.coupon else set()
        if cart.coupon and not refusals:
            self._take_slot(cart, buyer)
        return refusals

    def _take_slot(self, cart: Cart, buyer: Buyer) -> None:
        mine = self.slot_of(cart)
        self.slots = [
            s
            for s in self.slots
            if s is mine or s.coupon != cart.coupon or s.status != "reserved" or not s.over
        ]
        if mine is None:
            mine = Slot(cart.coupon, buyer, cart)
            self.slots.append(mine)
        mine.over = False

    def drop_coupon(self, buyer: Buyer) -> int:
        """`rollback_coupon` of the cart; how many slots were given back."""
        cart = self.cart_of(buyer)
        if cart is None:
            return 0
        mine = self.slot_of(cart)
        self.slots = [s for s in self.slots if s is not mine]
        cart.version += bool(cart.coupon)
        cart.coupon = ""
        return int(mine is not None)

    def hold(self, buyer: Buyer) -> Refusals:
        """`lock_inventory`."""
        cart = self.cart_of(buyer)
        if cart is None:
            return {"cart_not_found"}
        if not cart.lines:
            return {"cart_empty"}
        if not cart.has_address or cart.validated != cart.version:
            return {"checkout_stale"}
        mine = {(h.sku, h.place) for h in self.holds if h.cart is cart}
        rows = mine | {(sku, place) for sku in cart.lines for place in PLACES}
        left = [h for h in self.holds if h.order or not h.over or (h.sku, h.place) not in rows]
        others = [h for h in left if h.cart is not cart]
        free = {
            (sku, place): self.on_hand.get((sku, place), 0)
            - sum(h.quantity for h in others if (h.sku, h.place) == (sku, place))
            for sku, place in rows
        }
        whole = [p for p in PLACES if all(free[s, p] >= q for s, q in cart.lines.items())]
        plan = {
            sku: next((p for p in whole or PLACES if free[sku, p] >= quantity), "")
            for sku, quantity in cart.lines.items()
        }
        if "" in plan.values():
            return {"insufficient_stock"}
        self.holds = others + [Hold(cart, s, p, cart.lines[s]) for s, p in plan.items()]
        return set()

    def let_go(self, cart: Cart, *, only_over: bool) -> int:
        """`release_inventory` of a cart's unbound holds; how many ended."""
        before = len(self.holds)
        self.holds = [
            h for h in self.holds if h.cart is not cart or h.order or (only_over and not h.over)
        ]
        return before - len(self.holds)
