"""Which streams are late: since when, what was usual, and what that does to scores."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import connection
from django.db.models import Count
from django.utils import timezone

from accounts.models import Account, AccountStream, User
from accounts.sources import OWN
from health import configuration
from health.book import today
from health.configuration import InForce, NothingInForce
from health.metrics.streams import IF_ANY, SHORTEST_LAG, SYNCS_FOR_INTERVAL, silent_nights
from health.scorecards import asked_of
from health.words import NBSP

DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Pace:
    """How a stream delivers: what it tells of ends at `through`, and by `due` it should have told more. `agreed` is how old
    it may be as an admin set it; else that follows from the usual time between deliveries."""

    stream: int
    kind: str
    source: str
    through: dt.datetime
    due: dt.datetime
    usual: dt.timedelta | None
    agreed: int | None

    @property
    def is_late(self) -> bool:
        return self.due < timezone.now()

    @property
    def lag(self) -> str:
        """How old the newest is that it told of."""
        return _amount(max(timezone.now() - self.through, dt.timedelta()))

    @property
    def words(self) -> str:
        """What is usual of it."""
        if self.agreed is not None:
            return f"may be {self.agreed}{NBSP}h old"
        return f"usually every {_amount(self.usual)}" if self.usual else "one delivery so far"


def _amount(span: dt.timedelta) -> str:
    minutes = round(span.total_seconds() / 60)
    if minutes < 120:
        return f"{max(minutes, 1)}{NBSP}min"
    return f"{round(minutes / 60)}{NBSP}h" if minutes < 48 * 60 else f"{round(minutes / 1440)}{NBSP}d"


def paces() -> dict[int, Pace]:
    """Stream → how it delivers, of those with a delivery that stands; longest ago first."""
    asked: dict[str, str | float] = {
        "deliveries": SYNCS_FOR_INTERVAL,
        "shortest": SHORTEST_LAG.total_seconds(),
        "own": OWN,
    }
    with connection.cursor() as cursor:
        cursor.execute(_PACES, asked)
        return {row[0]: Pace(*row) for row in cursor.fetchall()}


def late() -> tuple[Pace, ...]:
    """The streams whose last delivery is older than they may be late, as the metrics judge it; longest ago first."""
    return tuple(pace for pace in paces().values() if pace.is_late)


# As late as a stream says, else twice its usual interval between the last deliveries, at least 36 hours.
_PACES = """
select stream.id, stream.kind, coalesce(nullif(source.label, ''), source.name), last.through, last.through + coalesce(
    make_interval(hours => stream.lag_hours), greatest(make_interval(secs => %(shortest)s), 2 * coalesce(last.usual, interval '0'))
), last.usual, stream.lag_hours
from accounts_stream stream join accounts_source source on source.id = stream.source_id
join lateral (
    select max(sync.at) as through, percentile_cont(0.5) within group (order by sync.gap) as usual from (
        select complete_through as at, complete_through - lead(complete_through) over (order by complete_through desc) as gap
        from accounts_streamsync where stream_id = stream.id and superseded_at is null
        order by complete_through desc limit %(deliveries)s
    ) sync
) last on last.through is not null
where source.name <> %(own)s
order by last.through, stream.id
"""


@dataclass(frozen=True)
class Effect:
    """What rests on a stream, on so many of the accounts that somebody sees. Of one that is late `fresh` is the last day for
    which its `measures` were read as ever; they are held for `hold` days after it, of which `nights` are over. `opinions` are
    measures too, but not held: what was said counts until it is too old."""

    measures: tuple[str, ...]
    opinions: tuple[str, ...]
    accounts: int
    fresh: dt.date
    nights: int
    hold: int

    @property
    def touches(self) -> tuple[str, ...]:
        return tuple(sorted({*self.measures, *self.opinions}))

    @property
    def holds(self) -> dt.date:
        return self.fresh + DAY

    @property
    def drops(self) -> dt.date:
        """The first day whose score does without them."""
        return self.fresh + (self.hold + 1) * DAY

    @property
    def is_over(self) -> bool:
        return self.nights > self.hold


def effects(streams: Sequence[Pace], user: User) -> Mapping[int, Effect]:
    """Stream → what of the scores of the accounts that `user` sees rests on it, and what its lateness does to them."""
    customers = Account.objects.visible_to(user).filter(latest__churned=False).values("pk")
    read = AccountStream.objects.filter(stream__in=[pace.stream for pace in streams], account__in=customers)
    accounts = dict(read.order_by().values_list("stream").annotate(count=Count("account"))) if streams else {}
    if not accounts:
        return {}
    try:
        in_force = configuration.in_force(today())
    except NothingInForce:
        return {}
    measures = _measures(in_force)
    return {
        pace.stream: _effect(pace, measures.get(pace.kind, {}), accounts.get(pace.stream, 0), in_force.rules.hold_days)
        for pace in streams
    }


def _effect(pace: Pace, measures: Mapping[str, bool], accounts: int, hold: int) -> Effect:
    yesterday = today() - DAY
    nights = silent_nights(yesterday, pace.due)
    held = tuple(sorted(label for label, is_opinion in measures.items() if not is_opinion))
    opinions = tuple(sorted(measures.keys() - set(held)))
    return Effect(held, opinions, accounts, yesterday - nights * DAY, nights, hold)


def _measures(in_force: InForce) -> dict[str, dict[str, bool]]:
    """Kind of record → the measures of the scorecards in force that read it, and whether each is an opinion."""
    found: dict[str, dict[str, bool]] = {}
    for version in in_force.versions:
        for asked in asked_of(version):
            for kind in asked.metric.streams:
                found.setdefault(kind.removesuffix(IF_ANY), {})[asked.metric.label] = asked.metric.is_opinion
    return found
