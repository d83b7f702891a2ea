"""In which language a person is spoken to: English, or Hindi where that is liked better."""

from __future__ import annotations

from django.utils.translation.trans_real import parse_accept_lang_header

ENGLISH, HINDI = "en", "hi"
LANGUAGES = (ENGLISH, HINDI)


def preferred(accept_language: str) -> str:
    """The language that `Accept-Language` likes best of those spoken here; English by default."""
    if not accept_language:
        return ENGLISH
    for wanted, quality in parse_accept_lang_header(accept_language.lower()):
        spoken = wanted.partition("-")[0]
        if quality > 0 and spoken in LANGUAGES:
            return spoken
        if quality > 0 and wanted == "*":
            return ENGLISH
    return ENGLISH
