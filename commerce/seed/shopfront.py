"""The home screen and the coupons."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from commerce.catalog.models import Brand, Category, HomeSection, Product, SearchSynonym
from commerce.coupons.models import Coupon, CouponScope
from commerce.seed.data.synonyms import SYNONYMS
from commerce.seed.world import World

COLLECTION_SIZE = 12
DAYS_BEFORE_OPENING = 7  # coupons are live that long before the first order

COUPONS: dict[str, dict[str, Any]] = {
    "WELCOME15": {
        "title": "15% off your first order, up to ₹300",
        "kind": "percentage",
        "value": Decimal(15),
        "max_discount": Decimal(300),
        "min_subtotal": Decimal(499),
        "first_order_only": True,
        "per_user_limit": 1,
    },
    "FESTIVE20": {
        "title": "20% off festive wear, up to ₹500",
        "kind": "percentage",
        "value": Decimal(20),
        "max_discount": Decimal(500),
        "min_subtotal": Decimal(999),
        "per_user_limit": 3,
    },
    "FLAT150": {
        "title": "₹150 off on orders from ₹1,499",
        "kind": "flat",
        "value": Decimal(150),
        "min_subtotal": Decimal(1499),
        "per_user_limit": 5,
    },
    "FREESHIP": {
        "title": "Free delivery on orders from ₹499",
        "kind": "free_shipping",
        "min_subtotal": Decimal(499),
        "per_user_limit": 4,
    },
    "TOYS2PLUS1": {
        "title": "Buy two toys, get the cheapest of three free",
        "kind": "buy_x_get_y",
        "buy_quantity": 2,
        "get_quantity": 1,
        "per_user_limit": 2,
    },
    "EARLYBIRD": {
        "title": "₹200 off for the first hundred early birds",
        "kind": "flat",
        "value": Decimal(200),
        "min_subtotal": Decimal(799),
        "total_limit": 100,
        "per_user_limit": 1,
    },
}
CATEGORY_SCOPES = {
    "FESTIVE20": ("girls-ethnic-wear", "boys-ethnic-wear", "mojaris-and-bellies"),
    "TOYS2PLUS1": ("toys",),
}
UPCOMING = {
    "title": "₹250 off in the winter sale",
    "kind": "flat",
    "value": Decimal(250),
    "min_subtotal": Decimal(1999),
}


def build(world: World) -> None:
    """Create coupons (live, coming and being drafted), synonyms and the home screen's sections."""
    _coupons(world)
    SearchSynonym.objects.bulk_create(
        SearchSynonym(id=world.key(), words=sorted(words)) for words in SYNONYMS
    )
    HomeSection.objects.bulk_create(
        HomeSection(id=world.key(), title=title, kind=kind, content=content, position=position)
        for position, (title, kind, content) in enumerate(_sections())
    )


def _coupons(world: World) -> None:
    starts = world.opening - timedelta(days=DAYS_BEFORE_OPENING)
    categories = {row.slug: row for row in Category.objects.all()}
    for code, fields in COUPONS.items():
        coupon = Coupon.objects.create(
            id=world.key(), code=code, status="active", starts_at=starts, **fields
        )
        CouponScope.objects.bulk_create(
            CouponScope(id=world.key(), coupon=coupon, category=categories[slug])
            for slug in CATEGORY_SCOPES.get(code, ())
        )
    brand = Brand.objects.get(slug="kathputli-toys")
    draft = Coupon.objects.create(
        id=world.key(),
        code="KATHPUTLI10",
        title="10% off Kathputli Toys",
        kind="percentage",
        value=Decimal(10),
        starts_at=world.now,
    )
    CouponScope.objects.create(id=world.key(), coupon=draft, brand=brand)
    Coupon.objects.create(
        id=world.key(),
        code="WINTER250",
        status="active",
        starts_at=world.now + timedelta(days=14),
        ends_at=world.now + timedelta(days=45),
        **UPCOMING,
    )


def _rule(**filters: str) -> dict[str, Any]:
    """A collection of what can be bought now, the best selling first if nothing else is said."""
    return {"rule": {"in_stock": "true", **filters}, "limit": COLLECTION_SIZE}


def _sections() -> list[tuple[str, str, dict[str, Any]]]:
    festive = Product.objects.filter(category__path__contains="ethnic-wear")
    picks = list(festive.order_by("-popularity", "slug").values_list("slug", flat=True))
    return [
        (
            "Festive wear is here",
            "banner",
            {
                "image": "home/festive.svg",
                "link": "/products?category=girls-ethnic-wear",
                "alt": "Two children in kurtas lighting diyas",
            },
        ),
        (
            "Shop by category",
            "categories",
            {"slugs": ["girls", "boys", "baby", "toys", "school", "footwear"]},
        ),
        ("Shop by age", "ages", {}),
        ("New arrivals", "newest", {"limit": COLLECTION_SIZE}),
        ("Ready for the wedding season", "collection", {"products": picks[:COLLECTION_SIZE]}),
        ("Loved by parents", "popular", {"limit": COLLECTION_SIZE}),
        (
            "Back to school",
            "banner",
            {
                "image": "home/school.svg",
                "link": "/products?category=school",
                "alt": "A girl with a backpack waiting for the bus",
            },
        ),
        ("Warm hugs for winter", "collection", _rule(category="winter-wear")),
        ("Toys that teach", "collection", _rule(category="learning-toys")),
        ("For the newest member of the family", "collection", _rule(category="baby-clothing")),
        ("At half the price", "collection", _rule(discount="50")),
        ("Four stars and more", "collection", _rule(rating="4", sort="rating")),
    ]
