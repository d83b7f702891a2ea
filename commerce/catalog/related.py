"""What a shopper who looks at a product may like instead, in two queries."""

from __future__ import annotations

from typing import Any

from commerce.catalog.cards import cards_of
from commerce.catalog.models import Product
from commerce.core import prepared

RELATED = 12
OF_EACH_CATEGORY = 24  # the most popular ones are looked at
# Those of the same category come first, then those of the categories beside it; within each those
# of the same brand and for the same age and child. What is sold out comes after all others.
LIKE_IT = """
WITH shown AS (
    SELECT p.id, p.brand_id, p.category_id, p.gender, p.age_min_months, p.age_max_months,
           c.parent_id
    FROM products p JOIN categories c ON c.id = p.category_id WHERE p.id = %(id)s
),
beside AS (
    SELECT category_id AS id FROM shown
    UNION
    SELECT c.id FROM shown s JOIN categories c ON c.parent_id = s.parent_id
    WHERE c.is_active AND NOT c.is_deleted
),
stocked AS (SELECT id::integer FROM shelf_terms WHERE facet = 'stock' AND value = 'true')
SELECT n.id
FROM beside b
CROSS JOIN LATERAL (
    SELECT p.id, p.category_id, p.brand_id, p.gender, p.age_min_months, p.age_max_months,
           p.popularity
    FROM products p
    WHERE p.category_id = b.id AND p.status = 'active' AND NOT p.is_deleted
      AND p.published_at <= now()
    ORDER BY p.popularity DESC, p.id DESC LIMIT %(looked_at)s::integer
) n
CROSS JOIN shown s
LEFT JOIN shelf_products shelf ON shelf.product_id = n.id
WHERE n.id <> s.id
ORDER BY COALESCE(shelf.terms @> ARRAY[(SELECT id FROM stocked)], FALSE) DESC,
         n.category_id = s.category_id DESC,
         (n.brand_id = s.brand_id)::integer
             + (n.age_min_months < s.age_max_months
                AND n.age_max_months > s.age_min_months)::integer
             + (n.gender IN (s.gender, 'unisex') OR s.gender = 'unisex')::integer DESC,
         n.popularity DESC, n.id DESC
LIMIT %(wanted)s::integer
"""


def related_to(product: Product) -> list[dict[str, Any]]:
    """The cards of at most twelve products like this one, those in stock first."""
    values = {"id": product.pk, "looked_at": OF_EACH_CATEGORY, "wanted": RELATED}
    found = prepared.public_rows(LIKE_IT, values)
    cards = cards_of([row["id"] for row in found])
    return sorted(cards, key=lambda one: not one["in_stock"])
