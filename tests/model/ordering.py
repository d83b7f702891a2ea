"""Orders and their stock in the model: each method is one procedure, as in `carting`."""

from __future__ import annotations

from decimal import Decimal

from commerce.orders.transitions import TRANSITIONS
from tests.model.ledger import Ledger, Refusals
from tests.model.rows import Buyer, Order, OrderLine, Return
from tests.model.world import COD_MAX, LINE_MAX

ENDED = ("cancelled", "returned_to_origin")


def legal(order: Order, to: str, actor: str) -> bool:
    """Whether the table of transitions lets this actor make the step."""
    return any((order.status, to) == (s, t) and actor in actors for s, t, actors in TRANSITIONS)


class Ordering(Ledger):
    """From the cart to the door, and back from there before the door."""

    def create(self, buyer: Buyer, method: str, offer: Decimal) -> Refusals:
        """`create_order` at the cart's total plus `offer`."""
        cart = self.cart_of(buyer)
        if cart is None:
            return {"cart_not_found"}
        if not cart.lines:
            return {"cart_empty"}
        holds = {h.sku: h for h in self.holds if h.cart is cart}
        quote = self.quote(cart.lines, cart.coupon, cart.method)
        stale = (
            cart.validated != cart.version
            or cart.method != method
            or self.shelved & set(cart.lines)
            or any(h.over for h in holds.values())
            or {s: h.quantity for s, h in holds.items()} != cart.lines
            or (cart.coupon and not quote.coupon_holds)
        )
        refusals = {"checkout_stale"} if stale else set()
        slot = self.slot_of(cart)
        if cart.coupon and (slot is None or slot.over):
            refusals.add("coupon_slot_lost")
        if offer:
            refusals.add("quote_changed")
        if method == "cod" and quote.total > COD_MAX:
            refusals.add("cod_limit_exceeded")
        if not refusals:
            goods = quote.goods - quote.discount
            order = Order(cart, buyer, method, quote.total, goods, cart.coupon)
            for sku, hold in holds.items():
                price = self.prices[sku]
                order.lines[sku] = OrderLine(sku, hold.place, hold.quantity, price)
                hold.order = order
            if slot:
                slot.status, slot.order = "bound", order
            cart.status = "ordered"
            self.orders.append(order)
            self.next_step("freeze_order_pricing", order)
        return refusals

    def freeze(self, order: Order) -> Refusals:
        """`freeze_order_pricing`."""
        if order.status == "cancelled":
            return {"illegal_transition"}
        if not order.frozen:
            order.status, order.frozen = "pending_payment", True
            order.version += 1
            self.finish("freeze_order_pricing", order)
            if order.method == "cod":
                self.next_step("register_payment_attempt", order)
        return set()

    def confirm(self, order: Order, paid: str) -> None:
        """What a kept capture or cash on delivery makes of an order."""
        order.status, order.paid = "confirmed", paid
        order.version += 1
        for slot in self.slots:
            if slot.order is order:
                slot.status = "redeemed"

    def sell(self, order: Order) -> Refusals:
        """`decrease_inventory` of an order."""
        if order.status in ("created", "pending_payment"):
            return {"order_not_confirmed"}
        if order.status != "cancelled":
            for hold in [h for h in self.holds if h.order is order]:
                self.holds.remove(hold)
                self.on_hand[hold.sku, hold.place] -= hold.quantity
                order.lines[hold.sku].sold += hold.quantity
        self.finish("decrease_inventory", order)
        return set()

    def cancel(self, order: Order, actor: str, *, if_over: bool = False) -> Refusals:
        """`cancel_order`."""
        unpaid = order.status in ("created", "pending_payment")
        if order.status == "cancelled" or (if_over and not (unpaid and order.over)):
            return set()
        if not legal(order, "cancelled", actor):
            return {"illegal_transition"}
        order.status = "cancelled"
        order.paid = "unpaid" if order.paid == "cod_due" else order.paid
        order.version += 1
        for payment in order.payments:
            if payment.status == "initiated":
                payment.status = "expired"
        for name in ("freeze_order_pricing", "register_payment_attempt", "decrease_inventory"):
            self.finish(name, order)
        self._undo(order)
        sellable = [one for one in order.lines.values() if one.sku not in self.shelved]
        if sellable and not any(p.status == "captured" for p in order.payments):
            cart = self.cart_of(order.buyer) or self.opened(order.buyer)
            for line in sellable:
                wanted = cart.lines.get(line.sku, 0) + line.quantity
                cart.lines[line.sku] = min(wanted, LINE_MAX)
            cart.version += 1
        return set()

    def _undo(self, order: Order) -> None:
        if any(h.order is order for h in self.holds):
            self.next_step("release_inventory", order)
        if any(line.sold > line.restored for line in order.lines.values()):
            self.next_step("restore_inventory", order)
        if any(slot.order is order for slot in self.slots):
            self.next_step("rollback_coupon", order)
        if order.kept:
            self.next_step("initiate_refund", order.kept, saga=order)

    def release(self, order: Order) -> Refusals:
        """`release_inventory` of a cancelled order's holds."""
        if order.status != "cancelled":
            return {"order_not_cancelled"}
        self.holds = [h for h in self.holds if h.order is not order]
        self.finish("release_inventory", order)
        return set()

    def restore(self, order: Order) -> Refusals:
        """`restore_inventory` of an order that ended before its delivery."""
        if order.status not in ENDED:
            return {"order_not_restorable"}
        for line in order.lines.values():
            self.put_back(line, line.sold - line.restored)
        self.finish("restore_inventory", order)
        return set()

    def put_back(self, line: OrderLine, units: int) -> None:
        """Units of a line are on the shelf again."""
        line.restored += units
        self.on_hand[line.sku, line.place] += units

    def free_coupon(self, order: Order) -> Refusals:
        """`rollback_coupon` of an order."""
        if order.status not in ENDED:
            return {"order_not_cancelled"}
        self.slots = [slot for slot in self.slots if slot.order is not order]
        self.finish("rollback_coupon", order)
        return set()

    def move(self, order: Order, to: str, actor: str) -> Refusals:
        """`update_order_status` with a tracking number."""
        refusals = set() if legal(order, to, actor) else {"illegal_transition"}
        if to in ("packed", "shipped") and order.paid == "refunded":
            refusals.add("order_refunded")
        if to == "shipped" and any(line.sold < line.quantity for line in order.lines.values()):
            refusals.add("stock_not_consumed")
        if refusals:
            return refusals
        order.status = to
        order.version += 1
        cash = next(
            (p for p in order.payments if (p.provider, p.status) == ("cod", "initiated")), None
        )
        if to == "delivered" and cash:
            order.paid = "paid"
            cash.status, cash.disposition, cash.captured = "captured", "kept", cash.amount
        elif to == "returned_to_origin":
            if cash:
                order.paid, cash.status = "unpaid", "failed"
            self._undo(order)
        return set()

    def write_off(self, sku: str, place: str, units: int) -> Refusals:
        """`decrease_inventory` of a write-off; a count corrected downwards obeys the same rule."""
        if self.on_hand.get((sku, place), 0) - self.reserved(sku, place) < units:
            return {"stock_reserved"}
        self.on_hand[sku, place] -= units
        return set()

    def receive_stock(self, sku: str, place: str, units: int) -> Refusals:
        """`increase_inventory` of a receipt, or of a count corrected upwards."""
        self.on_hand[sku, place] = self.on_hand.get((sku, place), 0) + units
        return set()


