"""The words of the shelf: how often each occurs, and under which keys a mistyped one is found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.db import connection

from commerce.catalog.shelf.rows import Row
from commerce.catalog.splitting import inflections
from commerce.catalog.wording import alike, distance, is_devanagari, keys_of, singular_of
from commerce.core import prepared

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
# are pairs: each word with itself and its singulars. A synonym of what is not sold has no form.
FORMS = """
WITH pairs AS (SELECT * FROM unnest(%(words)s::text[], %(forms)s::text[]) AS p (word, form)),
typed AS (SELECT DISTINCT word FROM pairs)
SELECT w.word, 'begun' AS kind, f.word AS form, f.in_titles AS names
FROM typed w
CROSS JOIN LATERAL (
    SELECT s.word, s.in_titles FROM shelf_words s
    WHERE s.word ~>=~ w.word AND s.word ~<~ (w.word || chr(1114111))
    ORDER BY s.word = w.word DESC, s.in_bodies DESC, s.word LIMIT %(most)s
) f
UNION ALL
SELECT w.word, 'own', s.word, s.in_titles FROM pairs w JOIN shelf_words s ON s.word = w.form
UNION ALL
SELECT w.word, 'synonym', s.word, s.in_titles
FROM pairs w
JOIN search_synonyms g ON g.words @> ARRAY[w.form]::varchar[] AND NOT g.is_deleted
CROSS JOIN LATERAL unnest(g.words) AS m (word)
LEFT JOIN shelf_words s ON s.word IN (m.word, m.word || 's', m.word || 'es')
UNION ALL
SELECT w.word, 'synonym begun', s.word, s.in_titles
FROM typed w
JOIN search_synonyms g ON NOT g.is_deleted
    AND EXISTS (SELECT 1 FROM unnest(g.words) AS b (word)
                WHERE starts_with(b.word, w.word) AND b.word <> w.word)
