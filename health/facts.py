"""Everything recorded about one account, as known now, for its page."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Case, Count, Exists, F, IntegerField, Max, OuterRef, QuerySet, Subquery, Sum, When
from django.db.models.functions import Coalesce, TruncWeek
from django.utils import timezone

from accounts.models import (
    Account,
    AttributeValue,
    EndUser,
    ExternalId,
    FeatureDay,
    Invoice,
    License,
    Objective,
    Product,
    Pulse,
    Renewal,
    Stakeholder,
    Touchpoint,
    UserDay,
)
from health.book import TIMES_A_YEAR, today
from support.models import Ticket, TicketEvent
from surveys.models import Response, Survey

FEW = 10
WEEKS = 26
MONTH = dt.timedelta(days=30)


@dataclass(frozen=True)
class Money:
    amount: Decimal
    currency: str


@dataclass(frozen=True)
class Licensed:
    """A license with its product's name, and whether it counts today."""

    license: License
    product: str
    in_force: bool


@dataclass(frozen=True)
class Answer:
    """An answer with the survey it belongs to, and who gave it where that is known."""

    response: Response
    survey: Survey | None
    person: str


@dataclass(frozen=True)
class Week:
    """What was used in the week that begins on `day`; `share` is the height of its bar, of 100. Is it over yet?"""

    day: dt.date
    uses: int
    share: float
    over: bool


@dataclass(frozen=True)
class Usage:
    """The last day with use of the product, and the people of the thirty days to it."""

    last_day: dt.date | None
    people: int


def attributes(account: Account) -> QuerySet[AttributeValue]:
    """The values that apply, each with its source and since when."""
    values = AttributeValue.objects.known().filter(account=account, applied=True, text__isnull=False)
    found: QuerySet[AttributeValue] = values.select_related("definition", "source").order_by("definition__name")
    return found


def licenses(account: Account) -> list[Licensed]:
    """Those in force first, then by when they end."""
    day = today()
    found = list(License.objects.known().filter(account=account))
    names = dict(
        Product.objects.known()
        .filter(record__in={each.product_record for each in found if each.product_record})
        .values_list("record", "name")
    )
    listed = [Licensed(each, names.get(each.product_record, ""), _in_force(each, day)) for each in found]
    return sorted(
        listed, key=lambda each: (not each.in_force, each.license.ends_on or dt.date.max, each.license.record)
    )


def _in_force(one: License, day: dt.date) -> bool:
    ends = min(one.ends_on or dt.date.max, (one.canceled_on or dt.date.max) - dt.timedelta(days=1))
    return one.starts_on <= day <= ends


def arr(licensed: Iterable[Licensed]) -> list[Money]:
    """A year's worth of what is in force, in each currency it is paid in."""
    sums: dict[str, Decimal] = {}
    for each in licensed:
        times = TIMES_A_YEAR[each.license.interval]
        if each.in_force and each.license.amount is not None and times:
            currency = each.license.currency
            sums[currency] = sums.get(currency, Decimal()) + each.license.amount * times
    return [Money(amount, currency) for currency, amount in sorted(sums.items())]


def seats(licensed: Iterable[Licensed]) -> int | None:
    """The seats in force; None when no license in force counts any."""
    counted = [each.license.seats for each in licensed if each.in_force and each.license.seats is not None]
    return sum(counted) if counted else None


def renewals(account: Account) -> list[Renewal]:
    """Undecided ones first, soonest first; then what was decided, latest first."""
    found = list(Renewal.objects.known().filter(account=account).order_by("due_on", "record"))
    undecided = [each for each in found if each.outcome == Renewal.Outcome.UNDECIDED]
    return undecided + [each for each in reversed(found) if each.outcome != Renewal.Outcome.UNDECIDED][:FEW]


def invoices(account: Account) -> QuerySet[Invoice]:
    found: QuerySet[Invoice] = Invoice.objects.known().filter(account=account).order_by("-issued_on", "-record")[:FEW]
    return found


def last_touch(account: Account) -> dt.datetime | None:
    held = Touchpoint.objects.known().filter(account=account, status=Touchpoint.Status.HELD, at__lte=timezone.now())
    moment: dt.datetime | None = held.aggregate(at=Max("at"))["at"]
    return moment


def pulses(account: Account) -> QuerySet[Pulse]:
    found: QuerySet[Pulse] = Pulse.objects.known().filter(account=account).order_by("-at", "-record")[:3]
    return found


