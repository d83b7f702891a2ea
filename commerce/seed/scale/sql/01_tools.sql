-- Chance that depends on nothing but the seed: the same number always draws the same.
-- `salt` tells one question about the same row from another.
CREATE FUNCTION pg_temp.draw(n bigint, salt bigint) RETURNS bigint LANGUAGE sql IMMUTABLE
RETURN hashint8extended(n, salt * 1000003 + :random_seed);

-- From 0 to just under 1.
CREATE FUNCTION pg_temp.chance(n bigint, salt bigint) RETURNS float8 LANGUAGE sql IMMUTABLE
RETURN (pg_temp.draw(n, salt) & 4503599627370495)::float8 / 4503599627370496;

-- One of the places 1 to `size` of a list.
CREATE FUNCTION pg_temp.pick(n bigint, salt bigint, size integer) RETURNS integer LANGUAGE sql
IMMUTABLE
RETURN 1 + floor(pg_temp.chance(n, salt) * size)::integer;

-- So much time, between two limits in hours.
CREATE FUNCTION pg_temp.hours(n bigint, salt bigint, shortest float8, longest float8) RETURNS interval
LANGUAGE sql IMMUTABLE
RETURN (shortest + (longest - shortest) * pg_temp.chance(n, salt)) * interval '1 hour';

-- The UUIDv7 of a moment.
CREATE FUNCTION pg_temp.key(moment timestamptz, n bigint, salt bigint) RETURNS uuid LANGUAGE sql
STABLE
RETURN (
    lpad(to_hex(((date_part('epoch', moment) * 1000)::bigint << 16)
                | (pg_temp.draw(n, salt + 500) & 4095) | 28672), 16, '0')
    || to_hex((pg_temp.draw(n, salt) & 4611686018427387903) | -9223372036854775808)
)::uuid;

-- The nearest price that ends in 49 or 99.
CREATE FUNCTION pg_temp.shop_price(rupees float8) RETURNS integer LANGUAGE sql IMMUTABLE
RETURN GREATEST(round(rupees / 50)::integer * 50, 100) - 1;
