"""Which requests may be answered from the cache, and by what they are told apart."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cache
from hashlib import blake2b
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, QueryDict
from django.utils.module_loading import import_string

QUERY_LENGTH_MAX = 512
REMEMBERED = 4_096
UTF_8 = frozenset({"utf-8", "utf8"})
JSON_KINDS = ("*/*", "application/json", "application/*")


@dataclass(frozen=True)
class Parameters:
    """What may be asked of a page: what is given once, and what may be given several times."""

    single: frozenset[str] = frozenset()
    several: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Rule:
    """Pages of one kind.

    `path` is a whole path, or with `named`, a pattern of the last segment, what comes before it.
    A request with a parameter that is not listed, or with a single one twice, is none of ours: the
    view refuses it or not. `tags` tells of a rendered body what a change must name to outdate it.
    """

    name: str
    path: str
    tags: Callable[[Any], Iterable[str]]
    shared: str
    entries: int
    named: re.Pattern[str] | None = None
    parameters: Parameters = Parameters()
    absent: str = ""
    absent_tags: Callable[[str], Iterable[str]] = field(default=lambda _named: ())

    def normal(self, path: str, query: QueryDict) -> str | None:
        """The address that all requests for the same page share; None where there is none.

        It is made of what the view reads, and tells apart whatever a view might: blanks around a
        value, or how often one is given.
        """
        wanted: dict[str, list[str]] = {}
        for name, values in query.lists():
            if name in self.parameters.several:
                wanted[name] = [one for value in values for one in value.split(",")]
            elif name in self.parameters.single and len(values) == 1:
                wanted[name] = values
            else:
                return None
        pairs = [(name, value) for name in sorted(wanted) for value in sorted(wanted[name])]
        return f"{path}?{urlencode(pairs)}" if pairs else path


@dataclass(frozen=True, slots=True)
class Asked:
    """A page that a request asks for; `key` is short however long its address."""

    rule: Rule
    named: str
    key: str


class Rules:
    """All rules, found by a request's path without going through the routes."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        every = tuple(rules)
        self.whole = {one.path: one for one in every if one.named is None}
        self.before = {one.path: one for one in every if one.named is not None}
        self.known: dict[tuple[str, str], Asked | None] = {}

    def asked(self, request: HttpRequest) -> Asked | None:
        """What the request asks for, if it may be answered from the cache."""
        if request.method != "GET":
            return None
        meta = request.META
        accepted = meta.get("HTTP_ACCEPT")
        if accepted and not any(kind in accepted for kind in JSON_KINDS):
            return None
        # A request may name the encoding by which the view then reads its query.
        if request.encoding is not None and request.encoding.lower() not in UTF_8:
            return None
        address = request.path_info, meta.get("QUERY_STRING", "")
        try:
            return self.known[address]
        except KeyError:
            asked = self._asked(request, *address)
        if len(self.known) >= REMEMBERED:
            self.known.clear()
        if asked is not None:
            self.known[address] = asked
        return asked

    def _asked(self, request: HttpRequest, path: str, query: str) -> Asked | None:
        rule, named = self.whole.get(path), ""
        if rule is None:
            before, _, named = path.rpartition("/")
            rule = self.before.get(f"{before}/")
            if rule is None or rule.named is None or not rule.named.fullmatch(named):
                return None
        if len(query) > QUERY_LENGTH_MAX:
            return None
        address = rule.normal(path, request.GET)
        if address is None:
            return None
        digest = blake2b(address.encode("utf-8", "replace"), digest_size=16).hexdigest()
        return Asked(rule, named, f"{rule.name}:{digest}")


@cache
def rules() -> Rules:
    """What `PAGE_CACHE_RULES` names."""
    return Rules(one for path in settings.PAGE_CACHE_RULES for one in import_string(path))
