"""What went with a customer that churned: what they paid and for how long, why, and how they stood at the end."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

from accounts.models import Renewal
from health import contract, words
from health.contract import Licensed, Money
from health.models import Latest

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


def lost(latest: Latest, licensed: Sequence[Licensed], renewals: Sequence[Renewal]) -> Lost:
    """What was lost with an account whose latest judgment says that it churned; from what its page has read anyway."""
    begun = [each for each in licensed if each.license.starts_on <= latest.day]
    # In its grace a customer has no license in force any more; what went then is what ended last.
    last = min(latest.day, max((contract.ends_on(each.license) for each in begun), default=latest.day))
    gone = [replace(each, in_force=contract.in_force(each.license, last)) for each in begun]
    return Lost(
        until=latest.day,
        arr=tuple(contract.arr(gone)),
        licenses=contract.seats(gone),
        renewal=next((one for one in renewals if one.outcome == Renewal.Outcome.LOST), None),
        score=latest.score,
        band=words.band(latest.effective),
        since=min((each.license.starts_on for each in begun), default=None),
    )
