"""The shelf: what lists read instead of the catalogue (docs/search.md).

Derived from the catalogue, to be thrown away and made again at will.
"""

from __future__ import annotations

from django.db import migrations

TABLES = """
CREATE TABLE shelf_products (
    product_id uuid PRIMARY KEY,
    place bigint NOT NULL UNIQUE,
    price numeric(12, 2) NOT NULL,
    discount bigint NOT NULL,
    rating numeric(2, 1) NOT NULL,
    rating_count bigint NOT NULL,
    popularity bigint NOT NULL,
    published_at timestamptz NOT NULL,
    age_min bigint NOT NULL,
    age_max bigint NOT NULL,
    -- squawk-ignore prefer-bigint-over-int
    terms integer[] NOT NULL,
    -- squawk-ignore prefer-bigint-over-int
    figures integer[] NOT NULL,
    title tsvector NOT NULL,
    body tsvector NOT NULL
);
CREATE INDEX shelf_popular ON shelf_products (popularity, product_id);
CREATE INDEX shelf_newest ON shelf_products (published_at, product_id);
CREATE INDEX shelf_price ON shelf_products (price, product_id);
CREATE INDEX shelf_discount ON shelf_products (discount, popularity, product_id);
CREATE INDEX shelf_rating ON shelf_products (rating, rating_count, product_id);
CREATE INDEX shelf_found_by ON shelf_products USING gin (terms);
CREATE INDEX shelf_title ON shelf_products USING gin (title);
CREATE INDEX shelf_body ON shelf_products USING gin (body);

CREATE TABLE shelf_terms (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    facet varchar(10) NOT NULL,
    value varchar(80) NOT NULL,
    other varchar(80) NOT NULL DEFAULT '',
    UNIQUE (facet, value, other)
);

-- Bit n of a term's row of a chunk is set when the product at place n * chunks + chunk has it.
CREATE TABLE shelf_bits (
    term bigint NOT NULL,
    chunk bigint NOT NULL,
    bits bit varying NOT NULL,
    PRIMARY KEY (term, chunk)
);
ALTER TABLE shelf_bits ALTER bits SET STORAGE PLAIN;

-- How many products of a scope (0: the whole shelf) have a term.
CREATE TABLE shelf_counts (
    scope bigint NOT NULL,
    term bigint NOT NULL,
    count bigint NOT NULL,
    PRIMARY KEY (scope, term)
);
CREATE TABLE shelf_scopes (
    scope bigint PRIMARY KEY,
    count bigint NOT NULL,
    min_price numeric(12, 2),
    max_price numeric(12, 2)
);

CREATE TABLE shelf_state (
    id bigint PRIMARY KEY DEFAULT 1 CHECK (id = 1),
    chunks bigint NOT NULL,
    width bigint NOT NULL,
    next_place bigint NOT NULL,
    seen_until timestamptz NOT NULL
);

-- The words of visible products, in how many names and labels and in how many texts they stand;
-- `keys` are the word with each one letter left out, which is how typing errors are found.
CREATE TABLE shelf_words (
    word varchar(40) PRIMARY KEY,
    in_titles bigint NOT NULL,
    in_bodies bigint NOT NULL,
    keys varchar(40)[] NOT NULL
);
CREATE INDEX shelf_words_begin ON shelf_words (word varchar_pattern_ops);
CREATE INDEX shelf_words_keys ON shelf_words USING gin (keys);
"""
DROP = """
DROP TABLE shelf_products, shelf_terms, shelf_bits, shelf_counts, shelf_scopes, shelf_words,
    shelf_state
"""


class Migration(migrations.Migration):
    dependencies = [("catalog", "0001_initial")]

    operations = [migrations.RunSQL(TABLES, DROP)]