def objectives(account: Account) -> QuerySet[Objective]:
    found: QuerySet[Objective] = (
        Objective.objects.known().filter(account=account).order_by(F("due_on").asc(nulls_last=True), "name")[:FEW]
    )
    return found


def tickets(account: Account) -> QuerySet[Ticket]:
    """Open ones first, each oldest first: those wait longest."""
    replied = TicketEvent.objects.known().filter(ticket_record=OuterRef("record"), kind=TicketEvent.Kind.REPLIED)
    replies = replied.order_by().values("ticket_record").annotate(count=Count("pk")).values("count")
    solved = Case(When(status=Ticket.Status.SOLVED, then=1), default=0, output_field=IntegerField())
    found: QuerySet[Ticket] = (
        Ticket.objects.known()
        .filter(account=account)
        .annotate(replies=Coalesce(Subquery(replies), 0))
        .order_by(solved, F("solved_at").desc(), "opened_at")[:FEW]
    )
    return found


def open_tickets(account: Account) -> int:
    return int(Ticket.objects.known().filter(account=account).exclude(status=Ticket.Status.SOLVED).count())


def answers(account: Account) -> list[Answer]:
    """The latest answers with their survey and, where known, the person."""
    found = list(Response.objects.known().filter(account=account).order_by("-at", "-record")[:FEW])
    asked = {
        survey.record: survey for survey in Survey.objects.known().filter(record__in={r.survey_record for r in found})
    }
    people = dict(
        Stakeholder.objects.known()
        .filter(record__in={each.stakeholder_record for each in found if each.stakeholder_record})
        .values_list("record", "name")
    )
    users = dict(
        EndUser.objects.known()
        .filter(record__in={each.end_user_record for each in found if each.end_user_record})
        .values_list("record", "name")
    )
    return [
        Answer(
            each,
            asked.get(each.survey_record),
            people.get(each.stakeholder_record) or users.get(each.end_user_record) or "",
        )
        for each in found
    ]


def external_ids(account: Account) -> QuerySet[ExternalId]:
    found: QuerySet[ExternalId] = (
        ExternalId.objects.filter(kind="accounts", record=account.pk, deleted_at__isnull=True)
        .select_related("source")
        .order_by("source__name", "external_id")
    )
    return found


def usage(account: Account) -> Usage:
    """The last day with use, and how many people there were in the month to it; internal ones do not count."""
    last: dt.date | None = FeatureDay.objects.known().filter(account=account).aggregate(last=Max("day"))["last"]
    if last is None:
        return Usage(None, 0)
    ourselves = EndUser.objects.known().filter(record=OuterRef("end_user_record"), internal=True)
    people = UserDay.objects.known().filter(
        ~Exists(ourselves), account=account, day__gt=last - MONTH, day__lte=last, events__gt=0
    )
    return Usage(last, people.aggregate(people=Count("end_user_record", distinct=True))["people"])


def features(account: Account, last: dt.date) -> tuple[dict[str, Any], ...]:
    """The features used most in the month to a day, for counts that come without people."""
    days = FeatureDay.objects.known().filter(account=account, day__gt=last - MONTH, day__lte=last)
    found = days.values("feature__name", "feature__core").annotate(uses=Sum("uses"), days=Count("day", distinct=True))
    return tuple(found.order_by("-uses", "feature__name")[:FEW])


def weeks(account: Account) -> tuple[Week, ...]:
    """Weekly use up to the last week with any; empty where there is none."""
    days = FeatureDay.objects.known().filter(account=account)
    last = days.aggregate(last=Max("day"))["last"]
    return () if last is None else _weeks(days, last)


def _weeks(days: QuerySet[FeatureDay], last: dt.date) -> tuple[Week, ...]:
    monday = last - dt.timedelta(days=last.weekday())
    first = monday - dt.timedelta(weeks=WEEKS - 1)
    sums = dict(
        days.filter(day__gte=first)
        .annotate(week=TruncWeek("day"))
        .order_by("week")
        .values_list("week")
        .annotate(total=Sum("uses"))
    )
    most = max(sums.values(), default=0) or 1
    starts = [first + dt.timedelta(weeks=n) for n in range(WEEKS)]
    over = today() - dt.timedelta(days=6)
    return tuple(Week(day, sums.get(day, 0), 100 * sums.get(day, 0) / most, day < over) for day in starts)
