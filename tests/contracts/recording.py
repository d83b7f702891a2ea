"""Exchanges with the shop, written down so that every recording reads the same.

Ids, times, tokens and signatures differ from run to run; each is replaced by one that stands for
it everywhere, so that an id in an answer is still the id of the next request.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.urls import resolve
from rest_framework.test import APIClient

from commerce.core.contract.examples import Exchange

TOLD_HEADERS = ("X-Cart-Token", "Idempotent-Replayed")
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
HEX = re.compile(r"[0-9a-f]{32,64}")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
TOKEN = re.compile(r"[\w-]+\.[\w-]+\.[\w-]{20,}")
NUMBER = re.compile(r"\b([A-Z]{2})\d{4}-(\d{6})\b")  # year and month, then the count
DATE = re.compile(r"\b\d{4}-\d\d-\d\d\b(?!T)")
NOON = datetime(2026, 3, 18, 12, tzinfo=ZoneInfo("Asia/Kolkata"))
MINUTE = timedelta(minutes=1)


@dataclass
class Recorder:
    """Sends requests as an app would and remembers each exchange under its operation."""

    client: APIClient = field(default_factory=APIClient)
    began: datetime = field(default_factory=lambda: datetime.now(UTC))
    exchanges: dict[str, list[Exchange]] = field(default_factory=dict)
    stand_ins: dict[tuple[str, str], str] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)

    def send(
        self,
        operation_id: str,
        method: str,
        path: str,
        body: Any = None,
        *,
        query: dict[str, str] | None = None,
        headers: dict[str, str] | None = None,
        name: str = "usual",
        expect: tuple[int, ...] = (200, 201, 202, 204),
    ) -> Any:
        """One exchange; answers the parsed body."""
        asked = f"{path}?{urlencode(query)}" if query else path
        options: dict[str, Any] = {"headers": headers or {}}
        if body is not None:
            options |= {"data": json.dumps(body), "content_type": "application/json"}
        response: Any = self.client.generic(method, asked, **options)
        assert response.status_code in expect, (operation_id, response.content)
        text = response.content.decode()
        is_json = response.get("Content-Type", "").endswith("json")
        answer = json.loads(text) if text and is_json else (text or None)
        told = {one: response[one] for one in TOLD_HEADERS if one in response}
        sent = {"method": method, "path": asked, "status": response.status_code}
        made = Exchange(
            name, **sent, headers=headers or {}, body=body, answer_headers=told, answer=answer
        )
        assert resolve(path)
        self.exchanges.setdefault(operation_id, []).append(made)
        return answer

    def write(self, folder: Path) -> None:
        """One file per operation; what was recorded before goes."""
        folder.mkdir(exist_ok=True)
        for old in folder.glob("*.json"):
            old.unlink()
        for operation_id, exchanges in sorted(self.exchanges.items()):
            told = [{k: v for k, v in asdict(one).items() if v} for one in exchanges]
            text = json.dumps(self.same(told), indent=1, ensure_ascii=False)
            (folder / f"{operation_id}.json").write_text(f"{text}\n", encoding="utf-8")

    def same(self, value: Any) -> Any:
        """The value with every stand-in in place."""
        if isinstance(value, dict):
            return {name: self.same(inner) for name, inner in value.items()}
        if isinstance(value, list):
            return [self.same(one) for one in value]
        return self._text(value) if isinstance(value, str) else value

    def _text(self, text: str) -> str:
        for secret, stand_in in self.secrets.items():
            text = text.replace(secret, stand_in)
        text = TIME.sub(self._time, text)
        text = DATE.sub(self._date, text)
        text = NUMBER.sub(rf"\g<1>{NOON:%y%m}-\g<2>", text)
        text = UUID.sub(lambda found: self._id(found[0].replace("-", "")), text)
        text = TOKEN.sub(
            lambda found: self._numbered(found[0], "token-of-this-example-{:03d}"), text
        )
        return HEX.sub(lambda found: self._hex(found[0]), text)

    def _id(self, digits: str) -> str:
        """A UUIDv7 that stands for this one; the same digits without hyphens stand for it too."""
        return self._numbered(digits, "01994f3a-7c00-7000-8000-{:012x}")

    def _hex(self, digits: str) -> str:
        return self._id(digits).replace("-", "") if len(digits) == 32 else "5" * len(digits)

    def _numbered(self, value: str, form: str) -> str:
        if (value, form) not in self.stand_ins:
            self.counts[form] += 1
            self.stand_ins[value, form] = form.format(self.counts[form])
        return self.stand_ins[value, form]

    def _time(self, found: re.Match[str]) -> str:
        """Times of this run begin at noon and are cut to the minute; earlier ones move along."""
        moment = datetime.fromisoformat(found[0]).astimezone(NOON.tzinfo)
        since = moment - self.began
        if since >= timedelta():
            return (NOON + since // MINUTE * MINUTE).isoformat()
        return (moment - self._days).isoformat()

    def _date(self, found: re.Match[str]) -> str:
        return (date.fromisoformat(found[0]) - self._days).isoformat()

    @property
    def _days(self) -> timedelta:
        return self.began.astimezone(NOON.tzinfo).date() - NOON.date()
