"""A parent and all that belongs to it as one: their scores weighed by ARR. Computed when read, never stored."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from django.db import connection

from accounts.models import Account, User
from health.book import today
from health.metrics.cases import Cases
from health.metrics.rules import Rules
from health.models import Latest, ScorecardVersion
from health.money import yearly_on
from health.scoring.card import Band
from health.scoring.parts import largest_remainder
from health.words import as_shown

# Of each root itself and its descendants at any depth; each once, even where parents go in a circle.
FAMILIES = """with recursive family(root, id) as (
    select id, id from accounts_account where id = any(%s)
    union
    select root, child.id from accounts_account child join family on child.parent_id = family.id where child.deleted_at is null
)
select root, array_agg(id order by id) from family group by root having count(*) > 1"""


@dataclass(frozen=True)
class Member:
    """An account of the family as it was last judged: no score and an unknown band where it was not."""

    account: int
    arr: float
    score: float | None = None
    band: Band = Band.UNKNOWN


@dataclass(frozen=True)
class RollUp:
    """The mean score with its band, and how the ARR spreads over the bands.

    Shares are of accounts, not of ARR, where `by_number`.
    """

    score: float | None
    band: Band
    accounts: int
    scored: int
    arr: float
    by_number: bool
    unknown: float
    red: float
    yellow: float = 0.0
    green: float = 0.0

    @property
    def shares(self) -> list[tuple[Band, float]]:
        """The bands that there are, worst first, each with its part in whole percent; together they are 100."""
        parts = {Band.RED: self.red, Band.YELLOW: self.yellow, Band.UNKNOWN: self.unknown, Band.GREEN: self.green}
        percents = largest_remainder([100 * part for part in parts.values()], 100, decimals=0)
        return [(band, percent) for band, percent in zip(parts, percents, strict=True) if percent]


def rolled_up(members: Sequence[Member], *, yellow: float, green: float) -> RollUp:
    """Weighed by ARR, by number where nobody pays a recurring amount; banded without margin."""
    arr = sum(member.arr for member in members)
    weigh = (lambda member: member.arr) if arr > 0 else _one
    scored = [member for member in members if member.score is not None]
    # Where only accounts without ARR have a score, each of them counts alike.
    within = weigh if sum(map(weigh, scored)) > 0 else _one
    score = _mean(scored, within)
    return RollUp(
        score=score,
        band=_band(score, yellow, green),
        accounts=len(members),
        scored=len(scored),
        arr=arr,
        by_number=arr <= 0,
        unknown=_share(members, Band.UNKNOWN, weigh),
        red=_share(members, Band.RED, weigh),
        yellow=_share(members, Band.YELLOW, weigh),
        green=_share(members, Band.GREEN, weigh),
    )


Weigh = Callable[[Member], float]


def _one(member: Member) -> float:
    return 1.0


def _mean(scored: Sequence[Member], weigh: Weigh) -> float | None:
    weights = sum(map(weigh, scored))
    return as_shown(sum(weigh(one) * (one.score or 0.0) for one in scored) / weights) if weights else None


def _band(score: float | None, yellow: float, green: float) -> Band:
    if score is None:
        return Band.UNKNOWN
    return Band.GREEN if score >= green else Band.YELLOW if score >= yellow else Band.RED


def _share(members: Sequence[Member], band: Band, weigh: Weigh) -> float:
    weights = sum(map(weigh, members))
    return sum(weigh(one) for one in members if one.band == band) / weights if weights else 0.0


# --- As shown --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Part:
    """An account of the family that the user sees."""

    account: Account
    score: float | None
    band: Band
    arr: float

    @property
    def member(self) -> Member:
        return Member(self.account.pk, self.arr, self.score, self.band)


@dataclass(frozen=True)
class Family:
    """A parent's roll-up over those of its accounts that the user sees; `hidden` counts the others, which are not in it: from
    a mean and all but one of its scores the last one could be told."""

    rollup: RollUp
    parts: tuple[Part, ...]
    currency: str
    hidden: int


def family(account: Account, user: User, rules: Rules) -> Family | None:
    """The roll-up over an account and all that belongs to it; None where nothing does that the user sees."""
    return families([account.pk], user, rules).get(account.pk)


def families(accounts: Sequence[int], user: User, rules: Rules) -> dict[int, Family]:
    """The same for those of several accounts that have one, in the same queries for any number. Who churned is no part any
    more."""
    with connection.cursor() as cursor:
        cursor.execute(FAMILIES, [list(accounts)])
        related: dict[int, list[int]] = dict(cursor.fetchall())
    if not related:
        return {}
    everybody = {pk for ids in related.values() for pk in ids}
    latest = {one.account_id: one for one in Latest.objects.filter(account__in=everybody)}
    there = {pk for pk in everybody if pk not in latest or not latest[pk].churned}
    seen = {one.pk: one for one in Account.objects.visible_to(user).filter(pk__in=there).order_by("name", "pk")}
    amounts = yearly_on(Cases.on(list(seen), today()), rules)
    parts = {pk: _part(one, arr, latest.get(pk)) for (pk, one), arr in zip(seen.items(), amounts, strict=True)}
    versions = ScorecardVersion.objects.in_bulk({one.version_id for one in latest.values()})
    found = {}
    for root, ids in related.items():
        within = there.intersection(ids)
        own = [part for pk, part in parts.items() if pk in within]
        if any(part.account.pk != root for part in own):
            rollup = rolled_up([part.member for part in own], **_edges(root, own, latest, versions))
            own.sort(key=lambda part: -part.arr)
            found[root] = Family(rollup, tuple(own), rules.currency, len(within) - len(own))
    return found


def _part(account: Account, arr: float, latest: Latest | None) -> Part:
    return Part(account, None, Band.UNKNOWN, arr) if latest is None else Part(
        account, latest.score, Band(latest.effective), arr
    )  # fmt: skip


def _edges(
    root: int, parts: Sequence[Part], latest: Mapping[int, Latest], versions: Mapping[int, ScorecardVersion]
) -> dict[str, float]:
    """The edges of the parent's own scorecard, or, where it has no score, of the largest account's that has one."""
    judged = [part for part in parts if part.score is not None]
    first = max(judged, key=lambda part: (part.account.pk == root, part.arr), default=None)
    version = versions.get(latest[first.account.pk].version_id) if first else None
    return {"yellow": 40.0, "green": 70.0} if version is None else {
        "yellow": float(version.yellow), "green": float(version.green)
    }  # fmt: skip
