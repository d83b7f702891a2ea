"""Events that come several times, in any order, from many senders, end as if each came once."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Any

from commerce.accounts.models import Address
from commerce.core.models import OutboxMessage
from commerce.orders import workflows as orders
from commerce.orders.models import Order, OrderEvent
from commerce.payments import workflows as payments
from commerce.payments.models import Payment, PaymentEvent, Refund
from commerce.payments.providers import ProviderEvent
from commerce.payments.providers.sandbox import sign
from tests.concurrency.buying import ONE_PRICE, PRICE, buy, customers, fill
from tests.concurrency.mutants import mutants, unlocked
from tests.concurrency.racing import crowd, outcomes, pile_up
from tests.concurrency.sizes import size
from tests.concurrency.web import Answer, Client, Web, together
from tests.crash.aftermath import audit_without_grace, let_jobs_finish
from tests.shop.builder import Shop

BUYERS, BUYERS_OVER_HTTP = size(40, 500), size(12, 500)  # two events each
COPIES, SENDERS, SEED = 3, 8, 20
NEIGHBOURS = 2  # orders whose events are mixed with each other
STORIES = ("declined, then paid", "paid twice", "paid after its end", "paid too little")
CLIENT = "client"


@dataclass(frozen=True)
class Told:
    """One thing to tell the shop of a payment: a provider's event, or the client's return."""

    payment: Payment
    event: ProviderEvent
    source: str = "webhook"


@dataclass(frozen=True)
class Tale:
    """An order whose payment was opened, and what is told of it, in the order it happened."""

    order: Order
    story: str
    events: tuple[Told, ...]
    returns: tuple[Told, ...]

    @classmethod
    def of(cls, buyer: Address, story: str) -> Tale:
        """Order, open the payment, and cancel where the story says so."""
        order_id = buy(buyer, method="online").order_id
        attempt = payments.start_attempt(order_id, buyer.user_id, "sandbox", {})
        payment = Payment.objects.get(id=attempt.payment_id)
        if story == STORIES[2]:
            orders.cancel(order_id=order_id, actor_kind="customer", reason="x")
        first, second = [partial(_event, payment, name) for name in ("a", "b")]
        events = {
            STORIES[0]: (second("payment.failed"), first("payment.captured")),
            STORIES[1]: (first("payment.captured"), second("payment.captured")),
            STORIES[2]: (second("payment.failed"), first("payment.captured")),
            STORIES[3]: (second("payment.failed"), first("payment.captured", amount=PRICE - 1)),
        }[story]
        # a client's return says no amount, so what came before it would matter to the last story
        by_client = () if story == STORIES[3] else (first("payment.captured", source=CLIENT),)
        return cls(Order.objects.get(id=order_id), story, events, by_client)

    def end(self) -> tuple[Any, ...]:
        """All that the books and the messages say of the order."""
        self.order.refresh_from_db()
        refunds = Refund.objects.filter(order=self.order)
        ids = [self.order.id, *refunds.values_list("id", flat=True)]
        messages = OutboxMessage.objects.filter(aggregate_id__in=ids)
        paid = Payment.objects.filter(order=self.order)
        history = OrderEvent.objects.filter(order=self.order).order_by("seq")
        return (
            (self.order.status, self.order.payment_status),
            sorted(paid.values_list("status", "disposition", "captured_amount")),
            sorted(refunds.values_list("status", "amount")),
            sorted(messages.values_list("topic", flat=True)),
            list(history.values_list("to_status", flat=True)),
            [(item.quantity_sold, item.quantity_restored) for item in self.order.items.all()],
        )


def _event(
    payment: Payment, name: str, kind: str, *, source: str = "webhook", amount: Decimal = PRICE
) -> Told:
    event = ProviderEvent(
        event_id=f"evt_{name}_{payment.id.hex}",
        kind=kind,
        raw="{}",
        provider_order_id=payment.provider_order_id,
        provider_payment_id=f"pay_{name}_{payment.id.hex}",
        amount=amount,
        currency=payment.currency,
    )
    return Told(payment, event, source)


def tell(told: Told) -> Any:
    """What a request makes of it."""
    if told.source == CLIENT:
        ids = (str(told.event.provider_order_id), str(told.event.provider_payment_id))
        return payments.verify_client_return(told.payment, *ids)
    return payments.settle(payments.record("sandbox", told.event, told.source))


def tales(shop: Shop, number: int) -> list[Tale]:
    """So many orders with each story in turn, after one of each that were told in order."""
    buyers = customers(len(STORIES) + number)
    fill(buyers, shop.variant(ONE_PRICE, stock=len(buyers)))
    begin = [partial(Tale.of, one, STORIES[n % len(STORIES)]) for n, one in enumerate(buyers)]
    begun: list[Tale] = crowd(begin, threads=SENDERS)
    for tale in begun[: len(STORIES)]:
        for told in tale.events:
            tell(told)
    return begun


def shuffled(begun: list[Tale]) -> list[Told]:
    """Three copies of each event and the clients' returns, in a seeded disorder.

    What is told of one order comes close together, so that several senders are at it at once.
    """
    chance = random.Random(SEED)
    placed = [
        (place + chance.uniform(0, NEIGHBOURS), told)
        for place, tale in enumerate(begun)
        for told in (*tale.events * COPIES, *tale.returns)
    ]
    return [told for _, told in sorted(placed, key=lambda one: one[0])]


def assert_all_end_as_in_order(begun: list[Tale]) -> None:
    """Each order ends as the one with the same story whose events were told once, in order."""
    let_jobs_finish()
    in_order = {tale.story: tale.end() for tale in begun[: len(STORIES)]}
    assert in_order[STORIES[0]][:2] == (("confirmed", "paid"), [("captured", "kept", PRICE)])
    different = [one for one in begun if one.end() != in_order[one.story]]
    assert [(one.story, one.end()) for one in different] == []
    assert audit_without_grace() == []


def test_shuffled_copies_of_events_end_as_in_order(shop: Shop) -> None:
    begun = tales(shop, BUYERS)
    disorder = shuffled(begun[len(STORIES) :])

    results = crowd([partial(tell, one) for one in disorder], threads=SENDERS)

    assert outcomes(results) == {"ok": len(disorder)}
    assert PaymentEvent.objects.filter(source="webhook").count() == 2 * len(begun)
    assert_all_end_as_in_order(begun)


def test_shuffled_copies_of_events_end_as_in_order_over_http(shop: Shop, web: Web) -> None:
    begun = tales(shop, BUYERS_OVER_HTTP)
    disorder = shuffled(begun[len(STORIES) :])
    requests = [
        partial(tell_over_http, web.client(one.payment.order.user), one) for one in disorder
    ]

    answers = together(requests)

    assert Counter(one.outcome for one in answers) == {"200": len(disorder)}
    assert PaymentEvent.objects.filter(source="webhook").count() == 2 * len(begun)
    assert_all_end_as_in_order(begun)


def tell_over_http(client: Client, told: Told) -> Answer:
    """The provider's webhook, or the client's return."""
    event = told.event
    ids = {
        "provider_order_id": str(event.provider_order_id),
        "provider_payment_id": str(event.provider_payment_id),
    }
    if told.source == CLIENT:
        signed = ids | {"signature": sign("|".join(ids.values()).encode())}
        return client.post(f"payments/{told.payment.id}/verify", signed)
    money = {"amount": str(event.amount), "currency": event.currency}
    return client.webhook({"event": event.kind} | ids | money, event.event_id)


def three_copies_meet(shop: Shop) -> tuple[list[Any], list[str]]:
    """What three workers make of one capture that each of them found unsettled."""
    order = shop.placed({shop.variant(): 1})
    event = shop.event(shop.attempt(order))
    settle: Callable[[], Any] = partial(payments.settle, event.event_id)
    settled = pile_up(order, *[settle] * COPIES)
    told = OutboxMessage.objects.filter(aggregate_id=order.id).values_list("topic", flat=True)
    return [one.outcome for one in settled], list(told)


def test_three_copies_confirm_an_order_once(shop: Shop) -> None:
    outcomes_of_copies, told = three_copies_meet(shop)

    assert outcomes_of_copies == ["settled"] * COPIES
    assert told == ["order.confirmed"]


def test_without_locks_three_copies_confirm_an_order_three_times(shop: Shop) -> None:
    unguarded = tuple(unlocked(what) for what in ("order", "payments", "event"))
    with mutants(verify_payment=unguarded):
        _, told = three_copies_meet(shop)

    assert told == ["order.confirmed"] * COPIES
