"""Categories, brands, products, variants and images."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from datetime import timedelta
from decimal import Decimal
from itertools import accumulate, chain, cycle, islice
from math import sqrt

from django.utils.text import slugify

from commerce.catalog.models import Brand, Category, Product, ProductImage, Variant
from commerce.seed.data.every import KINDS
from commerce.seed.data.kinds import Kind
from commerce.seed.data.looks import COLOURS, MOTIFS, SIZES
from commerce.seed.data.tree import BRANDS, TREE
from commerce.seed.pictures import picture
from commerce.seed.world import World

DISCOUNTS = (0, 0, 10, 15, 20, 20, 25, 30, 30, 40, 50)
GST_STEP = Decimal(2625)  # 2,500 rupees and 5 % on them
OLDEST_PRODUCT_DAYS = 420
NEWEST_SHARE = 0.12  # of the products arrived in the last month
MOST_APPEAL = 12.0  # as far as ratings go: a small shop's best seller has some dozens
BATCH = 500


def build(world: World) -> None:
    """Create the whole catalogue; fills `world.variants` and each one's appeal to shoppers."""
    tree = categories(world)
    makers = brands(world, chain.from_iterable(BRANDS.values()))
    chance = world.fork("catalogue")
    products: list[Product] = []
    variants: list[Variant] = []
    images: list[ProductImage] = []
    for number, (kind, motif) in enumerate(_plan(chance, world.products), start=1):
        brand = makers[chance.choice(BRANDS[kind.brands])]
        product, made = _product(world, chance, number, kind, motif, brand)
        product.category = tree[kind.category]
        products.append(product)
        variants += made
        images += _images(world, product, made, kind, motif)
    Product.objects.bulk_create(products, batch_size=BATCH)
    Variant.objects.bulk_create(variants, batch_size=BATCH)
    ProductImage.objects.bulk_create(images, batch_size=BATCH)
    for product in products:
        product.created_at = product.published_at
    Product.objects.bulk_update(products, ["created_at"], batch_size=BATCH)
    world.variants = variants
    world.appeal_sums = list(accumulate(world.appeal[variant.id] for variant in variants))


def slug_of(name: str) -> str:
    """The slug of a name, with `&` read aloud."""
    return slugify(name.replace("&", "and"))


def colour_code(colour: str) -> str:
    """A colour as it stands in a SKU."""
    return "".join(word[:3] for word in colour.split()[:2]).upper()


def size_code(size: str) -> str:
    """A size as it stands in a SKU."""
    return slugify(size).upper()


def categories(world: World) -> dict[str, Category]:
    """Create the category tree and answer its nodes by slug."""
    made: dict[str, Category] = {}

    def add(name: str, parent: Category | None, position: int) -> Category:
        slug = slug_of(name)
        path = f"{parent.path if parent else '/'}{slug}/"
        made[slug] = Category(
            id=world.key(),
            name=name,
            slug=slug,
            parent=parent,
            path=path,
            position=position,
            image=f"categories/{slug}.svg",
        )
        return made[slug]

    for first, (root, groups) in enumerate(TREE.items()):
        top = add(root, None, first)
        for second, (group, leaves) in enumerate(groups.items()):
            middle = add(group, top, second)
            for third, leaf in enumerate(leaves):
                add(leaf, middle, third)
    Category.objects.bulk_create(made.values())
    return made


def brands(world: World, names: Iterable[str]) -> dict[str, Brand]:
    """Create the brands and answer them by name."""
    rows = [Brand(id=world.key(), name=name, slug=slug_of(name)) for name in names]
    return {row.name: row for row in Brand.objects.bulk_create(rows)}


def _plan(chance: random.Random, count: int) -> Iterator[tuple[Kind, str]]:
    """`count` products: each kind as often as its weight says, each time with another motif."""
    order = [kind for kind in KINDS for _ in range(kind.weight)]
    chance.shuffle(order)
    motifs = {
        kind.name: cycle(chance.sample(MOTIFS[kind.motifs], len(MOTIFS[kind.motifs])))
        for kind in KINDS
    }
    for kind in islice(cycle(order), count):
        yield kind, next(motifs[kind.name])


