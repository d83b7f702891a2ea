"""The words and weights of the made-up shop, as temporary tables that the steps in SQL read."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import timedelta
from itertools import accumulate, chain, pairwise, product
from typing import Any

from django.db.backends.utils import CursorWrapper
from django.utils.text import slugify

from commerce.catalog.models import Brand, Category
from commerce.coupons.models import Coupon, CouponKind, CouponStatus
from commerce.seed.catalogue import brands, categories, colour_code, size_code, slug_of
from commerce.seed.data import story
from commerce.seed.data.every import KINDS
from commerce.seed.data.hindi import HINDI
from commerce.seed.data.kinds import Kind
from commerce.seed.data.looks import COLOURS, MOTIFS, SIZES, STYLES
from commerce.seed.data.people import BUILDINGS, HOUSES, LANDMARKS, PEOPLE, STREETS
from commerce.seed.data.tree import BRAND_FIRSTS, BRAND_SECONDS, BRANDS
from commerce.seed.history import day_weight
from commerce.seed.network import SHIPPING_RULES
from commerce.seed.pictures import folder_of
from commerce.seed.world import DAYS_PER_MONTH, World
from commerce.shipping.models import ServiceablePincode

LARGE = 5000  # products from which on the shop has hundreds of brands
UNPAID_FOR = timedelta(minutes=25)  # what was ordered last of all still waits for its money
WAITING_AT_LEAST, WAITING_EVERY = 3, 5000
POSSIBLE_COUPONS = (CouponKind.PERCENTAGE, CouponKind.FLAT, CouponKind.FREE_SHIPPING)


def write(cursor: CursorWrapper, world: World, orders: int) -> None:
    """Make the tables that say what there is to choose from, and how often it is chosen."""
    waiting = max(min(orders, WAITING_AT_LEAST), orders // WAITING_EVERY)
    places = len(world.warehouses)
    scale = (world.products, orders, world.customers, places, world.now, world.opening, waiting)
    columns = (
        "products bigint, orders bigint, customers bigint, warehouses integer,"
        " now timestamptz, opening timestamptz, waiting bigint"
    )
    _table(cursor, "seed_scale", columns, [scale])
    _table(
        cursor,
        "seed_hours",
        "starts timestamptz, before bigint, upto bigint",
        _hours(world, orders - waiting),
    )
    _kinds(cursor, world)
    _places(cursor, world)
    _people(cursor)
    _trade(cursor, world)


def coupons(cursor: CursorWrapper) -> None:
    """Make the table of the coupons that can be used, each with the kinds that it is for."""
    paths = dict(Category.objects.values_list("slug", "path"))
    known = Coupon.objects.filter(status=CouponStatus.ACTIVE, kind__in=POSSIBLE_COUPONS)
    rows = []
    for n, coupon in enumerate(known.filter(ends_at=None).order_by("code"), start=1):
        scopes = tuple(coupon.scopes.values_list("category__path", flat=True))
        kinds = [k for k, kind in enumerate(KINDS) if paths[kind.category].startswith(scopes)]
        limits = (coupon.total_limit, coupon.per_user_limit, coupon.first_order_only)
        amounts = (coupon.value, coupon.max_discount, coupon.min_subtotal)
        whose = kinds if scopes else None
        rows.append((n, coupon.id, coupon.code, coupon.kind, *amounts, *limits, whose))
    columns = (
        "n integer, id uuid, code text, kind text, value numeric, max_discount numeric,"
        " min_subtotal numeric, total_limit bigint, per_user_limit bigint,"
        " first_order_only boolean, kinds integer[]"
    )
    _table(cursor, "seed_coupons", columns, rows)


def _hours(world: World, orders: int) -> list[tuple[Any, ...]]:
    """How many orders had been placed before and after each hour, by the curve of trade."""
    days = world.months * DAYS_PER_MONTH + 1
    starts = [world.opening + timedelta(hours=hour) for hour in range(days * 24)]
    weights = [
        day_weight(n // 24, days)
        * story.HOURS[n % 24]
        * (start + timedelta(hours=1) <= world.now - UNPAID_FOR)
        for n, start in enumerate(starts)
    ]
    sums = list(accumulate(weights, initial=0.0))
    counts = [round(orders * sum_ / sums[-1]) for sum_ in sums]
    return [
        (start, before, upto)
        for start, (before, upto) in zip(starts, pairwise(counts), strict=True)
        if before < upto
    ]


def _kinds(cursor: CursorWrapper, world: World) -> None:
    tree = {slug: row.id for slug, row in categories(world).items()}
    makers = dict(BRANDS)
    if world.products > LARGE:
        extra = [f"{first} {second}" for first, second in product(BRAND_FIRSTS, BRAND_SECONDS)]
        for number, group in enumerate(BRANDS):
            makers[group] = (*BRANDS[group], *extra[number :: len(BRANDS)])
    known = brands(world, chain.from_iterable(makers.values()))
    rows = [
        _kind(k, kind, tree, [known[n] for n in makers[kind.brands]])
        for k, kind in enumerate(KINDS)
    ]
    columns = (
        "k integer, name text, slug text, hindi text, category_id uuid, gender text, about text,"
        " attributes jsonb, low float8, high float8, hsn text, gst_below numeric,"
        " gst_above numeric, brand_ids uuid[], brand_names text[], brand_slugs text[],"
        " sizes text[], size_codes text[], ages_from integer[], ages_to integer[],"
        " colours text[], colour_codes text[], colour_slugs text[], motifs text[],"
        " motif_slugs text[], pictures text"
    )
    _table(cursor, "seed_kinds", columns, rows)
    picks = [k for k, kind in enumerate(KINDS) for _ in range(kind.weight)]
    _table(cursor, "seed_kind_picks", "kinds integer[]", [(picks,)])
    _table(cursor, "seed_words", "n integer, word text", list(enumerate(STYLES, start=1)))


def _kind(k: int, kind: Kind, tree: dict[str, Any], makers: list[Brand]) -> tuple[Any, ...]:
    sizes, colours, motifs = SIZES[kind.sizes], COLOURS[kind.colours], MOTIFS[kind.motifs]
    return (
        k,
        kind.name,
        slug_of(kind.name),
        HINDI[kind.name],
        tree[kind.category],
        kind.gender,
        " ".join(kind.about),
        json.dumps(kind.attributes),
        kind.low,
        kind.high,
        kind.hsn,
        *kind.gst,
        [brand.id for brand in makers],
        [brand.name for brand in makers],
        [brand.slug for brand in makers],
        [size[0] for size in sizes],
        [size_code(size[0]) for size in sizes],
        [size[1] for size in sizes],
        [size[2] for size in sizes],
        list(colours),
        [colour_code(colour) for colour in colours],
        [slugify(colour) for colour in colours],
        list(motifs),
        [slugify(motif) for motif in motifs],
        folder_of(kind),
    )


def _places(cursor: CursorWrapper, world: World) -> None:
    """Warehouses by number, and the pincodes served, each with its nearest warehouse."""
    rows = [(w, row.id, row.code, row.state) for w, row in enumerate(world.warehouses, start=1)]
    _table(cursor, "seed_warehouses", "w integer, id uuid, code text, state text", rows)
    nearest: dict[str, tuple[int, int]] = {}
    for w, place in enumerate(world.warehouses, start=1):
        for region in place.regions.all():
            best = nearest.get(region.prefix, (region.priority, w))
            nearest[region.prefix] = min(best, (region.priority, w))
    served = ServiceablePincode.objects.filter(is_serviceable=True).order_by("pincode")
    _table(
        cursor,
        "seed_places",
        "p integer, pincode text, city text, state text, cod_allowed boolean, w integer",
        [
            (p, row.pincode, row.city, row.state, row.cod_allowed, nearest[row.pincode[0]][1])
            for p, row in enumerate(served, start=1)
        ],
    )


def _people(cursor: CursorWrapper) -> None:
    names = [
        f"{first} {family}"
        for firsts, families in PEOPLE
        for first, family in product(firsts, families)
    ]
    _table(cursor, "seed_names", "n integer, name text", list(enumerate(names, start=1)))
    streets = [", ".join(filter(None, pair)) for pair in product(STREETS, LANDMARKS)]
    _table(
        cursor,
        "seed_address_words",
        "line1 text[], buildings text[], streets text[]",
        [(list(HOUSES), list(BUILDINGS), streets)],
    )


def _trade(cursor: CursorWrapper, world: World) -> None:
    (_, _, fee, cod_fee), (_, free_from, *_) = SHIPPING_RULES
    _table(
        cursor,
        "seed_fees",
        "free_from numeric, shipping_fee numeric, cod_fee numeric, now timestamptz",
        [(free_from, fee, cod_fee, world.now)],
    )
    words = [
        list(story.CANCEL_REASONS),
        list(story.CARRIERS),
        list(story.CARRIERS.values()),
        list(story.RETURN_REASONS),
    ]
    columns = "reasons text[], carriers text[], prefixes text[], return_reasons text[]"
    _table(cursor, "seed_story", columns, [words])


def _table(cursor: CursorWrapper, name: str, columns: str, rows: Sequence[Sequence[Any]]) -> None:
    cursor.execute(f"CREATE TEMP TABLE {name} ({columns})")
    with cursor.copy(f"COPY {name} FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
    cursor.execute(f"ANALYZE {name}")
