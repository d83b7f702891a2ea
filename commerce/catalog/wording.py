"""How words are told apart and found alike: typing errors, spellings, Devanagari by its sound."""

from __future__ import annotations

import re
from itertools import pairwise

KEYS_FROM = 4  # letters; shorter words differ from too many others by one
SOUND = "~"  # before a key that is a sound, which no word begins with
FAR_FROM = 8  # letters from which on two errors are one word still
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


def keys_of(word: str) -> set[str]:
    """Keys of which a mistyped or otherwise spelt word shares one.

    The word with each one letter left out finds a letter that was forgotten, added, mistaken or
    swapped with its neighbour (Garbe's symmetric deletion); its sound finds other spellings.
    """
    if len(word) < KEYS_FROM:
        return {word}
    shorter = (word[:n] + word[n + 1 :] for n in range(len(word)))
    sound = sound_of(word)
    return {word, *shorter} | ({SOUND + sound} if len(sound) > 1 else set())


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


def alike(typed: str, word: str) -> int | None:
    """How far a word is from what was typed; None when it is another word."""
    spelt = romanised(typed)
    far = distance(spelt, word)
    if far <= (1 if len(spelt) < FAR_FROM else 2):
        return far
    same_sound = sound_of(spelt) == sound_of(word) and spelt[:1] in {word[:1], *"ckqzjvwf"}
    return far if same_sound and far <= len(word) // 2 else None
