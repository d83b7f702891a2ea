"""What the words of a search stand for, those that are mistyped put right first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from commerce.catalog.shelf import vocabulary
from commerce.catalog.splitting import ages_in
from commerce.catalog.wording import KEYS_FROM

PART_LEAST = 3  # letters of each word of two that were typed as one


@dataclass(frozen=True)
class Meaning:
    """A word as it is searched, and the words of the shop that count as it."""

    word: str
    forms: vocabulary.Forms


def meanings_of(words: Sequence[str]) -> list[Meaning]:
    """The meanings of different words in their order; what isn't sold has no forms.

    A word that the shop or a synonym knows is never taken for another. Any other is put together
    with its neighbour when that makes a word, else put right, else taken apart.
    """
    found = vocabulary.forms_of(words)
    unknown = [word for word, of in found.items() if of is None and not ages_in(word)]
    if unknown:
        words = _put_right(words, unknown)
        new = [word for word in words if word not in found]
        found |= vocabulary.forms_of(new) if new else {}
    return [Meaning(word, found[word] or dict.fromkeys(ages_in(word), 0)) for word in words]


def _put_right(words: Sequence[str], unknown: Sequence[str]) -> list[str]:
    """The words, those that nobody knows as what they were probably meant to be."""
    joined = {
        pair: "".join(pair) for pair in pairwise(words) if pair[0] in unknown or pair[1] in unknown
    }
    parts = {word: _parts(word) for word in unknown}
    whole = {*joined.values(), *(one for of in parts.values() for pair in of for one in pair)}
    among = vocabulary.candidates(unknown, sorted(whole))
    right: list[str] = []
    left = list(words)
    while left:
        word = left.pop(0)
        if left and joined.get((word, left[0])) in among.whole:
            right.append(word + left.pop(0))
        elif word in parts:
            right += _likeliest(word, parts[word], among)
        else:
            right.append(word)
    return list(dict.fromkeys(right))


def _likeliest(
    word: str, parts: Sequence[tuple[str, str]], among: vocabulary.Candidates
) -> Sequence[str]:
    near = vocabulary.nearest(word, among)
    if near is not None:
        return [near]
    two = [pair for pair in parts if among.whole.issuperset(pair)]
    return min(two, key=lambda pair: abs(len(pair[0]) - len(pair[1])), default=(word,))


def _parts(word: str) -> list[tuple[str, str]]:
    """Each way to take a word for two."""
    if len(word) <= KEYS_FROM or any(letter.isdigit() for letter in word):
        return []
    cuts = range(PART_LEAST, len(word) - PART_LEAST + 1)
    return [(word[:cut], word[cut:]) for cut in cuts]
