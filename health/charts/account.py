"""The charts of an account's page, all over the same days; each is read when it is shown."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Self

from accounts.models import Account
from health.book import today
from health.charts.history import History, history
from health.charts.spans import DAY, Period, Span, period
from health.metrics.rules import Rules


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
    def history(self) -> History:
        return history(self.account, self.period, self.rules)
