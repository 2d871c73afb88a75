"""The charts of an account's page, all over the same days; each is read when it is shown."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Self

from accounts.models import Account, UserDay
from health import facts
from health.book import today
from health.charts.contract import Contract, steps
from health.charts.history import History, history
from health.charts.spans import DAY, Period, Span, period
from health.charts.usage import Seats, Users, users
from health.facts import Week
from health.metrics.cases import Cases
from health.metrics.read import births
from health.metrics.rules import Rules
from health.words import NBSP

# With fewer days a sentence says more than a chart.
FEW_DAYS = 14


@dataclass(frozen=True)
class Charts:
    account: Account
    period: Period
    rules: Rules

    @classmethod
    def of(cls, account: Account, query: Mapping[str, str], last: dt.date | None, rules: Rules) -> Self:
        """Over the span that the address asks for, to the day that is shown, else to yesterday, the last that is over."""
        return cls(account, period(account, Span.of(query), last or today() - DAY), rules)

    @cached_property
    def born(self) -> dt.date:
        """When the account's life with us began, before which nothing counts."""
        (day,) = births(Cases.on([self.account.pk], self.period.last), self.rules)
        return day

    @cached_property
    def lived(self) -> Period:
        """The days of the period on which it was a customer: what is counted begins there, not at a zero before."""
        return replace(self.period, first=min(max(self.period.first, self.born), self.period.last))

    @property
    def is_new(self) -> bool:
        """Whether that is too short for a chart of what is counted over days."""
        return self.lived.days < FEW_DAYS

    @property
    def says(self) -> str:
        """The days that charts of what is counted show."""
        first = self.lived.first
        return self.period.says if first == self.period.first else f"since {first:%b}{NBSP}{first.day}"

    @cached_property
    def contract(self) -> Contract:
        return Contract.of(self.account, self.rules)

    @cached_property
    def history(self) -> History:
        """To today where the newest score is of yesterday: what happens meanwhile counts from tonight, and shows at once."""
        last = self.period.last
        until = today() if last == today() - DAY else last
        return history(self.account, replace(self.period, last=until), self.contract)

    @cached_property
    def users(self) -> Users:
        return users(self.account, self.lived, self.born, self.rules)

    @cached_property
    def seats(self) -> Seats:
        found = steps(self.account, self.lived, self.contract, self.rules)
        return Seats(self.users, found, bool(self.contract.licenses))

    @cached_property
    def told(self) -> bool:
        """Whether it was ever told of people who use the product."""
        return self.users.any or UserDay.objects.known().filter(account=self.account).exists()

    @cached_property
    def weeks(self) -> tuple[Week, ...]:
        """Use by the week, for where it comes without people."""
        return facts.weeks(self.account)
