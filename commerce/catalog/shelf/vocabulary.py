"""The words of the shelf: how often each occurs, and under which keys a mistyped one is found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from django.db import connection

from commerce.catalog.shelf.rows import Row
from commerce.catalog.splitting import inflections, singular_of
from commerce.catalog.wording import alike, keys_of
from commerce.core.replica import reading

CHANGE = """
INSERT INTO shelf_words AS w (word, in_titles, in_bodies, keys)
SELECT word, in_titles, in_bodies, string_to_array(keys, ' ')
FROM unnest(%s::text[], %s::integer[], %s::integer[], %s::text[])
    AS n (word, in_titles, in_bodies, keys)
ON CONFLICT (word) DO UPDATE
SET in_titles = w.in_titles + EXCLUDED.in_titles, in_bodies = w.in_bodies + EXCLUDED.in_bodies
"""


def change(changes: Iterable[tuple[Row | None, Row | None]]) -> None:
    """Bring the counts up to date with rows as they were before and are after."""
    titles: Counter[str] = Counter()
    bodies: Counter[str] = Counter()
    for before, after in changes:
        for row, step in ((before, -1), (after, 1)):
            if row is not None:
                titles.update(dict.fromkeys(row.title, step))
                bodies.update(dict.fromkeys(row.body, step))
    store(titles, bodies)


def store(titles: Counter[str], bodies: Counter[str]) -> None:
    """Add to the counts, and forget the words that no product has any more."""
    words = sorted(word for word in bodies if titles[word] or bodies[word])
    if not words:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            CHANGE,
            [
                words,
                [titles[word] for word in words],
                [bodies[word] for word in words],
                [" ".join(sorted(keys_of(word))) for word in words],
            ],
        )
        cursor.execute("DELETE FROM shelf_words WHERE in_bodies <= 0 AND word = ANY(%s)", [words])


# The operators compare byte by byte, so that the index of beginnings is used. `words` and `forms`
# are pairs: each word with itself and with its singulars.
FORMS = """
WITH pairs AS (SELECT * FROM unnest(%(words)s::text[], %(forms)s::text[]) AS p (word, form))
SELECT w.word, f.word
FROM (SELECT DISTINCT word FROM pairs) w
CROSS JOIN LATERAL (
    SELECT s.word FROM shelf_words s
    WHERE s.word ~>=~ w.word AND s.word ~<~ (w.word || chr(1114111))
    ORDER BY s.word = w.word DESC, s.in_bodies DESC, s.word LIMIT %(most)s
) f
UNION ALL
SELECT w.word, s.word FROM pairs w JOIN shelf_words s ON s.word = w.form
UNION ALL
SELECT w.word, s.word
FROM pairs w
JOIN search_synonyms g ON g.words @> ARRAY[w.form]::varchar[] AND NOT g.is_deleted
CROSS JOIN LATERAL unnest(g.words) AS m (word)
JOIN shelf_words s ON s.word IN (m.word, m.word || 's', m.word || 'es')
"""
NEAR = """
SELECT w.word, w.form, s.word, s.in_bodies, s.in_titles > 0
FROM unnest(%s::text[], %s::text[], %s::text[]) AS w (word, form, keys)
JOIN shelf_words s ON s.keys && string_to_array(w.keys, ' ')::varchar[]
"""
NAMED = """
SELECT min(n.names) FROM unnest(%s::text[]) AS w (word) CROSS JOIN LATERAL (
    SELECT COALESCE(sum(s.in_titles), 0) AS names FROM shelf_words s
    WHERE s.word ~>=~ w.word AND s.word ~<~ (w.word || chr(1114111))
) n
"""
FORMS_MOST = 20  # of the words that begin as typed, the most frequent
NEAR_MOST = 3
RARE = 100  # times less frequent than another word as near: more likely a slip of the shop's own


def forms_of(words: Sequence[str]) -> dict[str, list[str]]:
    """For each word the words of the shelf that count as it.

    They are the word itself, singular or plural, or what begins so when it is no word of its own,
    and its synonyms.
    """
    found: dict[str, list[str]] = {word: [] for word in words}
    given, forms = zip(*inflections(words), strict=True)
    with reading().cursor() as cursor:
        values: dict[str, Any] = {"words": list(given), "forms": list(forms), "most": FORMS_MOST}
        cursor.execute(FORMS, values)
        for word, form in cursor.fetchall():
            found[word].append(form)
    return {word: _meant(word, forms) for word, forms in found.items()}


def _meant(word: str, forms: list[str]) -> list[str]:
    if word not in forms:
        return list(dict.fromkeys(forms))
    others = [one for one in forms if not one.startswith(word) or singular_of(one) == word]
    return list(dict.fromkeys([word, *others]))


def rare(words: Sequence[str], most: int) -> bool:
    """Whether one of the words begins no words but such as stand in few names, `most` together."""
    with reading().cursor() as cursor:
        cursor.execute(NAMED, [list(words)])
        return bool(cursor.fetchone()[0] <= most)


def near(words: Sequence[str]) -> dict[str, list[str]]:
    """For each word the words of the shelf that it may be a slip or another spelling of.

    They are the nearest ones, those of names before those that only texts have; a word that is far
    rarer than another as near is taken for a slip itself. Figures are never taken for others.
    """
    mistyped = [word for word in words if not any(letter.isdigit() for letter in word)]
    found: dict[str, list[Near]] = {word: [] for word in words}
    pairs = list(inflections(mistyped))
    keys = [" ".join(sorted(keys_of(form))) for _, form in pairs]
    with reading().cursor() as cursor:
        cursor.execute(NEAR, [[word for word, _ in pairs], [form for _, form in pairs], keys])
        for word, typed, form, count, named in cursor.fetchall():
            far = alike(typed, form)
            if far is not None:
                found[word].append(Near(far, not named, -count, form))
    return {word: _nearest(of) for word, of in found.items()}


class Near(NamedTuple):
    """A word as near as this; in order, the likeliest first."""

    far: int
    unnamed: bool
    uncommon: int
    word: str


def _nearest(found: Sequence[Near]) -> list[str]:
    if not found:
        return []
    best = min(found)
    return [
        one.word
        for one in sorted(set(found))[:NEAR_MOST]
        if one[:2] == best[:2] and one.uncommon * RARE <= best.uncommon
    ]
