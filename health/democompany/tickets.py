"""What the customers asked, and how it went."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from health.democompany import stories
from health.democompany.people import Record, at, of_crm
from health.democompany.plans import Plan
from health.democompany.words import TICKETS

# The help desk's connection broke so many days ago and was mended a week later.
BROKE, MENDED = 96, 89


@dataclass(frozen=True)
class Course:
    """One ticket: when it was opened, answered, escalated, solved. None: not (yet)."""

    id: str
    subject: str
    category: str
    opened: dt.datetime
    replied: dt.datetime | None
    escalated: dt.datetime | None
    solved: dt.datetime | None


def courses(plan: Plan) -> Iterator[Course]:
    """The tickets of an account in the order in which they were opened."""
    if plan.story == "parent":
        return
    dice = plan.dice("tickets")
    now = at(plan.today, 0)
    last = (plan.ended or 0) + 1
    ago = plan.first_ago - 3.0
    number = 0
    while ago > last:
        mood = stories.mood(plan, int(ago))
        opened = at(plan.day(int(ago)), 7 + 10 * dice.random())
        subject, category = dice.choice(TICKETS)
        replied = opened + dt.timedelta(hours=dice.uniform(0.4, 6 + 14 * (1 - mood)))
        solved = opened + dt.timedelta(hours=dice.uniform(4, 30 + 130 * (1 - mood)))
        escalated = None
        if _is_stuck(plan, ago):
            escalated, solved = opened + dt.timedelta(days=2.5), now + dt.timedelta(days=1)
        yield Course(
            str(10_000 + 120 * plan.number + number), subject, category, opened,
            replied if replied < now else None,
            escalated if escalated and escalated < now else None,
            max(solved, replied) if max(solved, replied) < now else None,
        )  # fmt: skip
        number += 1
        often = {"enterprise": 17, "mid-market": 26, "smb": 55}[plan.tier] * (0.55 + 0.6 * mood)
        ago -= often * (0.5 + dice.random())


def _is_stuck(plan: Plan, ago: float) -> bool:
    stuck = {"champion_left": 24, "angry": 45, "failing": 60}.get(plan.story)
    return stuck is not None and 6 < ago < stuck


def tickets(plan: Plan) -> Iterator[Record]:
    dice = plan.dice("priorities")
    for one in courses(plan):
        state = "solved" if one.solved else "pending" if one.replied else "open"
        yield {
            "external_id": one.id, "account": of_crm(plan.key), "subject": one.subject, "category": one.category,
            "priority": "urgent" if one.escalated else dice.choice(("low", "normal", "normal", "high")),
            "status": state, "escalated": one.escalated is not None, "opened_at": one.opened,
            "first_replied_at": one.replied, "solved_at": one.solved,
            "source_updated_at": one.solved or one.escalated or one.replied or one.opened,
        }  # fmt: skip


def events(plan: Plan) -> Iterator[Record]:
    for one in courses(plan):
        steps = (("opened", one.opened), ("replied", one.replied), ("escalated", one.escalated), ("solved", one.solved))
        for kind, moment in steps:
            if moment is not None:
                yield {"external_id": f"{one.id}-{kind}", "ticket": one.id, "kind": kind, "at": moment}
