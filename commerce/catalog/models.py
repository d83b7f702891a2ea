"""What the shop sells, and how the home screen shows it."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import models
from django.db.models.functions import Now

from commerce.core.models import Row, SoftDeleted, Versioned, money, one_of


class Category(Row, SoftDeleted):
    """A node of the category tree; `path` holds its slugs from the root, `/girls/dresses/`."""

    name = models.CharField(max_length=80)
    slug = models.SlugField(max_length=80, unique=True)
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="children"
    )
    path = models.CharField(max_length=300, unique=True, editable=False)
    position = models.PositiveIntegerField(default=0, db_default=0)
    image = models.CharField(max_length=300, blank=True, default="", db_default="")
    is_active = models.BooleanField(default=True, db_default=True)

    class Meta:
        db_table = "categories"
        verbose_name_plural = "categories"
        indexes: ClassVar = [
            models.Index(
                fields=["path"], name="categories_subtree", opclasses=["varchar_pattern_ops"]
            ),
        ]

    def __str__(self) -> str:
        return self.path


class Brand(Row, SoftDeleted):
    """A maker's name as shoppers know it."""

    name = models.CharField(max_length=80)
    slug = models.SlugField(max_length=80, unique=True)

    class Meta:
        db_table = "brands"

    def __str__(self) -> str:
        return self.name


class Gender(models.TextChoices):
    """Whom a product is cut for."""

    GIRL = "girl"
    BOY = "boy"
    UNISEX = "unisex"


class ProductStatus(models.TextChoices):
    """Only `active` is sold; `archived` stays for the orders that hold it."""

    DRAFT = "draft"
    ACTIVE = "active"
    ARCHIVED = "archived"


class Product(Row, SoftDeleted, Versioned):
    """What a product page shows; its variants are what is bought."""

    slug = models.SlugField(max_length=120, unique=True)
    name = models.CharField(max_length=160)
    description = models.TextField(blank=True, default="", db_default="")
    brand = models.ForeignKey(Brand, on_delete=models.PROTECT, related_name="products")
    category = models.ForeignKey(Category, on_delete=models.PROTECT, related_name="products")
    status = models.CharField(
        max_length=20, choices=ProductStatus, default=ProductStatus.DRAFT, db_default="draft"
    )
    gender = models.CharField(
        max_length=10, choices=Gender, default=Gender.UNISEX, db_default="unisex"
    )
    age_min_months = models.PositiveIntegerField(default=0, db_default=0)
    age_max_months = models.PositiveIntegerField(default=168, db_default=168)
    attributes = models.JSONField(
        default=dict, blank=True, db_default=models.Value({}, models.JSONField())
    )
    hsn_code = models.CharField(max_length=8)
    gst_rate = models.DecimalField(max_digits=4, decimal_places=2)
    rating = models.DecimalField(max_digits=2, decimal_places=1, default=0, db_default=0)
    rating_count = models.PositiveIntegerField(default=0, db_default=0)
    popularity = models.PositiveIntegerField(default=0, db_default=0)
    published_at = models.DateTimeField(db_default=Now())
    search = models.GeneratedField(
        expression=SearchVector("name", weight="A", config="simple")
        + SearchVector("description", weight="C", config="simple"),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    class Meta:
        db_table = "products"
        constraints: ClassVar = [
            one_of("status", ProductStatus, "products_status"),
            one_of("gender", Gender, "products_gender"),
            models.CheckConstraint(
                condition=models.Q(gst_rate__gte=0, gst_rate__lte=28), name="products_gst_rate"
            ),
            models.CheckConstraint(
                condition=models.Q(age_max_months__gte=models.F("age_min_months")),
                name="products_age_band",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["-published_at", "-id"],
                name="products_newest",
                condition=models.Q(status="active", is_deleted=False),
            ),
            models.Index(
                fields=["-popularity", "-id"],
                name="products_popular",
                condition=models.Q(status="active", is_deleted=False),
            ),
            models.Index(fields=["category", "-popularity", "-id"], name="products_of_category"),
            GinIndex(fields=["search"], name="products_search"),
        ]

    def __str__(self) -> str:
        return self.name


class VariantStatus(models.TextChoices):
    """An `inactive` variant stays for the orders that hold it."""

    ACTIVE = "active"
    INACTIVE = "inactive"


class Variant(Row, SoftDeleted, Versioned):
    """One size and colour of a product: the unit of price, stock and sale."""

    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="variants")
    sku = models.CharField(max_length=40, unique=True)
    size = models.CharField(max_length=20)
    colour = models.CharField(max_length=30)
    price = money()
    mrp = money()
    status = models.CharField(
        max_length=20, choices=VariantStatus, default=VariantStatus.ACTIVE, db_default="active"
    )
    position = models.PositiveIntegerField(default=0, db_default=0)

    class Meta:
        db_table = "variants"
        constraints: ClassVar = [
            one_of("status", VariantStatus, "variants_status"),
            models.CheckConstraint(
                condition=models.Q(price__gt=0, price__lte=models.F("mrp")), name="variants_price"
            ),
            models.UniqueConstraint(fields=["product", "size", "colour"], name="variants_once"),
        ]
        indexes: ClassVar = [models.Index(fields=["product", "price"], name="variants_price_idx")]

    def __str__(self) -> str:
        return self.sku


class ProductImage(Row, SoftDeleted):
    """An image of a product, perhaps of one variant; `image` is a path below the CDN's base URL."""

    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="images")
    variant = models.ForeignKey(
        Variant, on_delete=models.PROTECT, null=True, blank=True, related_name="images"
    )
    image = models.CharField(max_length=300)
    alt = models.CharField(max_length=160, blank=True, default="", db_default="")
    position = models.PositiveIntegerField(default=0, db_default=0)

    class Meta:
        db_table = "product_images"
        indexes: ClassVar = [
            models.Index(fields=["product", "position"], name="product_images_order")
        ]


class SectionKind(models.TextChoices):
    """How a home section gets its content."""

    BANNER = "banner"
    COLLECTION = "collection"
    CATEGORIES = "categories"
    AGES = "ages"
    NEWEST = "newest"
    POPULAR = "popular"


class HomeSection(Row, SoftDeleted):
    """A section of the home screen.

    `content` by kind: banner `{image, link, alt}`; collection `{products: [slug, …]}` or
    `{rule, limit}` (see `commerce.catalog.sections`); categories `{slugs: [slug, …]}`; ages
    `{bands: [band, …]}`; newest and popular `{limit}`.
    """

    title = models.CharField(max_length=120)
    kind = models.CharField(max_length=20, choices=SectionKind)
    content = models.JSONField(
        default=dict, blank=True, db_default=models.Value({}, models.JSONField())
    )
    position = models.PositiveIntegerField(default=0, db_default=0)
    is_active = models.BooleanField(default=True, db_default=True)
    starts_at = models.DateTimeField(null=True, blank=True)
    ends_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "home_sections"
        constraints: ClassVar = [one_of("kind", SectionKind, "home_sections_kind")]
        indexes: ClassVar = [models.Index(fields=["position"], name="home_sections_order")]

    def __str__(self) -> str:
        return self.title


class SearchSynonym(Row, SoftDeleted):
    """Words that mean the same to who searches: each finds what any of them finds."""

    words = ArrayField(models.CharField(max_length=40))

    class Meta:
        db_table = "search_synonyms"
        indexes: ClassVar = [GinIndex(fields=["words"], name="search_synonyms_words")]

    def __str__(self) -> str:
        return ", ".join(self.words)
