"""What went with customers that churned: what they paid and for how long, why, and how they stood at the end."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.db.models import DateField, ExpressionWrapper, F, Max
from django.db.models.functions import Least

from accounts.arrays import numbers_in
from accounts.models import License, Renewal
from health import contract, words
from health.book import in_force
from health.contract import Licensed, Money
from health.metrics.cases import Cases
from health.metrics.rules import Rules
from health.models import Latest
from health.money import yearly_on

MONTHS = 12
DAYS_A_MONTH = 365.25 / MONTHS


@dataclass(frozen=True)
class Lost:
    """`until` is the last day as a customer, and the last one that was scored; `since` the first day of the first license."""

    until: dt.date
    arr: tuple[Money, ...]
    licenses: int | None
    renewal: Renewal | None
    score: float | None
    band: str
    since: dt.date | None

    @property
    def tenure(self) -> str:
        """`2 y 3 mo`: how long it was a customer; empty where nothing says since when."""
        if self.since is None or self.since > self.until:
            return ""
        years, months = divmod(round(((self.until - self.since).days + 1) / DAYS_A_MONTH), MONTHS)
        parts = (f"{years}{words.NBSP}y" if years else "", f"{months}{words.NBSP}mo" if months or not years else "")
        return " ".join(filter(None, parts))


def lost(latest: Latest, licensed: Sequence[Licensed], renewals: Sequence[Renewal], rules: Rules) -> Lost:
    """What was lost with an account whose latest judgment says that it churned."""
    begun = [each for each in licensed if each.license.starts_on <= latest.day]
    # Who churns has no license in force any more; what went is what ended last.
    last = min(latest.day, max((contract.ends_on(each.license) for each in begun), default=latest.day))
    counted = set(in_force(last, rules).filter(account=latest.account_id).values_list("record", flat=True))
    gone = [replace(each, in_force=each.license.record in counted) for each in begun]
    return Lost(
        until=latest.day,
        arr=tuple(contract.arr(gone)),
        licenses=contract.seats(gone),
        renewal=next((one for one in renewals if one.outcome == Renewal.Outcome.LOST), None),
        score=latest.score,
        band=words.band(latest.effective),
        since=min((each.license.starts_on for each in begun), default=None),
    )


@dataclass(frozen=True)
class Loss:
    """What one of many paid a year, in the organization's currency, and why it left, as far as anybody said."""

    arr: float
    reason: str


def losses(accounts: Sequence[int], rules: Rules) -> dict[int, Loss]:
    """Account → what was lost with it, of those that churned."""
    lost_renewals = Renewal.objects.known().filter(account__in=numbers_in(accounts), outcome=Renewal.Outcome.LOST)
    reasons = dict(lost_renewals.order_by("due_on", "record").values_list("account_id", "reason"))
    return {account: Loss(arr, reasons.get(account, "")) for account, arr in lost_arr(accounts, rules).items()}


def lost_arr(accounts: Sequence[int], rules: Rules) -> dict[int, float]:
    """Account → what it paid a year on the last day on which it had a license, at the rates of that day, of those that
    churned."""
    churned = License.objects.known().filter(account__in=numbers_in(accounts), account__latest__churned=True)
    canceled = ExpressionWrapper(F("canceled_on") - 1, output_field=DateField())
    begun = churned.filter(starts_on__lte=F("account__latest__day")).order_by().values("account")
    last = dict(
        begun.annotate(last=Max(Least("account__latest__day", "ends_on", canceled))).values_list("account", "last")
    )
    return dict(zip(last, yearly_on(Cases(list(last), list(last.values())), rules), strict=True))
