"""Keeping the rows that lists read: each is made anew where facts changed, where somebody overrides a band, and on the day on
which time alone changes it. Until then the list works out for itself what may have changed, so that it is always right."""

from collections.abc import Sequence

from django.db import connection, transaction
from django.db.models import Case, DateField, Expression, ExpressionWrapper, F, Min, Q, Value, When
from django.db.models.functions import Least, TruncDate
from django.db.models.lookups import GreaterThan
from django.utils import timezone

from accounts import calendar
from accounts.arrays import numbers_in
from accounts.models import Account, License, Renewal, Touchpoint, UserDay
from health.book import of_account, rules_now, today, worked_out
from health.metrics.rules import Rules
from health.models import ListRow, Override
from health.models.lists import FOREVER

AT_ONCE = 2_000


def refresh() -> int:
    """Make the rows that are missing or whose day has come. Returns how many. Each once: one may go on to say nothing today."""
    made = last = 0
    while accounts := _refresh(beyond=last):
        made, last = made + len(accounts), accounts[-1]
    return made


@transaction.atomic
def _refresh(*, beyond: int) -> list[int]:
    """Some thousands of them, in the order of their accounts."""
    due = Q(list_row__isnull=True) | Q(list_row__until__lte=today())
    old = Account.objects.existing().filter(due, pk__gt=beyond).select_for_update(skip_locked=True, of=("self",))
    accounts = list(old.order_by("pk").values_list("pk", flat=True)[:AT_ONCE])
    make(accounts)
    return accounts


def make(accounts: Sequence[int]) -> None:
    """Make the rows of accounts that the caller's transaction has to itself."""
    if not accounts:
        return
    rules = rules_now()
    columns = worked_out(rules, timezone.now())
    rows = Account.objects.filter(pk__in=numbers_in(accounts)).order_by("pk").annotate(until=_until(rules), **columns)
    # Django has no INSERT … SELECT.
    query, given = rows.values_list("pk", "until", *columns).query.sql_with_params()
    names = ", ".join(columns)
    renewed = ", ".join(f"{name} = excluded.{name}" for name in ("until", *columns))
    with connection.cursor() as cursor:
        cursor.execute(
            f"insert into {ListRow._meta.db_table} (account_id, until, {names}) {query} "
            f"on conflict (account_id) do update set {renewed}",
            given,
        )


def _until(rules: Rules) -> Least:
    """The first day on which time alone changes a row."""
    ends = [_to_come(_days_after("ends_on", days)) for days in (1, rules.grace_days + 1)]
    licenses = License.objects.known().annotate(turn=Least(_to_come(F("starts_on")), *ends, _to_come(F("canceled_on"))))
    decided = Renewal.objects.known().filter(decided_on__gt=today())
    overrides = Override.objects.filter(ended_at=None, last_day__gte=today())
    planned = Touchpoint.objects.known().filter(status=Touchpoint.Status.HELD, at__gt=timezone.now())
    # Days are those of our zone, and a device may be ahead of it.
    ahead = UserDay.objects.known().filter(day__gt=today())
    rates = [begins for _, begins, _ in rules.rates if begins > today()]
    return Least(
        of_account(licenses, Min("turn")),
        of_account(decided, Min("decided_on")),
        of_account(overrides, Min(_days_after("last_day", 1))),
        of_account(planned, Min(TruncDate("at", tzinfo=calendar.zone()))),
        of_account(ahead, Min("day")),
        Value(min([FOREVER, *rates])),
        output_field=DateField(),
    )


def _days_after(day: str, days: int) -> Expression:
    return ExpressionWrapper(F(day) + days, output_field=DateField())


def _to_come(day: Expression | F) -> Case:
    return Case(When(GreaterThan(day, today()), then=day), output_field=DateField())
