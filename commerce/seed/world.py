"""What all parts of the seed share: one source of chance, one idea of time, keys made of both."""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from commerce.accounts.models import Address, User
from commerce.catalog.models import Variant
from commerce.inventory.models import Warehouse

DAYS_PER_MONTH = 30


@dataclass(slots=True)
class Shopper:
    """A made-up customer: how keen on shopping, since when, and where parcels go."""

    user: User
    addresses: list[Address]
    weight: float
    joined: datetime
    cod_possible: bool
    ordered: bool = False


@dataclass(slots=True)
class World:
    """The shop while it is being made up; `now` is when its history ends."""

    random_seed: int
    customers: int
    products: int
    months: int
    now: datetime
    say: Callable[[str], None]
    chance: random.Random = field(init=False)
    variants: list[Variant] = field(default_factory=list)
    appeal: dict[uuid.UUID, float] = field(default_factory=dict)
    appeal_sums: list[float] = field(default_factory=list)
    warehouses: list[Warehouse] = field(default_factory=list)
    shoppers: list[Shopper] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.random_seed)

    @property
    def opening(self) -> datetime:
        """When the history of orders begins: a midnight."""
        first_day = self.now - timedelta(days=self.months * DAYS_PER_MONTH)
        return first_day.replace(hour=0, minute=0, second=0, microsecond=0)

    def fork(self, name: str) -> random.Random:
        """A source of chance of its own, so that one part's draws don't shift another's."""
        return random.Random(f"{self.random_seed}/{name}")

    def key(self, moment: datetime | None = None) -> uuid.UUID:
        """A UUIDv7 of that moment (the opening by default), the same for the same random seed."""
        value = int((moment or self.opening).timestamp() * 1000) << 80
        value |= 0x7 << 76 | self.chance.getrandbits(12) << 64
        value |= 0b10 << 62 | self.chance.getrandbits(62)
        return uuid.UUID(int=value)
