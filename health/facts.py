"""Everything recorded about one account, as known now, for its page."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, Count, F, Max, Min, Q, QuerySet, Sum, TextField, When
from django.db.models.functions import TruncWeek
from django.utils import timezone

from accounts import calendar
from accounts.models import (
    Account,
    AttributeDefinition,
    AttributeValue,
    EndUser,
    ExternalId,
    FeatureDay,
    Objective,
    Pulse,
    Stakeholder,
    Touchpoint,
)
from health.book import today
from health.names import named
from surveys.models import Response, Survey

FEW = 10
WEEKS = 26
MONTH = dt.timedelta(days=30)


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
class Touches:
    """When an account was first and last in touch with us; None where it never was."""

    first: dt.datetime | None
    last: dt.datetime | None

    def by(self, day: dt.date) -> bool:
        """Was it, by the end of a day?"""
        return self.first is not None and calendar.day_of(self.first) <= day


def attributes(account: Account) -> QuerySet[AttributeValue]:
    """The values that apply, each with its source and since when."""
    values = AttributeValue.objects.known().filter(account=account, applied=True, text__isnull=False)
    names_user = Q(definition__name="owner") | Q(definition__type=AttributeDefinition.Type.USER)
    said = values.annotate(says=Case(When(names_user, then=named("text")), default=F("text"), output_field=TextField()))
    found: QuerySet[AttributeValue] = said.select_related("definition", "source").order_by("definition__name")
    return found


def touches(account: Account) -> Touches:
    """The first and the last touchpoint that took place."""
    held = Touchpoint.objects.known().filter(account=account, status=Touchpoint.Status.HELD, at__lte=timezone.now())
    return Touches(**held.aggregate(first=Min("at"), last=Max("at")))


def pulses(account: Account) -> QuerySet[Pulse]:
    found: QuerySet[Pulse] = Pulse.objects.known().filter(account=account).order_by("-at", "-record")[:3]
    return found


def objectives(account: Account) -> QuerySet[Objective]:
    found: QuerySet[Objective] = (
        Objective.objects.known().filter(account=account).order_by(F("due_on").asc(nulls_last=True), "name")[:FEW]
    )
    return found


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


def last_use(account: Account) -> dt.date | None:
    """The last day with use of the product."""
    last: dt.date | None = FeatureDay.objects.known().filter(account=account).aggregate(last=Max("day"))["last"]
    return last


def features(account: Account, day: dt.date) -> tuple[dict[str, Any], ...]:
    """The features used most in the month to a day, for counts that come without people."""
    days = FeatureDay.objects.known().filter(account=account, day__gt=day - MONTH, day__lte=day)
    found = days.values("feature__name", "feature__core").annotate(uses=Sum("uses"), days=Count("day", distinct=True))
    return tuple(found.order_by("-uses", "feature__name")[:FEW])


def weeks(account: Account) -> tuple[Week, ...]:
    """Weekly use up to the last week with any; empty where there is none."""
    last = last_use(account)
    return () if last is None else _weeks(FeatureDay.objects.known().filter(account=account), last)


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
