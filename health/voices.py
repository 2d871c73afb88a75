"""What customers say and use, for the panels of an account: votes behind the NPS, and who uses which feature."""

import datetime as dt
from dataclasses import dataclass

from accounts.models import Account
from health.metrics.cases import Cases
from health.metrics.read import listed
from health.metrics.rules import Rules
from health.metrics.sentiment import votes
from health.metrics.usage import FEATURE_COUNTS, LAST

WINDOW = 180
MONTH = 30
FEATURES = 12


@dataclass(frozen=True)
class Nps:
    """The NPS of the last half year, how far it may be off, and its votes."""

    promoters: int
    passives: int
    detractors: int
    margin: float
    days: int = WINDOW

    @property
    def answers(self) -> int:
        return self.promoters + self.passives + self.detractors

    @property
    def value(self) -> float:
        return 100 * (self.promoters - self.detractors) / self.answers


def nps(account: Account, day: dt.date) -> Nps | None:
    """None without an answer."""
    found = votes(Cases.on([account.pk], day), Rules(), WINDOW)
    promoters, detractors, every = (int(one[0]) for one in (found.promoters, found.detractors, found.answers))
    if not every:
        return None
    return Nps(promoters, every - promoters - detractors, detractors, float(found.margin[0]))


@dataclass(frozen=True)
class Used:
    """A feature: how many people used it in the last thirty days and in the thirty before, and whether anybody did, with
    a name or without."""

    name: str
    users: int
    before: int
    used: bool

    @property
    def change(self) -> int:
        return self.users - self.before


@dataclass(frozen=True)
class Features:
    """The core features, else, where none is named, those used most. `most` is the number of people that fills a bar."""

    core: bool
    features: tuple[Used, ...]
    last_day: dt.date
    others: int

    @property
    def used(self) -> int:
        return sum(one.used for one in self.features)

    @property
    def most(self) -> int:
        return max((one.users for one in self.features), default=0)


def features(account: Account, day: dt.date, born: dt.date, rules: Rules) -> Features:
    """People per feature in the thirty days to a day, counted like the metric of core features; of those alone where some
    are named."""
    cases = Cases.on([account.pk], day)
    now, people = f"{LAST} > c.day - {MONTH}", "count(distinct f.end_user_record)"
    counts = listed(
        FEATURE_COUNTS,
        f"feature.name, {people} filter (where {now}), {people} filter (where not {now}), bool_or({now})",
        "group by feature.name",
        cases, born=[born], rules=rules, reach=2 * MONTH, argument=None,
    )  # fmt: skip
    found = {name: Used(name, *row) for name, *row in counts}
    core = rules.core_features
    chosen = [found.get(name, Used(name, 0, 0, used=False)) for name in core] if core else list(found.values())
    chosen.sort(key=lambda one: (-one.users, -one.before, one.name))
    shown = chosen if core else chosen[:FEATURES]
    return Features(bool(core), tuple(shown), day, len(chosen) - len(shown))