CROSS JOIN LATERAL unnest(g.words) AS m (word)
JOIN shelf_words s ON s.word IN (m.word, m.word || 's', m.word || 'es')
WHERE char_length(w.word) >= %(least)s
"""
# Words that share a key with one mistyped, all words of synonyms, and which of `whole` are words.
NEAR = """
SELECT 'shop' AS kind, s.word, s.in_bodies AS count, s.in_titles > 0 AS named
FROM shelf_words s WHERE s.keys && %(keys)s::varchar[]
UNION ALL
SELECT 'synonyms', string_agg(DISTINCT m.word, ' '), 0, TRUE
FROM search_synonyms g CROSS JOIN LATERAL unnest(g.words) AS m (word) WHERE NOT g.is_deleted
UNION ALL
SELECT 'whole', w.word, 0, TRUE
FROM unnest(%(whole)s::text[]) AS w (word)
WHERE EXISTS (SELECT 1 FROM shelf_words s WHERE s.word IN (w.word, w.word || 's'))
"""
BEGINNING = """
SELECT w.word, n.names, n.texts
FROM unnest(%(words)s::text[]) AS w (word) CROSS JOIN LATERAL (
    SELECT COALESCE(sum(s.in_titles), 0) AS names, COALESCE(sum(s.in_bodies), 0) AS texts
    FROM shelf_words s WHERE s.word ~>=~ w.word AND s.word ~<~ (w.word || chr(1114111))
) n
"""
FORMS_MOST = 20  # of the words that begin as typed, the most frequent
BEGUN_LEAST = 2  # letters with which synonyms are completed
FAR_OF_HINTS = 1
NAMED_BELOW = 6  # letters; of what only texts speak so short a word may be a slip of too much


Forms = Mapping[str, int]  # each with how many names it stands in


@dataclass(frozen=True)
class Candidates:
    """What mistyped words may be: words of the shop, of synonyms, and other words that exist."""

    shop: Mapping[str, tuple[int, bool]]
    synonyms: frozenset[str]
    whole: frozenset[str]


def forms_of(words: Sequence[str]) -> dict[str, Forms | None]:
    """For each word the words of the shelf that count as it; None for a word nobody knows.

    They are the word itself, singular or plural, and its synonyms; of no word of its own what
    begins so, in the shop or else among the synonyms. A synonym of what isn't sold has none.
    """
    found: dict[str, dict[str, dict[str, int]]] = {word: {} for word in words}
    given, forms = zip(*inflections(words), strict=True)
    values = {
        "words": list(given),
        "forms": list(forms),
        "most": FORMS_MOST,
        "least": BEGUN_LEAST,
    }
    for row in prepared.public_rows(FORMS, values):
        of = found[row["word"]].setdefault(row["kind"], {})
        if row["form"] is not None:
            of[row["form"]] = row["names"]
    return {word: _meant(word, kinds) for word, kinds in found.items()}


def _meant(word: str, kinds: Mapping[str, Forms]) -> Forms | None:
    """What the kinds of forms found mean together."""
    own, begun = kinds.get("own", {}), kinds.get("begun", {})
    if own or "synonym" in kinds:
        ordered = {one: own[one] for one in sorted(own, key=word.__ne__)}
        plurals = {one: names for one, names in begun.items() if singular_of(one) == word}
        return {**ordered, **plurals, **kinds.get("synonym", {})}
    return (begun or kinds.get("synonym begun", {})) if kinds else None


def beginning(words: Sequence[str]) -> dict[str, tuple[int, int]]:
    """For each word in how many names and in how many texts words begin so."""
    found = prepared.public_rows(BEGINNING, {"words": list(words)})
    return {row["word"]: (int(row["names"]), int(row["texts"])) for row in found}


def candidates(words: Sequence[str], whole: Sequence[str]) -> Candidates:
    """What these words may be slips of, and which of `whole` are words of shop or synonyms."""
    keys = {key for _, form in inflections(words) for key in (*keys_of(form), *keys_of(f"{form}s"))}
    shop: dict[str, tuple[int, bool]] = {}
    synonyms: set[str] = set()
    exist: set[str] = set()
    for row in prepared.public_rows(NEAR, {"keys": sorted(keys), "whole": list(whole)}):
        if row["kind"] == "shop":
            shop[row["word"]] = (int(row["count"]), bool(row["named"]))
        elif row["kind"] == "synonyms":
            synonyms.update((row["word"] or "").split())
        else:
            exist.add(row["word"])
    return Candidates(shop, frozenset(synonyms), frozenset(exist | (synonyms & set(whole))))


def nearest(word: str, among: Candidates) -> str | None:
    """The word that one is most likely a slip or another spelling of, if there is one.

    Those of its own script go first; near before far, names before what only texts speak of,
    frequent before rare. Figures are never taken for others.
    """
    if any(letter.isdigit() for letter in word):
        return None
    forms = [form for _, form in inflections([word])]
    keys = {key for form in forms for key in keys_of(form)}
    others = [one for one in among.synonyms if not keys.isdisjoint(keys_of(one))]
    found = [
        Near(is_devanagari(one) != is_devanagari(word), far, not named, -count, one)
        for one, (count, named) in [*among.shop.items(), *((one, (0, True)) for one in others)]
        for form in forms
        if (named or len(word) >= NAMED_BELOW) and (far := alike(form, one)) is not None
    ]
    return min(found).word if found else None


def hints(words: Sequence[str]) -> list[str]:
    """Words of names that look like these, too far or too short to be taken for them."""
    among = candidates(words, [])
    named = [(-count, one) for one, (count, named) in among.shop.items() if named]
    return [
        one
        for word in words
        for _, one in sorted(named)
        if one[:1] == word[:1] and distance(word, one) <= FAR_OF_HINTS
    ]


class Near(NamedTuple):
    """A word as near as this; in order, the likeliest first."""

    foreign: bool
    far: int
    unnamed: bool
    uncommon: int
    word: str
