"""The cards of products: one statement, planned once per connection."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from commerce.core import prepared

SLUG = re.compile(r"[-a-zA-Z0-9_]+")
# As `reads.product_cards` says it, but the cheapest variant is looked for once instead of thrice.
CARDS = """
SELECT p.id, p.slug, p.name, b.name AS brand__name, v.price, v.mrp,
       floor((v.mrp - v.price) * 100 / v.mrp)::integer AS discount_percent,
       (SELECT i.image FROM product_images i WHERE i.product_id = p.id AND NOT i.is_deleted
        ORDER BY i.position, i.id LIMIT 1) AS image,
       p.rating,
       COALESCE((SELECT TRUE FROM variants s JOIN available_stock a ON a.variant_id = s.id
                 WHERE s.product_id = p.id AND s.status = 'active' AND NOT s.is_deleted
                   AND a.available > 0 LIMIT 1), FALSE) AS in_stock
FROM products p
JOIN brands b ON b.id = p.brand_id
CROSS JOIN LATERAL (
    SELECT s.price, s.mrp FROM variants s
    WHERE s.product_id = p.id AND s.status = 'active' AND NOT s.is_deleted
    ORDER BY s.price, s.mrp DESC, s.id LIMIT 1
) v
WHERE p.id = ANY(%(ids)s::uuid[] || ARRAY(
          SELECT k.id FROM products k WHERE k.slug = ANY(%(slugs)s::text[])))
  AND p.status = 'active' AND NOT p.is_deleted
  AND p.published_at <= statement_timestamp()
"""


def cards_of(ids: Sequence[UUID]) -> list[dict[str, Any]]:
    """The cards of those of the products that are visible, in the order of `ids`."""
    cards = {row["id"]: row for row in found_by(ids)}
    return [cards[key] for key in ids if key in cards]


def found_by(ids: Iterable[UUID], slugs: Iterable[str] = ()) -> list[dict[str, Any]]:
    """The cards of the visible products that have one of the keys or slugs, in no order."""
    texts = [one for one in slugs if SLUG.fullmatch(one)]
    values = {"ids": _array(map(str, ids)), "slugs": _array(texts)}
    return prepared.public_rows(CARDS, values)


def _array(words: Iterable[str]) -> str:
    """As one text: lists of different lengths and values would be planned by their types."""
    return "{" + ",".join(f'"{word}"' for word in words) + "}"  # quoted, `null` is a slug
