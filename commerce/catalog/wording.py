"""How words are told apart and found alike: typing errors, spellings, Devanagari by its sound."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise

KEYS_FROM = 4  # letters; shorter words differ from too many others by one
KEY_LENGTH_MAX = 40  # as long as a word that the shop keeps; nobody mistypes a longer one
SOUND = "~"  # before a key that is a sound, which no word begins with
FAR_FROM = 8  # letters from which on two errors are one word still
VOWELS_FROM = 7  # letters from which on two vowels may be mistaken for others
SLIPS_OF_LONG = 2
CONSONANTS = dict(
    zip(
        "कखगघङचछजझञटठडढणतथदधनपफबभमयरलवशषसहळ",
        "k kh g gh n ch chh j jh n t th d dh n t th d dh n p f b bh m y r l v sh sh s h l".split(),
        strict=True,
    )
)
VOWELS = dict(zip("अआइईउऊएऐओऔऑऋ", "a a i i u u e ai o au o ri".split(), strict=True))
SIGNS = dict(zip("ािीुूेैोौॉृंँः", "a i i u u e ai o au o ri n n h".split(), strict=True))
VIRAMA, NUKTA = "\u094d", "\u093c"
DEVANAGARI = re.compile(r"[\u0900-\u097f]")
SOUNDS = (("ph", "f"), ("ck", "k"), ("c", "k"), ("q", "k"), ("w", "v"), ("z", "j"), ("x", "ks"))

VOWELS_HEARD = (
    *(("aa", "a"), ("ee", "i"), ("ea", "i"), ("oo", "u"), ("ou", "u"), ("oa", "o")),
    *(("ai", "e"), ("au", "o"), ("yu", "u")),
)
VOWEL_LETTERS = frozenset("aeiouy") | VOWELS.keys() | SIGNS.keys()
KEYBOARD = {
    letter: (row, column)
    for row, letters in enumerate(("qwertyuiop", "asdfghjkl", "zxcvbnm"))
    for column, letter in enumerate(letters)
}


def singular_of(word: str) -> str:
    """The word without the ending of an English plural."""
    return word[:-2] if word.endswith(("shes", "sses", "xes")) else word.removesuffix("s")


def romanised(word: str) -> str:
    """A word in Devanagari as it sounds in Latin letters; any other as it is."""
    if not DEVANAGARI.search(word):
        return word
    word = word.replace(NUKTA, "")
    letters = []
    for letter, after in pairwise([*word, ""]):
        if letter in CONSONANTS:
            letters.append(CONSONANTS[letter])
            if after in CONSONANTS or after in VOWELS:  # the vowel that is not written
                letters.append("a")
        else:
            letters.append(VOWELS.get(letter) or SIGNS.get(letter, ""))
    return "".join(letters)


def sound_of(word: str) -> str:
    """What spellings of one word have in common: its consonants, alike ones as one."""
    word = romanised(word)
    for written, heard in SOUNDS:
        word = word.replace(written, heard)
    kept = word[:1] + re.sub(r"[aeiouyh]", "", word[1:])
    return re.sub(r"(.)\1+", r"\1", kept)


@lru_cache(maxsize=1_024)
def keys_of(word: str) -> frozenset[str]:
    """Keys of which a mistyped or otherwise spelt word shares one.

    The word with each one letter left out finds a letter that was forgotten, added, mistaken or
    swapped with its neighbour (Garbe's symmetric deletion); its sound finds other spellings.
    """
    if not KEYS_FROM <= len(word) <= KEY_LENGTH_MAX:
        return frozenset({word})
    shorter = (word[:n] + word[n + 1 :] for n in range(len(word)))
    sound = sound_of(word)
    heard_as = [SOUND + sound] if 1 < len(sound) < KEY_LENGTH_MAX else []
    return frozenset({word, *shorter, *heard_as})


def distance(one: str, other: str) -> int:
    """How many letters were forgotten, added, mistaken or swapped (Damerau and Levenshtein)."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for n, letter in enumerate(one, 1):
        before, above, row = row, before, [n]
        for m, wanted in enumerate(other, 1):
            cost = min(before[m] + 1, row[m - 1] + 1, before[m - 1] + (letter != wanted))
            if n > 1 and m > 1 and letter == other[m - 2] and one[n - 2] == wanted:
                cost = min(cost, above[m - 2] + 1)
            row.append(cost)
    return row[-1]


def heard(word: str) -> str:
    """A word as it sounds with its vowels: `skool` and `school`, `joote` and `jute` are one."""
    word = romanised(word)
    for written, spoken in (*SOUNDS, *VOWELS_HEARD):
        word = word.replace(written, spoken)
    word = re.sub(r"(?<=[^aeiou])h", "", word)
    word = re.sub(r"(?<=[^aeiou])y(?![aeou])", "i", word)
    word = re.sub(r"([iu])(?=[aeiou])", r"\1y", word)  # what lies between: `diaper` has three beats
    word = re.sub(r"(.)\1+", r"\1", word)
    return re.sub(r"(?<=[^aeiou])e$", "", word)


def alike(typed: str, word: str) -> int | None:
    """How far a word is from what was typed; None when it is another word.

    Near enough is near for its length, and begins with the same sound unless it lacks the first
    letter only. In one script it may be a slip of the fingers; else it is another spelling: the
    same consonants, vowels that are mistaken for each other.
    """
    far = distance(romanised(typed), romanised(word))
    begun = heard(typed)[:1] == heard(word)[:1] or sorted(typed[:2]) == sorted(word[:2])
    begun = begun or (len(typed) > KEYS_FROM and typed == word[1:])
    if not begun and (len(typed) < FAR_FROM or far > 1):
        return None
    near = any(_slip(typed, one) or _spelling(typed, one) for one in {word, singular_of(word)})
    return far if near else None


def _slip(typed: str, word: str) -> bool:
    """Whether fingers that meant the word may have typed this.

    A letter is left out, swapped with its neighbour or typed twice in any word; in one of five
    letters another is typed, when it lies beside the right one or is a vowel too; in long words
    two may be wrong. Short words differ by one letter from too many others.
    """
    if is_devanagari(typed) != is_devanagari(word):
        return False
    far = distance(typed, word)
    if len(typed) >= FAR_FROM:
        return far <= SLIPS_OF_LONG
    if far > 1 or len(typed) < KEYS_FROM:
        return far == 0
    if len(typed) != len(word):
        return len(typed) < len(word) or len(typed) > KEYS_FROM or _single(typed) == _single(word)
    wrong = [(one, other) for one, other in zip(typed, word, strict=True) if one != other]
    return len(wrong) != 1 or (len(typed) > KEYS_FROM and _mistaken(*wrong[0]))


def _mistaken(one: str, other: str) -> bool:
    """Whether one letter is typed for the other: a neighbour on the keyboard, a vowel for one."""
    if {one, other} <= VOWEL_LETTERS:
        return True
    places = [KEYBOARD.get(letter) for letter in (one, other)]
    if not (places[0] and places[1]):
        return False
    (row, column), (other_row, other_column) = places[0], places[1]
    return abs(row - other_row) <= 1 and abs(column - other_column) <= 1


def _spelling(typed: str, word: str) -> bool:
    """Whether they sound alike: the same but for a vowel or two in words that are long enough.

    Devanagari writes what is heard, so there no consonant is taken for another.
    """
    if is_devanagari(typed) and is_devanagari(word) and _consonants(typed) != _consonants(word):
        return False
    one, other = heard(typed), heard(word)
    if one == other:
        return len(typed) >= KEYS_FROM
    if re.sub("[aeiou]", "", one) != re.sub("[aeiou]", "", other):
        return False
    length = len(romanised(typed))
    allowed = 0 if length <= KEYS_FROM else 1 if length < VOWELS_FROM else SLIPS_OF_LONG
    return distance(one, other) <= allowed


def _consonants(word: str) -> list[str]:
    return [CONSONANTS[letter] for letter in word if letter in CONSONANTS]


def _single(word: str) -> str:
    return re.sub(r"(.)\1+", r"\1", word)


def is_devanagari(word: str) -> bool:
    """Whether the word is written in it, if only in part."""
    return DEVANAGARI.search(word) is not None
