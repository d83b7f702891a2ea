"""What a shopper can see of the catalogue, as querysets with a fixed number of queries each."""

from __future__ import annotations

from typing import Any

from django.db.models import (
    Exists,
    F,
    IntegerField,
    Max,
    OuterRef,
    Prefetch,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.functions import Cast, Coalesce, Floor, Now

from commerce.catalog.models import (
    Category,
    Product,
    ProductImage,
    ProductStatus,
    Variant,
    VariantStatus,
)

CHEAPEST_FIRST = ("price", "-mrp", "id")


def sold_variants() -> QuerySet[Variant]:
    """The variants that can be bought, in stock or not."""
    return Variant.objects.filter(status=VariantStatus.ACTIVE, is_deleted=False)


def _own_variants() -> QuerySet[Variant]:
    return sold_variants().filter(product=OuterRef("pk"))


def visible_products() -> QuerySet[Product]:
    """The products on the shelves: active, published, with something to buy."""
    return Product.objects.filter(
        Exists(_own_variants()),
        status=ProductStatus.ACTIVE,
        is_deleted=False,
        published_at__lte=Now(),
    )


def product_cards(products: QuerySet[Product]) -> QuerySet[Product]:
    """The products with what a card shows: `price, mrp, discount_percent, image, in_stock`.

    Prices are those of the cheapest variant; the discount is whole per cent, rounded down.
    """
    images = ProductImage.objects.filter(product=OuterRef("pk"), is_deleted=False)
    return products.select_related("brand").annotate(
        price=_of_cheapest(F("price")),
        mrp=_of_cheapest(F("mrp")),
        discount_percent=_of_cheapest(
            Cast(Floor((F("mrp") - F("price")) * 100 / F("mrp")), IntegerField())
        ),
        image=Subquery(images.order_by("position", "id").values("image")[:1]),
        in_stock=Coalesce(_any_stock(), Value(value=False)),
    )


def _any_stock() -> Subquery:
    """True for a product with stock, else null; unlike EXISTS, no plan hashes all stock for it."""
    stocked = _own_variants().filter(availability__available__gt=0)
    return Subquery(stocked.annotate(stocked=Value(value=True)).values("stocked")[:1])


def _of_cheapest(what: Any) -> Subquery:
    cheapest = _own_variants().order_by(*CHEAPEST_FIRST).annotate(wanted=what)
    return Subquery(cheapest.values("wanted")[:1])


def product_page(slug: str) -> Product | None:
    """One product with its variants (with `stock`, the most that one warehouse has) and images."""
    variants = (
        sold_variants()
        .annotate(stock=Coalesce(Max("availability__available"), 0))
        .order_by("position", "price", "id")
    )
    images = ProductImage.objects.filter(is_deleted=False).order_by("position", "id")
    return (
        product_cards(visible_products())
        .select_related("category")
        .prefetch_related(Prefetch("variants", variants), Prefetch("images", images))
        .filter(slug=slug)
        .first()
    )


def in_category(path: str) -> dict[str, str]:
    """The filter of a category with its descendants."""
    return {"category__path__startswith": path}


def active_categories() -> QuerySet[Category]:
    """The categories that are shown, in their order among siblings."""
    return Category.objects.filter(is_active=True, is_deleted=False).order_by(
        "position", "name", "id"
    )


def category_tree() -> list[dict[str, Any]]:
    """The roots, each `{id, name, slug, image, children}`; an inactive node hides what is below."""
    categories = list(active_categories())
    nodes: dict[Any, dict[str, Any]] = {
        one.id: {
            "id": one.id,
            "name": one.name,
            "slug": one.slug,
            "image": one.image,
            "children": [],
        }
        for one in categories
    }
    roots: list[dict[str, Any]] = []
    for one in categories:
        if one.parent_id is None:
            roots.append(nodes[one.id])
        elif one.parent_id in nodes:
            nodes[one.parent_id]["children"].append(nodes[one.id])
    return roots


def breadcrumbs(path: str) -> list[Category]:
    """The categories from the root down to the one at `path`."""
    slugs = path.strip("/").split("/")
    found = Category.objects.filter(slug__in=slugs, is_deleted=False)
    return sorted(found, key=lambda one: slugs.index(one.slug))
