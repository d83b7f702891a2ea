"""How the catalogue looks to clients."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from rest_framework import serializers

from commerce.catalog.models import Gender, Product, SectionKind
from commerce.core.pagination import Paged
from commerce.core.serializers import StrictSerializer

Output = serializers.Serializer[Any]


class ImageUrl(serializers.CharField):
    """The address of an image at the CDN; null where there is none."""

    def __init__(self, **options: Any) -> None:
        super().__init__(allow_null=True, **options)

    def to_representation(self, value: str) -> str | None:  # type: ignore[override]
        """The path below the CDN's base URL."""
        return picture(value)


def picture(path: str) -> str | None:
    """An image's address at the CDN; None where there is none."""
    return f"{settings.CDN_BASE_URL}{path}" if path else None


class Amount(serializers.DecimalField):
    """Rupees and paise as a decimal string."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_digits=12, decimal_places=2, **options)


class ProductCard(Output):
    """A product in a list; the prices are those of its cheapest variant."""

    id = serializers.UUIDField()
    slug = serializers.SlugField()
    name = serializers.CharField()
    brand = serializers.CharField(source="brand.name")
    price = Amount()
    mrp = Amount()
    discount_percent = serializers.IntegerField(help_text="Whole per cent, rounded down.")
    currency = serializers.SerializerMethodField()
    image = ImageUrl()
    rating = serializers.FloatField(
        help_text="1 to 5, with one decimal; 0 means that nobody has rated it, not that it is bad."
    )
    in_stock = serializers.BooleanField()

    def get_currency(self, _product: Product) -> str:
        """The shop has one currency."""
        return str(settings.CURRENCY)


def card(row: Mapping[str, Any]) -> dict[str, Any]:
    """What `ProductCard` makes of a product, from the columns of `cards.cards_of`.

    A page has dozens of cards; a serializer takes ten times as long for the same.
    """
    return {
        "id": str(row["id"]),
        "slug": row["slug"],
        "name": row["name"],
        "brand": row["brand__name"],
        "price": str(row["price"]),
        "mrp": str(row["mrp"]),
        "discount_percent": row["discount_percent"],
        "currency": settings.CURRENCY,
        "image": picture(row["image"]),
        "rating": float(row["rating"]),
        "in_stock": row["in_stock"],
    }


class VariantOutput(Output):
    """What can be put into the cart."""

    id = serializers.UUIDField()
    sku = serializers.CharField()
    size = serializers.CharField()
    colour = serializers.CharField()
    price = Amount()
    mrp = Amount()
    available = serializers.SerializerMethodField(
        help_text="What can be bought in one line; never more than the per-line maximum."
    )
    low_stock = serializers.SerializerMethodField()

    def get_available(self, variant: Any) -> int:
        """What one warehouse can promise: a line is never split."""
        most: int = settings.CART_LINE_MAX
        return max(0, min(int(variant.stock), most))

    def get_low_stock(self, variant: Any) -> bool:
        """Whether only a few are left."""
        few: int = settings.LOW_STOCK_THRESHOLD
        return 0 < int(variant.stock) <= few


class ImageOutput(Output):
    """A picture of the product, of one variant when `variant_id` says so."""

    url = ImageUrl(source="image")
    alt = serializers.CharField()
    variant_id = serializers.UUIDField(allow_null=True)


class CategoryLink(Output):
    """A category by name and address."""

    name = serializers.CharField()
    slug = serializers.SlugField()
    image = ImageUrl()


class ProductPage(ProductCard):
    """Everything that the product screen shows."""

    brand_slug = serializers.SlugField(source="brand.slug")
    description = serializers.CharField()
    gender = serializers.ChoiceField(choices=Gender.choices)
    age_min_months = serializers.IntegerField()
    age_max_months = serializers.IntegerField()
    rating_count = serializers.IntegerField(help_text="0 when nobody has rated it.")
    attributes = serializers.DictField()
    breadcrumbs = CategoryLink(many=True)
    variants = VariantOutput(many=True)
    images = ImageOutput(many=True)
    related = ProductCard(many=True, help_text="What may be bought instead, in stock first.")


class FacetValue(Output):
    """A value to filter by, and how many of the products found have it."""

    value = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    count = serializers.IntegerField()


class PriceRange(Output):
    """The cheapest and the dearest product found; null when none was."""

    min = Amount(allow_null=True)
    max = Amount(allow_null=True)


class Facets(Output):
    """How the products found divide; each facet is counted as if it were not filtered by."""

    categories = FacetValue(many=True)
    brands = FacetValue(many=True)
    genders = FacetValue(many=True)
    sizes = FacetValue(many=True)
    colours = FacetValue(many=True)
    ages = FacetValue(many=True)
    discounts = FacetValue(many=True)
    ratings = FacetValue(many=True)
    in_stock = serializers.IntegerField(help_text="How many can be bought now.")
    price = PriceRange()
    total = serializers.IntegerField(help_text="How many products are in the whole list.")
    approximate = serializers.ListField(
        child=serializers.CharField(),
        help_text=(
            "Which of these are estimates, rounded to two digits. Never those of a list of up to "
            "a thousand products, of the whole shop, or of one category, brand or gender."
        ),
    )


class ProductList(Paged):
    """A page of products and the facets of the whole list."""

    results = ProductCard(many=True)
    facets = Facets()


class Instead(Output):
    """Where a search that finds nothing may go on."""

    searches = serializers.ListField(
        child=serializers.CharField(), help_text="Words to search for; at most five."
    )
    categories = CategoryLink(many=True)
    products = ProductCard(many=True)


class SearchList(ProductList):
    """What a search finds, the best first."""

    corrected = serializers.CharField(
        allow_null=True, help_text="The words searched, where some were taken for mistyped."
    )
    instead = Instead(allow_null=True, help_text="Null unless nothing was found.")


class CategoryNode(Output):
    """A category with what is below it."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    slug = serializers.SlugField()
    image = ImageUrl()

    def get_fields(self) -> dict[str, Any]:
        """The tree repeats itself one level down."""
        return {**super().get_fields(), "children": CategoryNode(many=True)}


class CategoryTree(Paged):
    """The whole tree at once; `next` and `previous` are always null."""

    results = CategoryNode(many=True)


class Banner(Output):
    """A picture that leads somewhere."""

    image = ImageUrl()
    link = serializers.CharField()
    alt = serializers.CharField()


class AgeBand(Output):
    """An age to shop for."""

    value = serializers.CharField(help_text="As `age_band` of a product list takes it.")
    label = serializers.CharField()  # type: ignore[assignment]
    link = serializers.CharField()


class SectionOutput(Output):
    """A section of the home screen; which of its contents is filled follows from its kind."""

    id = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=SectionKind.choices)
    title = serializers.CharField()
    banner = Banner(allow_null=True)
    categories = CategoryLink(many=True)
    ages = AgeBand(many=True)
    products = ProductCard(many=True)
    link = serializers.CharField(
        allow_null=True, help_text="The list of all such products, where a rule chose them."
    )


class Home(Output):
    """The home screen from top to bottom."""

    sections = SectionOutput(many=True)


class SuggestQuery(StrictSerializer):
    """What was typed so far."""

    q = serializers.CharField(max_length=80, help_text="What was typed so far.")


class Suggestion(Output):
    """A name to go on with and what it leads to."""

    kind = serializers.ChoiceField(choices=["category", "brand", "product"])
    text = serializers.CharField()
    slug = serializers.SlugField()


class Suggestions(Output):
    """At most ten, categories and brands first."""

    results = Suggestion(many=True)
