"""What the frame around every page says: how many accounts, which sources are late, when scores were made."""

import datetime as dt
from dataclasses import dataclass

from django.db.models import Count, Max, Subquery

from accounts.models import Account, User
from health import lateness
from health.book import CUSTOMERS
from health.models import Run


@dataclass(frozen=True)
class Frame:
    accounts: int
    late_sources: int
    scored_at: dt.datetime | None


def frame(user: User) -> Frame:
    """Counted anew for each page, by two short queries. Accounts are customers, as in the list."""
    done = Run.objects.filter(state=Run.State.DONE, finished_at__isnull=False).order_by("-finished_at")
    counted = Account.objects.visible_to(user).aggregate(
        accounts=Count("pk", filter=CUSTOMERS), scored_at=Max(Subquery(done.values("finished_at")[:1]))
    )
    return Frame(counted["accounts"], len(lateness.late()), counted["scored_at"])