class Returning(Ordering):
    """Goods that come back from the customer."""

    def request_return(self, order: Order, units: dict[str, int]) -> Refusals:
        """`request_return`."""
        refusals = set() if order.status == "delivered" else {"order_not_returnable"}
        for sku, quantity in units.items():
            taken = sum(r.units.get(sku, 0) for r in order.returns if r.status != "rejected")
            if quantity > order.lines[sku].quantity - taken:
                refusals.add("return_quantity_exceeded")
        if not refusals:
            made = Return(order, units)
            order.returns.append(made)
            self.returns.append(made)
        return refusals

    def move_return(self, back: Return, to: str, damaged: frozenset[str] = frozenset()) -> Refusals:
        """`update_return_status` by the staff."""
        if to == back.status == "closed":
            return set()
        if (back.status, to) not in {
            ("requested", "approved"),
            ("requested", "rejected"),
            ("approved", "received"),
            ("received", "closed"),
        }:
            return {"illegal_transition"}
        back.status = to
        if to == "received":
            order, back.damaged = back.order, damaged
            for sku, quantity in back.units.items():
                order.lines[sku].returned += quantity
            if all(line.returned == line.quantity for line in order.lines.values()):
                order.status = "returned"
                order.version += 1
            self.next_step("restore_inventory", back)
            self.next_step("initiate_refund", back)
        elif to == "closed":
            self.finish("update_return_status", back)
        return set()

    def restock(self, back: Return) -> Refusals:
        """`restore_inventory` of a return."""
        if back.status not in ("received", "closed"):
            return {"return_not_received"}
        if not back.restored:
            back.restored = True
            for sku, quantity in back.units.items():
                line = back.order.lines[sku]
                if sku not in back.damaged:
                    self.put_back(line, min(quantity, line.sold - line.restored))
        self.finish("restore_inventory", back)
        return set()
