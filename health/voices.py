"""What customers say and use, for the panels of an account: votes behind the NPS, and who uses which feature."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q

from accounts.models import Account, EndUser, UsageCount
from health.metrics.cases import Cases
from health.metrics.rules import Rules
from health.metrics.sentiment import votes

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
    """A feature: who used it in the last thirty days, and in the thirty before."""

    name: str
    users: int
    before: int

    @property
    def change(self) -> int:
        return self.users - self.before


@dataclass(frozen=True)
class Features:
    """The core features, else, where none is named, those used most. `most` is the number of people that fills a bar."""

    core: bool
    features: tuple[Used, ...]
    last_day: dt.date

    @property
    def used(self) -> int:
        return sum(one.users > 0 for one in self.features)

    @property
    def most(self) -> int:
        return max((one.users for one in self.features), default=0)


def features(account: Account, last_day: dt.date | None, core: Sequence[str]) -> Features | None:
    """People per feature up to the last day with use, of the core ones where some are named; None where counts come without
    people."""
    if last_day is None:
        return None
    ourselves = EndUser.objects.known().filter(record=OuterRef("end_user_record"), internal=True)
    month, before = (last_day - dt.timedelta(days=days) for days in (MONTH, 2 * MONTH))
    counts = (
        UsageCount.objects.known()
        .filter(~Exists(ourselves), account=account, day__gt=before, day__lte=last_day, count__gt=0)
        .values_list("feature__name")
        .annotate(
            users=Count("end_user_record", filter=Q(day__gt=month), distinct=True),
            before=Count("end_user_record", filter=Q(day__lte=month), distinct=True),
        )
    )
    found = {name: Used(name, users, earlier) for name, users, earlier in counts}
    if not any(one.users or one.before for one in found.values()):
        return None
    chosen = [found.get(name, Used(name, 0, 0)) for name in core] if core else list(found.values())
    chosen.sort(key=lambda one: (-one.users, -one.before, one.name))
    return Features(bool(core), tuple(chosen[:FEATURES]), last_day)
