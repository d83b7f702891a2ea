"""Splits texts into the words that are searched: of products, of synonyms, of what is typed."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator

from commerce.catalog.wording import DEVANAGARI, singular_of

WORD = re.compile(r"[^\W_]+(?:[\u0900-\u0903\u093a-\u094f\u0962\u0963]+[^\W_]*)*")
COMPOUND = re.compile(r"\b[^\W\d_]{2,}(?:-[^\W\d_]{2,})+\b")
TEE = re.compile(r"\b(t|टी)(?:-(?=[sश])|\s+(?=shirt|शर्ट))")
YEARS, MONTHS = r"y(?:ea)?(?:rs?)?", r"m(?:o(?:nth)?s?)?"
SPAN = re.compile(
    rf"\b(\d\d?)\s*(?:-|\u2013|to|से)\s*(\d\d?)(?:\s*(?:({YEARS}|साल)|({MONTHS}|महीने)))?\b"
)
AGE = re.compile(rf"\b(\d\d?)\s*(?:({YEARS}|साल)|({MONTHS}|महीने))(?:\s+old)?\b")
FOREIGN_SIZE = re.compile(r"\b(uk|eu|us)\s+(\d\d?)")
NUMBERED = re.compile(r"(\d+)to(\d+)([ym]?)$")
MONTHS_PER_YEAR = 12
OLDEST_MONTHS = 216  # whoever types more means no child's age
AGES_LENGTH_MAX = len("100to216m")
# They say how words belong together, and are in nearly every text: nobody looks for them.
FUNCTION_WORDS = frozenset(
    "a an and are as at be by for from if in into is it its no not of off on or our so that the"
    " their them they this to up was who will with you your"
    " और का के की ka ke ki liye को में से पर लिए वाला वाली वाले एक है हैं".split()
)


def words_of(text: str) -> list[str]:
    """The words of a text that can be searched, in lower case, one spelling for each size.

    `T-shirt` is `tshirt`, `4 to 5 years` is `4to5y`; the vowel signs of Devanagari belong to their
    word. A text of nothing but function words has none.
    """
    text = unicodedata.normalize("NFC", text).lower()
    text = SPAN.sub(_span, TEE.sub(r"\1", text))
    text = FOREIGN_SIZE.sub(r"\1\2", AGE.sub(_age, text))
    return [word for word in WORD.findall(text) if word not in FUNCTION_WORDS]


def words_in(text: str) -> Iterator[str]:
    """The words under which a text of the shop is found: each, and compounds also as one."""
    yield from words_of(text)
    lowered = text.lower()
    for found in COMPOUND.findall(lowered):
        yield found.replace("-", "")
    for first, last, *_ in SPAN.findall(lowered):
        yield from (first, last)


def words_of_size(size: str) -> Iterator[str]:
    """The words of a size: itself; of a span of ages also where it begins and ends."""
    for word in words_of(size):
        yield word
        if match := NUMBERED.match(word):
            yield from (match[1] + match[3], match[2] + match[3])


def words_of_ages(youngest: int, oldest: int) -> Iterator[str]:
    """Each whole year of age, `4y`, from and to ages in months."""
    first = -(-youngest // MONTHS_PER_YEAR)
    return (f"{year}y" for year in range(max(first, 1), oldest // MONTHS_PER_YEAR + 1))


def ages_in(word: str) -> list[str]:
    """The ages that a span which is no size of the shop stands for: 3 to 5 years are 3, 4 and 5."""
    match = NUMBERED.match(word)
    if not match or len(word) > AGES_LENGTH_MAX or int(match[2]) > OLDEST_MONTHS:
        return []
    unit = match[3] or "y"
    return [f"{age}{unit}" for age in range(int(match[1]), int(match[2]) + 1)]


def inflections(words: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Each word with itself and with what it is in the singular, in English and in Hindi."""
    for word in words:
        yield from ((word, form) for form in dict.fromkeys([word, *_singulars(word)]))


# The endings of Hindi plurals and oblique cases, and what stands there in the singular.
ENDINGS = (
    ("ियों", ("ी", "िया")),
    ("ियाँ", ("ी", "िया")),
    ("ियां", ("ी", "िया")),
    ("ों", ("ा", "")),
    ("ें", ("",)),
    ("े", ("ा",)),
)


def _singulars(word: str) -> list[str]:
    if not DEVANAGARI.search(word):
        return [singular_of(word)]
    for ending, before in ENDINGS:
        if word.endswith(ending):
            return [word.removesuffix(ending) + one for one in before]
    return []


def _span(match: re.Match[str]) -> str:
    return f" {match[1]}to{match[2]}{_unit(match)} "


def _age(match: re.Match[str]) -> str:
    return f" {match[1]}{_unit(match, before=1)} "


def _unit(match: re.Match[str], before: int = 2) -> str:
    return "y" if match[before + 1] else "m" if match[before + 2] else ""
