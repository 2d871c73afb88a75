"""What the frame around every page says: how many accounts, which sources are late, when scores were made."""

import datetime as dt
from dataclasses import dataclass

from django.db.models import Count, F, Max, Subquery

from accounts.models import Account, User
from health import lateness
from health.models import Run


@dataclass(frozen=True)
class Frame:
    accounts: int
    late_sources: int
    scored_at: dt.datetime | None


def frame(user: User) -> Frame:
    """Counted anew for each page, by two short queries. Accounts are customers, as in the list: all but the few that churned."""
    visible = Account.objects.visible_to(user).order_by()
    former = visible.filter(latest__churned=True).values(churned=F("latest__churned")).annotate(count=Count("pk"))
    done = Run.objects.filter(state=Run.State.DONE, finished_at__isnull=False).order_by("-finished_at")
    counted = visible.aggregate(
        all=Count("pk"),
        former=Max(Subquery(former.values("count"))),
        scored_at=Max(Subquery(done.values("finished_at")[:1])),
    )
    return Frame(counted["all"] - (counted["former"] or 0), len(lateness.late()), counted["scored_at"])
