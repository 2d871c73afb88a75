"""A parent and all that belongs to it as one: their scores weighed by ARR. Computed when read, never stored."""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from accounts.models import Account, User
from health.book import today
from health.metrics.cases import Cases
from health.metrics.rules import Rules
from health.models import Latest, ScorecardVersion
from health.money import yearly_on
from health.scoring.card import Band
from health.words import as_shown

# Descendants at any depth; each once, even where parents go in a circle.
FAMILY = """with recursive family(id) as (
    select id from accounts_account where id = %s
    union
    select child.id from accounts_account child join family on child.parent_id = family.id where child.deleted_at is null
)
select id from family order by id"""


@dataclass(frozen=True)
class Member:
    """An account of the family as it was last judged: no score and an unknown band where it was not."""

    account: int
    arr: float
    score: float | None = None
    band: Band = Band.UNKNOWN


@dataclass(frozen=True)
class RollUp:
    """The mean score with its band, and how much of the ARR the mean does not vouch for.

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


@dataclass(frozen=True)
class Family:
    """A parent's roll-up with those of its accounts that the user sees; `hidden` counts the others."""

    rollup: RollUp
    parts: tuple[Part, ...]
    currency: str
    hidden: int


def family(account: Account, user: User, rules: Rules) -> Family | None:
    """The roll-up over an account and all that belongs to it; None where nothing does. Who churned is no part any more."""
    with connection.cursor() as cursor:
        cursor.execute(FAMILY, [account.pk])
        ids = list(itertools.chain.from_iterable(cursor.fetchall()))
    if len(ids) == 1:
        return None
    latest = {one.account_id: one for one in Latest.objects.filter(account__in=ids)}
    ids = [pk for pk in ids if pk not in latest or not latest[pk].churned]
    amounts = yearly_on(Cases.on(ids, today()), rules)
    members = [_member(pk, arr, latest.get(pk)) for pk, arr in zip(ids, amounts, strict=True)]
    by_pk = {member.account: member for member in members}
    seen = Account.objects.visible_to(user).filter(pk__in=ids).order_by("name", "pk")
    parts = [_part(one, by_pk[one.pk]) for one in seen]
    parts.sort(key=lambda part: -part.arr)
    rollup = rolled_up(members, **_edges(account, members, latest))
    return Family(rollup, tuple(parts), rules.currency, len(members) - len(parts))


def _member(pk: int, arr: float, latest: Latest | None) -> Member:
    return Member(pk, arr) if latest is None else Member(pk, arr, latest.score, Band(latest.effective))


def _part(account: Account, member: Member) -> Part:
    return Part(account, member.score, member.band, member.arr)


def _edges(account: Account, members: Sequence[Member], latest: dict[int, Latest]) -> dict[str, Any]:
    """The edges of the parent's own scorecard, or, where it has no score, of the largest account's that has one."""
    judged = [member for member in members if member.score is not None]
    first = max(judged, key=lambda member: (member.account == account.pk, member.arr), default=None)
    version = ScorecardVersion.objects.filter(pk=latest[first.account].version_id).first() if first else None
    return {"yellow": 40.0, "green": 70.0} if version is None else {
        "yellow": float(version.yellow), "green": float(version.green)
    }  # fmt: skip
