"""A coupon goes to as many as its limits allow, whoever asks at the same moment."""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import Any

from commerce.coupons.models import CouponUsage
from tests.concurrency.buying import ONE_PRICE, buy_as_quoted, customers, fill
from tests.concurrency.mutants import mutants, replaced, unlocked
from tests.concurrency.racing import crowd, outcomes, pile_up, tried
from tests.concurrency.sizes import size
from tests.concurrency.web import Answer, Customer, Web, piled_up
from tests.shop.builder import Shop

BUYERS, LIMIT = 50, 10
ROUNDS, ROUNDS_OVER_HTTP = size(5, 100), size(3, 30)
OWN_LIMIT = "ELSIF v_own_uses >= v_coupon.per_user_limit THEN"
NO_OWN_LIMIT = "ELSIF FALSE THEN"
OWN_USES = "WHEN used.by_user >= v_coupon.per_user_limit"
NO_OWN_USES = "WHEN FALSE"


def used() -> Counter[str]:
    """The uses that count against a limit, by state."""
    counting = CouponUsage.objects.filter(status__in=["reserved", "bound", "redeemed"])
    return Counter(counting.values_list("status", flat=True))


def fifty_want_one_of_ten(shop: Shop) -> list[Any]:
    """What becomes of fifty applications that all arrive while the coupon's row is busy."""
    coupon = shop.coupon("FIRST10", total_limit=LIMIT)
    buyers = customers(BUYERS)
    fill(buyers, shop.variant(ONE_PRICE, stock=BUYERS))
    return pile_up(coupon, *[partial(shop.apply, one.user, "FIRST10") for one in buyers])


def test_ten_of_fifty_get_a_coupon_of_ten(shop: Shop) -> None:
    results = fifty_want_one_of_ten(shop)

    assert outcomes(results) == {"ok": LIMIT, "coupon_limit_reached": BUYERS - LIMIT}
    assert used() == {"reserved": LIMIT}
    shop.audit()


def test_without_the_lock_fifty_get_a_coupon_of_ten(shop: Shop) -> None:
    with mutants(apply_coupon=(unlocked("coupon"),)):
        results = fifty_want_one_of_ten(shop)

    assert outcomes(results) == {"ok": BUYERS}
    assert used() == {"reserved": BUYERS}


def test_a_coupon_of_ten_is_redeemed_ten_times_over_http(shop: Shop, web: Web) -> None:
    coupon = shop.coupon("FIRST10", total_limit=LIMIT)
    buyers = web.customers(BUYERS)
    fill([one.address for one in buyers], shop.variant(ONE_PRICE, stock=BUYERS))

    answers = piled_up(coupon, [partial(apply_and_buy, one) for one in buyers])

    assert Counter(one.outcome for one in answers) == {
        "201": LIMIT,
        "409 coupon_limit_reached": BUYERS - LIMIT,
    }
    assert used() == {"redeemed": LIMIT}
    shop.audit()


def apply_and_buy(customer: Customer, code: str = "FIRST10") -> Answer:
    """The order, or the refusal of its coupon."""
    applied = customer.app.post("cart/coupon", {"code": code})
    return customer.buy() if applied.status == 200 else applied


def three_sessions_of_one(shop: Shop) -> Counter[str]:
    """One customer adds, applies the coupon and orders in three sessions, then twice in one.

    Answers what became of the steps of that last one, which nothing disturbs.
    """
    shop.coupon("ONCE", per_user_limit=1)
    variant = shop.variant(ONE_PRICE, stock=1000)
    (buyer,) = customers(1)

    def session() -> Counter[str]:
        return outcomes(
            tried(step)
            for step in (
                partial(shop.add, variant, user=buyer.user),
                partial(shop.apply, buyer.user, "ONCE"),
                partial(buy_as_quoted, buyer),
            )
        )

    for said in crowd([session] * 3 * ROUNDS, threads=3):
        assert isinstance(said, Counter), said
    return session() + session()


def test_sessions_of_one_customer_use_a_coupon_once(shop: Shop) -> None:
    said = three_sessions_of_one(shop)

    assert used().total() == 1
    assert said["coupon_user_limit_reached"] >= 1
    assert said["ok"] >= 4
    shop.audit()


def test_without_the_count_sessions_of_one_customer_use_a_coupon_again(shop: Shop) -> None:
    uncounted = (replaced(OWN_LIMIT, NO_OWN_LIMIT),)
    with mutants(
        apply_coupon=uncounted,
        validate_coupon_usage_limit=uncounted,
        validate_cart_before_checkout=(replaced(OWN_USES, NO_OWN_USES),),
    ):
        three_sessions_of_one(shop)

    assert used().total() > 1


def test_sessions_of_one_customer_use_a_coupon_once_over_http(shop: Shop, web: Web) -> None:
    shop.coupon("ONCE", per_user_limit=1)
    variant = shop.variant(ONE_PRICE, stock=1000)
    (customer,) = web.customers(1)
    one_more = {"variant_id": str(variant.id), "quantity": 1}

    def session() -> list[Answer]:
        return [
            answer
            for _ in range(ROUNDS_OVER_HTTP)
            for answer in (
                customer.app.post("cart/items", one_more),
                apply_and_buy(customer, "ONCE"),
                customer.buy(),
            )
        ]

    said = Counter(one.outcome for answers in crowd([session] * 3, threads=3) for one in answers)
    said += Counter(one.outcome for one in session())

    assert used().total() == 1
    assert said["409 coupon_user_limit_reached"] >= 1
    assert [outcome for outcome in said if outcome.startswith("5")] == []
    shop.audit()
