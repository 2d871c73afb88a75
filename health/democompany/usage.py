"""Who used what on which day."""

import datetime as dt
from collections.abc import Iterator

from health.democompany import stories
from health.democompany.people import PRODUCT, Record, user_id
from health.democompany.plans import Plan
from health.democompany.words import FEATURES

WEEKEND, HOLIDAY = 0.06, 0.04


def counts(plan: Plan) -> Iterator[Record]:
    """One record for each end user and day of use. Some users are keen and come first, others only ever look in."""
    if plan.story == "parent":
        return
    dice = plan.dice("usage")
    eager = [0.55 + 0.9 * dice.random() for _ in range(plan.seats)]
    rank = list(range(plan.seats))
    dice.shuffle(rank)
    for ago in range(plan.first_ago, 0, -1):
        if not stories.uses(plan, ago):
            continue
        day = plan.day(ago)
        usual = stories.habit(plan, ago) * (WEEKEND if day.isoweekday() > 5 else HOLIDAY if is_holiday(day) else 1.0)
        active, known = stories.share(plan, ago) * plan.seats, stories.features(plan, ago)
        for user in range(plan.seats):
            if rank[user] < active and dice.random() < usual * eager[user]:
                feature = min(int(dice.random() * dice.random() * known), known - 1)
                yield {
                    "external_id": f"{user_id(plan, user)}-{day:%y%m%d}",
                    "end_user": {"source": PRODUCT, "external_id": user_id(plan, user)},
                    "event": FEATURES[feature], "day": day, "count": 1 + int(9 * dice.random() ** 2),
                }  # fmt: skip


def is_holiday(day: dt.date) -> bool:
    return (day.month, day.day) in {(1, 1), (12, 25), (12, 26), (5, 1), (11, 26)}