def _product(
    world: World, chance: random.Random, number: int, kind: Kind, motif: str, brand: Brand
) -> tuple[Product, list[Variant]]:
    appeal = chance.paretovariate(1.1)
    sizes = _sizes(chance, kind)
    price = _shop_price(chance.triangular(kind.low, kind.high, kind.low * 1.25))
    days = OLDEST_PRODUCT_DAYS * chance.random() if chance.random() > NEWEST_SHARE else 30.0
    days *= chance.uniform(0.1, 1)
    ratings = int(min(appeal, MOST_APPEAL) * chance.uniform(0.1, 0.4) * sqrt(days))
    name = f"{motif} {kind.name}"
    product = Product(
        id=world.key(),
        slug=f"{slug_of(brand.name)}-{slug_of(name)}-{number}",
        name=name,
        description=f"{kind.about[0]} {kind.about[1]} By {brand.name}.",
        brand=brand,
        status="active",
        gender=kind.gender,
        age_min_months=sizes[0][1],
        age_max_months=sizes[-1][2],
        attributes=kind.attributes,
        hsn_code=kind.hsn,
        gst_rate=Decimal(kind.gst[price > GST_STEP]),
        rating=Decimal(str(round(min(4.9, max(3.1, chance.gauss(4.3, 0.3))), 1))) if ratings else 0,
        rating_count=ratings,
        popularity=int(appeal * 100),
        published_at=world.now - timedelta(days=days, minutes=number),
    )
    discount = chance.choice(DISCOUNTS)
    shades = COLOURS[kind.colours]
    colours = chance.sample(shades, min(len(shades), chance.choice((1, 2, 2, 3))))
    made = [
        _variant(world, product, number, size[0], colour, price + 50 * (rank > 2), discount, n)
        for n, (colour, (rank, size)) in enumerate(
            (colour, size) for colour in colours for size in enumerate(sizes)
        )
    ]
    for variant in made:
        world.appeal[variant.id] = appeal * chance.uniform(0.4, 1.6)
    return product, made


def _sizes(chance: random.Random, kind: Kind) -> tuple[tuple[str, int, int], ...]:
    """A run of neighbouring sizes."""
    known = SIZES[kind.sizes]
    count = min(len(known), chance.choice((3, 4, 4, 5, 6)))
    first = chance.randint(0, len(known) - count)
    return known[first : first + count]


def _variant(
    world: World,
    product: Product,
    number: int,
    size: str,
    colour: str,
    price: int,
    discount: int,
    position: int,
) -> Variant:
    mrp = max(_shop_price(price * 100 / (100 - discount)), price)
    return Variant(
        id=world.key(),
        product=product,
        sku=f"KS{number:04d}-{colour_code(colour)}-{size_code(size)}",
        size=size,
        colour=colour,
        price=Decimal(price),
        mrp=Decimal(mrp),
        position=position,
    )


def _shop_price(rupees: float) -> int:
    """The nearest price that ends in 49 or 99."""
    return max(round(rupees / 50) * 50, 100) - 1


def _images(
    world: World, product: Product, variants: list[Variant], kind: Kind, motif: str
) -> list[ProductImage]:
    """The product from the front and from close by, then once in each other colour."""
    firsts = {variant.colour: variant for variant in reversed(variants)}
    shown = variants[0].colour
    shots: list[tuple[str, str, Variant | None]] = [
        (picture(kind, motif, shown, "front"), product.name, None),
        (picture(kind, motif, shown, "detail"), f"{product.name}, detail", None),
    ]
    shots += [
        (picture(kind, motif, colour, "front"), f"{product.name} in {colour}", variant)
        for colour, variant in sorted(firsts.items())
    ]
    return [
        ProductImage(
            id=world.key(),
            product=product,
            variant=variant,
            image=image,
            alt=alt,
            position=position,
        )
        for position, (image, alt, variant) in enumerate(shots)
    ]
