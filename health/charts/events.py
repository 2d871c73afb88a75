"""What happened to an account that explains its score: scorecards, overrides, the contract, renewals, people who left, and
tickets that were escalated."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise

from accounts import calendar
from accounts.models import Account, License, Renewal, Stakeholder, Touchpoint
from health import tickets
from health.book import today
from health.charts.contract import Contract, decided_on
from health.charts.lane import Event
from health.charts.spans import DAY, Period
from health.models import Override, ScorecardVersion

ARROW = "→"


def renewals(contract: Contract) -> Iterator[Event]:
    """Decisions, and what is past due undecided."""
    for one in contract.renewals:
        why = f": {one.reason}" if one.reason else ""
        if one.outcome == Renewal.Outcome.UNDECIDED:
            yield Event(one.due_on, "Renewal due", f"A renewal was due{why}")
        else:
            word = "Renewed" if one.outcome == Renewal.Outcome.RENEWED else "Renewal lost"
            yield Event(decided_on(one), word, word + why)


def licenses(contract: Contract) -> Iterator[Event]:
    """What was bought, changed, canceled or ended. What begins when another of its product ends takes its place."""
    found = contract.licenses
    before = {one.record: _before(one, found[:place], contract.grace) for place, one in enumerate(found)}
    followed = {one.record for one in before.values() if one is not None}
    for one in found:
        yield _begun(one, before[one.record])
        name = one.name or "A license"
        if one.canceled_on is not None:
            yield Event(one.canceled_on, "License canceled", f"{name} was canceled")
        elif one.ends_on is not None and one.record not in followed:
            yield Event(one.ends_on + DAY, "License ended", f"{name} has ended")


def _before(one: License, earlier: Sequence[License], grace: int) -> License | None:
    """The license whose place this one takes."""
    ended = (
        other
        for other in reversed(earlier)
        if other.product_record == one.product_record
        and other.ends_on is not None
        and dt.timedelta() <= one.starts_on - other.ends_on <= dt.timedelta(days=grace)
    )
    return next(ended, None)


def _begun(one: License, before: License | None) -> Event:
    name = one.name or "License"
    now, then = _seats(one), _seats(before) if before else ""
    if before is None:
        label = f"+{one.seats:,} licenses" if one.seats and not one.unlimited else "License bought"
        return Event(one.starts_on, label, f"{name} began{f' with {now}' if now else ''}")
    if now == then:
        return Event(one.starts_on, "License renewed", f"{name} goes on{f' with {now}' if now else ''}")
    label = f"{before.seats:,} {ARROW} {one.seats:,} licenses" if before.seats and one.seats else "License changed"
    return Event(one.starts_on, label, f"{name}: {then or 'no licenses told'} {ARROW} {now or 'no licenses told'}")


def _seats(one: License) -> str:
    return "unlimited licenses" if one.unlimited else "" if one.seats is None else f"{one.seats:,} licenses"


def people(account: Account, period: Period) -> Iterator[Event]:
    """Whom the account has lost."""
    left = Stakeholder.objects.known().filter(account=account, left_on__range=(period.first, period.last))
    for one in left:
        role = "" if one.role == Stakeholder.StakeholderRole.OTHER else f", {one.get_role_display().lower()}"
        yield Event(one.left_on, f"{one.name} left", f"{one.name}{role} left")


def escalations(account: Account, period: Period) -> Iterator[Event]:
    since, until = calendar.start_of(period.first), calendar.end_of(period.last)
    for one in tickets.escalations(account).filter(at__gte=since, at__lte=until):
        said = f"Ticket escalated: {one.subject}" if one.subject else "Ticket escalated"
        yield Event(calendar.day_of(one.at), "Escalated", said)


def overrides(account: Account) -> Iterator[Event]:
    for one in Override.objects.filter(account=account).select_related("author"):
        word = one.get_band_display().lower()
        yield Event(calendar.day_of(one.set_at), f"Held at {word}", f"Held at {word} by {one.author}: {one.reason}")
        if one.ended_at is not None:
            yield Event(calendar.day_of(one.ended_at), "Override ended", f"No longer held at {word}")
        elif one.last_day < today():
            yield Event(one.last_day + DAY, "Override ended", f"No longer held at {word}")


def versions(scored: Iterable[tuple[dt.date, int]], known: Mapping[int, ScorecardVersion]) -> Iterator[Event]:
    """From which day another version judged: of (day, version), earliest first."""
    for (_, before), (day, after) in pairwise(scored):
        if before != after:
            old, new = known[before], known[after]
            same = old.scorecard_id == new.scorecard_id
            yield Event(day, f"Scorecard {new.number}" if same else str(new), f"Scored by {new}, before by {old}")


def touches(account: Account, period: Period) -> list[dt.date]:
    """The days of the touchpoints that were held, one for each."""
    held = Touchpoint.objects.known().filter(
        account=account,
        status=Touchpoint.Status.HELD,
        at__gte=calendar.start_of(period.first),
        at__lte=calendar.end_of(period.last),
    )
    return [calendar.day_of(at) for at in held.order_by("at").values_list("at", flat=True)]
