"""Accounts with what lists show and sort by: band, score, movement, owner, ARR, the next renewal, the last touchpoint."""

import datetime as dt
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

from django.contrib.postgres.aggregates import ArrayAgg
from django.contrib.postgres.fields import ArrayField
from django.db.models import (
    Aggregate,
    BigIntegerField,
    Case,
    CharField,
    Count,
    DateField,
    DateTimeField,
    DecimalField,
    Exists,
    Expression,
    ExpressionWrapper,
    F,
    Field,
    IntegerField,
    Max,
    Min,
    OuterRef,
    Q,
    QuerySet,
    SmallIntegerField,
    Subquery,
    Sum,
    TextField,
    Value,
    When,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Coalesce, Floor, Least, NullIf, TruncDate
from django.utils import timezone

from accounts import calendar
from accounts.models import Account, AccountStream, ExternalId, License, Renewal, Stakeholder, Touchpoint, UserDay
from accounts.words import begin
from health.configuration import rules_on
from health.kept import MOMENT, Kept, Written, written
from health.metrics.rules import Rules
from health.models import Override
from health.scoring.card import Band
from health.scoring.scale import TINY

SOON = dt.timedelta(days=90)
# Use is looked for in the last three months; what was before stands for never.
LOOK_BACK = 90
NEVER_USED: Final = dt.date.min
EVERY = 1_000_000_000
NO_PRODUCT = 0  # records are numbered from 1

# How often an amount comes in a year.
TIMES_A_YEAR = {"month": 12, "quarter": 4, "half_year": 2, "year": 1, "once": 0}


# What stands in the place of a band for an account that is no customer any more: never its last color.
CHURNED = -1
FORMER = Q(band=CHURNED)
CUSTOMERS = Q(band__gte=Band.UNKNOWN) | Q(band__isnull=True)
BANDS = {
    "green": Band.GREEN.value,
    "yellow": Band.YELLOW.value,
    "red": Band.RED.value,
    "unknown": Band.UNKNOWN.value,
    "churned": CHURNED,
}


def today() -> dt.date:
    return calendar.day_of(timezone.now())


def rules_now() -> Rules:
    """Those of the settings in force today."""
    return rules_on(today())


def in_force(day: dt.date, rules: Rules) -> QuerySet[License]:
    """The licenses in force on `day`, as known now: what `metrics.licenses` says of many cases at a time."""
    begun = License.objects.known().filter(starts_on__lte=day)
    running = Q(ends_on__isnull=True) | Q(ends_on__gte=day)
    grace = dt.timedelta(days=rules.grace_days)
    counts_on = Q(ends_on__gte=day - grace) & ~Exists(_decided(day, rules.grace_days))
    licenses: QuerySet[License] = begun.filter(
        running | counts_on, ~Exists(_in_its_place(begun)), Q(canceled_on__isnull=True) | Q(canceled_on__gt=day)
    )
    return licenses


def _decided(day: dt.date, grace: int) -> QuerySet[Renewal]:
    """The decisions by `day` on a license: those that name it, or that were due about when it ends."""
    learned = TruncDate("received_at", tzinfo=calendar.zone())
    about = [ExpressionWrapper(OuterRef("ends_on") + days, output_field=DateField()) for days in (-grace, grace)]
    named = Q(license_record=OuterRef("record")) | Q(license_record__isnull=True, due_on__range=about)
    decided = (
        Renewal.objects.known().exclude(outcome=Renewal.Outcome.UNDECIDED).filter(named, account=OuterRef("account"))
    )
    # On no stated day: when it was due, or earlier, when we learned of it.
    found: QuerySet[Renewal] = decided.annotate(on=Coalesce("decided_on", Least("due_on", learned))).filter(on__lte=day)
    return found


def _in_its_place(begun: QuerySet[License]) -> QuerySet[License]:
    """The licenses that replace one: of the same product, begun on or after its last day."""
    later = Q(starts_on__gt=OuterRef("starts_on")) | Q(starts_on=OuterRef("starts_on"), record__gt=OuterRef("record"))
    same = {"product": Coalesce(OuterRef("product_record"), Value(NO_PRODUCT))}
    return begun.annotate(product=Coalesce("product_record", Value(NO_PRODUCT))).filter(
        later, account=OuterRef("account"), starts_on__gte=OuterRef("ends_on"), **same
    )


def yearly() -> Case:
    """The amount of a license as a year's worth."""
    return Case(*(When(interval=name, then=F("amount") * times) for name, times in TIMES_A_YEAR.items()))


def converted(rules: Rules) -> Case:
    """The same in the organization's currency, at the rates of today; NULL where there is none."""
    rates = {currency: rate for currency, begins, rate in rules.rates if begins <= today()}
    whens = [When(currency=currency, then=yearly() * Value(Decimal(str(rate)))) for currency, rate in rates.items()]
    return Case(When(currency=rules.currency, then=yearly()), *whens, output_field=DecimalField())


def of_account(rows: QuerySet[Any], value: Expression) -> Subquery:
    per_account = rows.filter(account=OuterRef("pk")).order_by().values("account")
    return Subquery(per_account.annotate(value=value).values("value"))


WORST_FIRST = (Band.RED, Band.YELLOW, Band.UNKNOWN, Band.GREEN)


def override_in_force(now: dt.datetime) -> Subquery:
    found = Override.objects.filter(
        Q(ended_at__isnull=True) | Q(ended_at__gt=now), account=OuterRef("pk"), set_at__lte=now, last_day__gte=today()
    )
    return Subquery(found.values("band")[:1])


def next_renewal() -> Subquery:
    """The day its earliest undecided renewal is due."""
    undecided = Renewal.objects.known().filter(outcome=Renewal.Outcome.UNDECIDED)
    return of_account(undecided, Min("due_on"))


def last_touch(now: dt.datetime) -> Subquery:
    """The moment of its last touchpoint that was held."""
    held = Touchpoint.objects.known().filter(status=Touchpoint.Status.HELD, at__lte=now)
    return of_account(held, Max("at"))


def last_use() -> Case:
    """The last day on which anybody used the product, NEVER_USED where nobody did lately; NULL where no usage is delivered."""
    delivered = AccountStream.objects.filter(account=OuterRef("pk"), stream__kind="usage")
    days = (today() - dt.timedelta(days=LOOK_BACK), today())
    # Looked for from the newest on, so that one row of each is read.
    used = UserDay.objects.known().filter(account=OuterRef("pk"), day__range=days).order_by("-day").values("day")[:1]
    last = Coalesce(Subquery(used), Value(NEVER_USED), output_field=DateField())
    return Case(When(Exists(delivered), then=last), output_field=DateField())


def first_license() -> Subquery:
    """The day on which its first license began."""
    return of_account(License.objects.known(), Min("starts_on"))


PAID = ("seats", "arr", "arr_converted", "unrated", "currencies")


def paid(rules: Rules) -> dict[str, Subquery]:
    """What it pays: `arr` in its own currency, where that is one, `arr_converted` in the organization's."""
    licenses = in_force(today(), rules)
    recurring = licenses.filter(amount__isnull=False).exclude(interval="once")
    return {
        "seats": of_account(licenses, Sum("seats")),
        "arr": of_account(recurring, Sum(yearly())),
        "arr_converted": of_account(recurring, Sum(converted(rules))),
        "unrated": of_account(recurring.annotate(known=converted(rules)).filter(known=None), Count("pk")),
        "currencies": of_account(recurring, ArrayAgg(Cast("currency", TextField()), distinct=True)),
    }


def worked_out(rules: Rules, now: dt.datetime) -> dict[str, Subquery | Case]:
    """All that is worked out ahead, as of now, which is today."""
    return {
        "override_band": override_in_force(now),
        "renewal_on": next_renewal(),
        "touched_at": last_touch(now),
        "used_on": last_use(),
        "began_on": first_license(),
        **paid(rules),
    }


# All but what is paid is the same under all rules.
ANY_RULES = Rules()
# What kinds of things these are.
_FIELDS: dict[str, "Field[Any, Any]"] = {
    "override_band": SmallIntegerField(), "renewal_on": DateField(), "touched_at": DateTimeField(), "used_on": DateField(),
    "began_on": DateField(), "seats": BigIntegerField(), "arr": DecimalField(), "arr_converted": DecimalField(),
    "unrated": IntegerField(), "currencies": ArrayField(TextField()),
}  # fmt: skip


def _kept(name: str, rules: Rules = ANY_RULES) -> Kept:
    """What was worked out ahead; worked out now where that may say nothing any more."""
    return Kept(name, _written(rules, today(), str(calendar.zone()))[name], _FIELDS[name])


@lru_cache(maxsize=16)
def _written(rules: Rules, day: dt.date, zone: str) -> dict[str, Written]:
    """How to work out each of them on that day, in that time zone."""
    return {name: written(now) for name, now in worked_out(rules, MOMENT).items()}


def with_renewal(accounts: QuerySet[Account]) -> QuerySet[Account]:
    return accounts.annotate(renewal_on=_kept("renewal_on"))


def with_band(
    accounts: QuerySet[Account], override: Expression | Subquery | Case | F | None = None
) -> QuerySet[Account]:
    """Each with its band as of now: churned, or the override in force, or the latest computed one; NULL if never scored."""
    return accounts.annotate(
        override_band=override or _kept("override_band"),
        band=Case(
            When(latest__churned=True, then=Value(CHURNED)),
            default=Coalesce("override_band", "latest__computed"),
            output_field=SmallIntegerField(),
        ),
    )


# What there is to say of its latest score. A churned account's is not shown.
STANDS = ("day", "band", "band_order", "lowered", "score", "coverage", "moved_7", "moved_30")


def with_score(
    accounts: QuerySet[Account], override: Expression | Subquery | Case | F | None = None
) -> QuerySet[Account]:
    """Each with its latest score and how far that moved."""
    current = Q(latest__churned=False)
    return with_band(accounts, override).annotate(
        day=F("latest__day"),
        # Of an unknown account nobody can say that it is well: it comes before the green ones.
        band_order=Case(
            *(When(band=band, then=place) for place, band in enumerate(WORST_FIRST)), output_field=SmallIntegerField()
        ),
        lowered=Case(When(current & Q(latest__computed__lt=F("latest__scored")), then=True), default=False),
        score=Case(When(current, then=F("latest__score"))),
        coverage=Case(When(current, then=F("latest__coverage"))),
        moved_7=Case(When(current, then=_movement("latest__score_7", "latest__score"))),
        moved_30=Case(When(current, then=_movement("latest__score_30", "latest__score"))),
    )


def _movement(before: str, after: str) -> Combinable:
    """`words.movement` in the database. Counted in tenths, so that a fall of 5.0 is one of at least 5."""
    then, now = (Floor(F(score) * 10 + Value(0.5 + TINY)) for score in (before, after))
    return (now - then) / Value(10.0)


def with_touch(accounts: QuerySet[Account]) -> QuerySet[Account]:
    return accounts.annotate(touched_at=_kept("touched_at"))


def with_use(accounts: QuerySet[Account]) -> QuerySet[Account]:
    return accounts.annotate(used_on=_kept("used_on"), began_on=_kept("began_on"))


def with_pay(accounts: QuerySet[Account], rules: Rules) -> QuerySet[Account]:
    return accounts.annotate(**{name: _kept(name, rules) for name in PAID})


def owner_name() -> Coalesce:
    return Coalesce(NullIf(F("owner__name"), Value("")), F("owner__email"), output_field=CharField())


def lost_on() -> Case:
    """The last day on which an account that churned was scored."""
    return Case(When(band=CHURNED, then=F("day")), output_field=DateField())


def listed(accounts: QuerySet[Account], rules: Rules) -> QuerySet[Account]:
    """Each with what the list shows: owner, seats, ARR, the next renewal, the last touchpoint, how it stood when it churned;
    `arr_converted` is to sort by and to add up."""
    return (
        with_pay(with_use(with_touch(with_score(with_renewal(accounts)))), rules)
        .select_related("owner")
        .annotate(
            lost_on=lost_on(),
            last_score=F("latest__score"),
            last_band=F("latest__effective"),
            owner_name=owner_name(),
        )
    )


def aggregated(listed: QuerySet[Account], /, **wanted: Aggregate) -> dict[str, Any]:
    """Totals over listed accounts, each thing computed once for an account. Without a limit PostgreSQL would merge the list
    into the totals, and compute what an account pays anew wherever a total speaks of it."""
    return listed.order_by()[:EVERY].aggregate(**wanted)


def called(words: str) -> Q:
    """Accounts with these words in the name, that a source knows by exactly this id, or where a contact is called so."""
    if not words:
        return Q()
    known_as = ExternalId.objects.filter(kind="accounts", external_id=words, deleted_at__isnull=True).values("record")
    contacts = Stakeholder.objects.known().filter(begin("name", words) | Q(email__iexact=words)).values("account")
    # Looked up first: beside a subquery no index is used.
    found = Account.objects.filter(begin("name", words)).values("pk").union(known_as, contacts)
    return Q(pk__in=found)
