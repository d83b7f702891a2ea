"""The words of the shelf: how often each occurs, and under which keys a mistyped one is found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from django.db import connection

from commerce.catalog.shelf.rows import Row

KEYS_FROM = 4  # letters; shorter words differ from too many others by one
CHANGE = """
INSERT INTO shelf_words AS w (word, in_titles, in_bodies, keys)
SELECT word, in_titles, in_bodies, string_to_array(keys, ' ')
FROM unnest(%s::text[], %s::integer[], %s::integer[], %s::text[])
    AS n (word, in_titles, in_bodies, keys)
ON CONFLICT (word) DO UPDATE
SET in_titles = w.in_titles + EXCLUDED.in_titles, in_bodies = w.in_bodies + EXCLUDED.in_bodies
"""


def keys_of(word: str) -> set[str]:
    """The word, and the word with each one letter left out.

    Two words share a key when one letter was forgotten, added, mistaken or swapped with its
    neighbour (Garbe's symmetric deletion).
    """
    if len(word) < KEYS_FROM:
        return {word}
    return {word, *(word[:n] + word[n + 1 :] for n in range(len(word)))}


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
