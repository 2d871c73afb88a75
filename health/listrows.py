"""Keeping the rows that lists read: each is made anew where facts changed, where somebody overrides a band, and on the day on
which time alone changes it, and moves on with each score. Until then the list works out for itself what may have changed, so
that it is always right. Who writes latest rows too writes those first."""

import datetime as dt
from collections.abc import Mapping, Sequence

from django.db import connection, transaction
from django.db.models import Case, DateField, Expression, ExpressionWrapper, F, Min, Q, QuerySet, Value, When
from django.db.models.functions import Least, TruncDate
from django.db.models.lookups import GreaterThan
from django.utils import timezone

from accounts import calendar
from accounts.arrays import numbers_in, plain
from accounts.models import Account, License, Renewal, Touchpoint, UserDay
from health.book import STANDS, of_account, rules_now, today, with_score, worked_out
from health.metrics.rules import Rules
from health.models import ListRow, Override
from health.models.lists import FOREVER

AT_ONCE = 2_000
OF_ACCOUNT = ("name", "owner_id", "stage", "tier", "region")
# A row that ends here says nothing.
NEVER = dt.date.min


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
    old = Account.objects.existing().filter(due, pk__gt=beyond).order_by("pk")
    # Others may go on naming these accounts as theirs: the night does so when it commits, and has their rows.
    held = old.select_for_update(skip_locked=True, of=("self",), no_key=True)
    accounts = list(held.values_list("pk", flat=True)[:AT_ONCE])
    make(accounts)
    return accounts


def make(accounts: Sequence[int]) -> None:
    """Make the rows of accounts that the caller's transaction has to itself. What is no account any more has none."""
    _hold(accounts)
    gone = Q(account__deleted_at__isnull=False) | Q(account__visitors_of__isnull=False)
    ListRow.objects.filter(gone, pk__in=numbers_in(accounts)).delete()
    rules = rules_now()
    facts = worked_out(rules, timezone.now())
    shown = with_score(Account.objects.all(), override=facts["override_band"]).annotate(
        until=_until(rules), **{f"now_{name}": value for name, value in facts.items()}
    )
    columns = {name: name for name in ("until", *OF_ACCOUNT, *STANDS)} | {name: f"now_{name}" for name in facts}
    _write(accounts, shown, columns)


def move_on(accounts: Sequence[int]) -> None:
    """Let the rows say how the accounts stand after their latest rows have been written, in the caller's transaction. All else
    in them is as it was."""
    _hold(accounts)
    shown = with_score(Account.objects.all(), override=F("list_row__override_band"))
    _write(accounts, shown, {name: name for name in STANDS})


def _hold(accounts: Sequence[int]) -> None:
    """Lock the rows, in order, before anything is read that they are to say: who waits for another writer here reads what that
    one has committed."""
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into health_listrow (account_id, until) select id, %s::date from accounts_account account "
            "where id = any(%s::bigint[]) and deleted_at is null and visitors_of_id is null "
            "and not exists (select from health_listrow where account_id = id) order by id on conflict do nothing",
            [NEVER, plain(accounts)],
        )
        cursor.execute(
            "select from health_listrow where account_id = any(%s::bigint[]) order by account_id for update",
            [plain(accounts)],
        )


def _write(accounts: Sequence[int], shown: QuerySet[Account], columns: Mapping[str, str]) -> None:
    """Put what is shown into columns of rows, each by the name that it is shown by."""
    found = shown.filter(pk__in=numbers_in(accounts)).order_by().values_list("pk", *columns.values())
    query, given = found.query.sql_with_params()
    renewed, kept, now = ", ".join(columns), *(", ".join(f"{of}.{name}" for name in columns) for of in ("kept", "now"))
    with connection.cursor() as cursor:
        cursor.execute(
            f"update health_listrow kept set ({renewed}) = row({now}) from ({query}) now(account_id, {renewed}) "
            f"where kept.account_id = now.account_id and ({kept}) is distinct from ({now})",
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
