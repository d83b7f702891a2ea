"""The words of the shelf: how often each occurs, and under which keys a mistyped one is found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection

from commerce.catalog.shelf.rows import Row
from commerce.catalog.wording import alike, keys_of

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


# The operators compare byte by byte, so that the index of beginnings is used.
FORMS = """
SELECT w.word, f.word
FROM unnest(%(words)s::text[]) AS w (word)
CROSS JOIN LATERAL (
    SELECT s.word FROM shelf_words s
    WHERE s.word ~>=~ w.word AND s.word ~<~ (w.word || chr(1114111))
    ORDER BY s.word = w.word DESC, s.in_bodies DESC, s.word LIMIT %(most)s
) f
UNION ALL
SELECT w.word, s.word
FROM unnest(%(words)s::text[], %(singular)s::text[]) AS w (word, singular)
JOIN shelf_words s ON s.word = w.singular
UNION ALL
SELECT w.word, s.word
FROM unnest(%(words)s::text[], %(singular)s::text[]) AS w (word, singular)
JOIN search_synonyms g ON g.words && ARRAY[w.word, w.singular]::varchar[] AND NOT g.is_deleted
JOIN shelf_words s ON s.word = ANY(g.words)
"""
NEAR = """
SELECT w.word, s.word, s.in_bodies
FROM unnest(%s::text[], %s::text[]) AS w (word, keys)
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


def forms_of(words: Sequence[str]) -> dict[str, list[str]]:
    """For each word the words of the shelf that count as it.

    They are the word itself, singular or plural, or what begins so when it is no word of its own,
    and its synonyms.
    """
    found: dict[str, list[str]] = {word: [] for word in words}
    singular = [singular_of(word) for word in words]
    with connection.cursor() as cursor:
        values: dict[str, Any] = {"words": list(words), "singular": singular, "most": FORMS_MOST}
        cursor.execute(FORMS, values)
        for word, form in cursor.fetchall():
            found[word].append(form)
    return {word: _meant(word, forms) for word, forms in found.items()}


def singular_of(word: str) -> str:
    """The word without the ending of an English plural."""
    return word[:-2] if word.endswith(("shes", "sses", "xes")) else word.removesuffix("s")


def _meant(word: str, forms: list[str]) -> list[str]:
    if word not in forms:
        return list(dict.fromkeys(forms))
    others = [one for one in forms if not one.startswith(word) or singular_of(one) == word]
    return list(dict.fromkeys([word, *others]))


def rare(words: Sequence[str], most: int) -> bool:
    """Whether one of the words begins no words but such as stand in few names, `most` together."""
    with connection.cursor() as cursor:
        cursor.execute(NAMED, [list(words)])
        return bool(cursor.fetchone()[0] <= most)


def near(words: Sequence[str]) -> dict[str, list[str]]:
    """For each word the words of the shelf that it may be a slip or another spelling of."""
    found: dict[str, list[tuple[int, int, str]]] = {word: [] for word in words}
    keys = [" ".join(sorted(keys_of(word))) for word in words]
    with connection.cursor() as cursor:
        cursor.execute(NEAR, [list(words), keys])
        for word, form, count in cursor.fetchall():
            far = alike(word, form)
            if far is not None:
                found[word].append((far, -count, form))
    return {word: [form for _, _, form in sorted(of)[:NEAR_MOST]] for word, of in found.items()}
