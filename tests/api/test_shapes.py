"""What is answered without a serializer is what the serializer of the contract would write."""

from __future__ import annotations

import json
from typing import Any

from rest_framework.fields import DateTimeField

from commerce.cart.identity import CartOwner
from commerce.cart.reads import cart_view
from commerce.cart.serializers import CartOutput
from commerce.catalog import home
from commerce.catalog.cards import cards_of
from commerce.catalog.models import Brand, Category, HomeSection, ProductImage
from commerce.catalog.reads import product_cards, visible_products
from commerce.catalog.serializers import ProductCard, SectionOutput, Suggestions, card
from commerce.catalog.shelf import keeping
from commerce.catalog.suggesting import suggestions
from commerce.core.renderers import ExactJSONRenderer
from commerce.orders.reads import order_view, orders_of, summaries
from commerce.orders.serializers import OrderOutput, OrderSummary
from commerce.payments.reads import settlement_view
from commerce.payments.serializers import VerifyOutput
from tests.shop.builder import Shop


def sent(data: Any) -> Any:
    """The answer as a client reads it."""
    return json.loads(ExactJSONRenderer().render(data))


def test_cart_is_written_as_its_serializer_says(shop: Shop) -> None:
    user = shop.user()
    cheap, dear = shop.variant("99.50"), shop.variant("1200.00", stock=2)
    cart = shop.cart(user, {cheap: 3, dear: 2})
    cart.items.update(seen_price="98.00")

    view = cart_view(CartOwner(user_id=user.id))

    assert len(view["items"]) == 2
    assert sent(view) == sent(CartOutput(view).data)


def test_empty_cart_is_written_as_its_serializer_says(shop: Shop) -> None:
    view = cart_view(CartOwner(user_id=shop.user().id))

    assert sent(view) == sent(CartOutput(view).data)


def test_order_is_written_as_its_serializer_says(shop: Shop) -> None:
    order = shop.delivered({shop.variant(): 2, shop.variant("120.00"): 1})

    view = order_view(order.id, order.user_id)

    assert len(view["items"]) == 2
    assert len(view["timeline"]) > 2
    assert view["placed_at"] == DateTimeField().to_representation(order.placed_at)
    assert sent(view) == sent(OrderOutput(view).data)


def test_order_that_came_back_is_written_as_its_serializer_says(shop: Shop) -> None:
    order = shop.delivered({shop.variant(): 2})
    shop.sent_back(order, 1)
    shop.sent_back(order, 1, received=False)

    view = order_view(order.id, order.user_id)

    assert [one["status"] for one in view["returns"]] == ["closed", "requested"]
    assert len(view["refunds"]) == 1
    assert sent(view) == sent(OrderOutput(view).data)


def test_orders_of_a_list_are_written_as_their_serializer_says(shop: Shop) -> None:
    order = shop.paid({shop.variant(): 1, shop.variant("120.00"): 1})

    views = summaries(orders_of(order.user_id))

    assert [view["id"] for view in views] == [order.id]
    assert sent(views) == sent(OrderSummary(views, many=True).data)


def test_suggestions_are_written_as_their_serializer_says(shop: Shop) -> None:
    shop.variant(product=shop.product(name="Wooden train"))
    Brand.objects.create(name="Wooden things", slug="wooden-things")
    Category.objects.create(name="Wooden toys", slug="wooden-toys", path="/wooden-toys/")
    keeping.catch_up(wait=True)

    found = {"results": suggestions("woode")}

    assert [one["kind"] for one in found["results"]] == ["category", "brand", "product"]
    assert sent(found) == sent(Suggestions(found).data)


def test_settlement_is_written_as_its_serializer_says(shop: Shop) -> None:
    order = shop.paid({shop.variant(): 1})

    view = settlement_view(order.payments.get().id)

    assert view["status"] == "captured"
    assert view["order"]["payment_status"] == "paid"
    assert sent(view) == sent(VerifyOutput(view).data)


def test_card_is_written_as_its_serializer_says(shop: Shop) -> None:
    product = shop.product(rating="4.5")
    shop.variant("99.50", product=product, stock=0)
    shop.variant("89.00", product=product, stock=2)
    ProductImage.objects.create(product=product, image="second.jpg", position=2)
    ProductImage.objects.create(product=product, image="first.jpg", position=1)
    bare = shop.variant(stock=0).product

    views = [card(one) for one in cards_of([product.id, bare.id])]

    models = product_cards(visible_products()).in_bulk([product.id, bare.id])
    assert [(view["price"], view["in_stock"]) for view in views] == [
        ("89.00", True),
        (str(models[bare.id].price), False),  # type: ignore[attr-defined]
    ]
    assert sent(views) == sent(ProductCard([models[product.id], models[bare.id]], many=True).data)


def test_section_is_written_as_its_serializer_says(shop: Shop) -> None:
    product = shop.variant().product
    for kind, content in (
        ("banner", {"image": "sale.jpg", "link": "/products", "alt": "Sale"}),
        ("categories", {"slugs": [shop.category.slug]}),
        ("ages", {}),
        ("collection", {"products": [product.slug]}),
    ):
        HomeSection.objects.create(title=kind, kind=kind, position=1, content=content)
    shown = home.home()

    views = [home.told(one) for one in shown]

    cards = product_cards(visible_products()).in_bulk([product.id])
    for one in shown:
        one["products"] = [cards[row["id"]] for row in one["products"]]
    assert sorted(one["kind"] for one in shown) == ["ages", "banner", "categories", "collection"]
    assert sent(views) == sent(SectionOutput(shown, many=True).data)
