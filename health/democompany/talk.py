"""What passes between the customers and Loomline, and what they say when they are asked."""

import datetime as dt
from collections.abc import Iterator
from random import Random

from health.democompany import stories
from health.democompany.people import Contact, Record, at, contacts, of_crm
from health.democompany.plans import CSMS, HORIZON, Plan
from health.democompany.words import BLAME, NOTES, PRAISE, SO_SO, SUBJECTS

SURVEYS = {"nps": "Relationship NPS", "csat": "Ticket satisfaction", "ces": "Effort of everyday work"}


def touchpoints(plan: Plan) -> Iterator[Record]:
    dice = plan.dice("touch")
    people = contacts(plan)
    ago = plan.first_ago - 2
    number = 0
    while ago > 0:
        there = [one for one in people if one.is_there(ago)]
        if stories.in_touch(plan, ago) and there:
            yield _touchpoint(plan, dice, there, ago, number)
            number += 1
        step = stories.every(plan) * (0.45 if plan.age - ago < 90 else 1.0)
        ago -= max(3, round(step * (0.6 + 0.8 * dice.random())))


def _touchpoint(plan: Plan, dice: Random, there: list[Contact], ago: int, number: int) -> Record:
    day = plan.day(ago)
    if day.isoweekday() > 5:
        day -= dt.timedelta(days=day.isoweekday() - 5)
    kind = (
        "business_review"
        if plan.tier != "smb" and number % 6 == 5
        else dice.choice(("meeting", "call", "call", "email", "training"))
    )
    who = dice.sample(there, min(len(there), 1 if kind in ("call", "email") else dice.randint(1, 3)))
    mood = stories.mood(plan, ago)
    tone = "good" if mood > 0.7 else "fair" if mood > 0.45 else "bad"
    missed = dice.random() < 0.22 * (1 - mood) and kind != "email"
    status = dice.choice(("no_show", "canceled_by_customer")) if missed else "held"
    name = who[0].name
    return {
        "external_id": f"{plan.key}-T{number}", "account": plan.key, "at": at(day, 8 + dice.randint(0, 8) + 0.5),
        "kind": kind, "status": status, "direction": dice.choice(("outbound", "outbound", "inbound")),
        "subject": dice.choice(SUBJECTS[kind]).format(name=name),
        "notes": "" if missed else dice.choice(NOTES[tone]).format(name=name),
        "participants": [one.id for one in who],
    }  # fmt: skip


def pulses(plan: Plan) -> Iterator[Record]:
    if plan.tier == "smb" or plan.story in ("parent", "unknown"):
        return
    dice = plan.dice("pulse")
    last = (plan.ended or 0) + 1
    for number, ago in enumerate(range(plan.first_ago - 20, last, -dice.randint(34, 46))):
        rating = 1 + round(4 * stories.pulse(plan, ago) + dice.uniform(-0.4, 0.4))
        yield {
            "external_id": f"{plan.key}-P{number}", "account": plan.key, "at": at(plan.day(ago), 15),
            "rating": min(5, max(1, rating)), "author": CSMS[plan.csm][0],
        }  # fmt: skip


def surveys(today: dt.date) -> Iterator[Record]:
    since = at(today - dt.timedelta(days=HORIZON), 6)
    yield {"external_id": "nps", "name": SURVEYS["nps"], "kind": "nps", "minimum": 0, "maximum": 10,
           "question": "How likely are you to recommend Loomline?", "source_updated_at": since}  # fmt: skip
    yield {"external_id": "csat", "name": SURVEYS["csat"], "kind": "csat", "minimum": 1, "maximum": 5,
           "question": "How satisfied are you with the answer?", "source_updated_at": since}  # fmt: skip
    yield {"external_id": "ces", "name": SURVEYS["ces"], "kind": "ces", "minimum": 1, "maximum": 7,
           "question": "Loomline makes it easy to plan my shifts.", "source_updated_at": since}  # fmt: skip


def requests(plan: Plan) -> Iterator[Record]:
    """Relationship surveys twice a year, the one about effort in between."""
    for survey, ago, person in _asked(plan):
        sent = at(plan.day(ago), 9)
        yield {
            "external_id": f"{plan.key}-Q{survey}{ago}-{person}", "account": of_crm(plan.key), "survey": survey,
            "sent_at": sent, "delivered_at": sent + dt.timedelta(minutes=2), **_person(plan, person),
        }  # fmt: skip


def responses(plan: Plan) -> Iterator[Record]:
    dice = plan.dice("answers")
    for survey, ago, person in _asked(plan):
        mood = stories.mood(plan, ago)
        if dice.random() > 0.25 + 0.45 * mood:
            continue
        answered = ago - dice.randint(0, 5)
        value, comment = _answer(dice, survey, mood)
        if answered >= 1:
            yield {
                "external_id": f"{plan.key}-A{survey}{ago}-{person}", "account": of_crm(plan.key), "survey": survey,
                "request": f"{plan.key}-Q{survey}{ago}-{person}", "at": at(plan.day(answered), 10 + dice.random() * 6),
                "value": value, "comment": comment, **_person(plan, person),
            }  # fmt: skip


def _asked(plan: Plan) -> Iterator[tuple[str, int, int]]:
    """Survey, days ago and number of the end user of each request."""
    if plan.story in ("parent", "unknown"):
        return
    last = (plan.ended or 0) + 1
    many = max(4, min(12, plan.seats // 5))
    offset = 17 + plan.number % 40
    for wave, ago in enumerate(range(offset, plan.first_ago - 40, 91)):
        if ago > last:
            for person in range(many):
                yield "ces" if wave % 2 else "nps", ago, (person * 3 + wave) % plan.seats


def _person(plan: Plan, person: int) -> Record:
    return {"end_user": {"source": "demo-product", "external_id": f"{plan.key}-U{person}"}}


def _answer(dice: Random, survey: str, mood: float) -> tuple[int, str]:
    """A value on the survey's scale, and often a comment that fits it."""
    felt = min(1.0, max(0.0, dice.gauss(0.22 + 0.72 * mood, 0.17)))
    low, high = {"nps": (0, 10), "csat": (1, 5), "ces": (1, 7)}[survey]
    value = round(low + felt * (high - low))
    lines = PRAISE if felt > 0.78 else SO_SO if felt > 0.5 else BLAME
    return value, dice.choice(lines) if dice.random() < 0.6 else ""


def satisfaction(plan: Plan, ticket: str, solved_ago: int, number: int) -> Record | None:
    """The answer to the question after a ticket, if there is one."""
    dice = plan.dice(f"csat {ticket}")
    if dice.random() > 0.5 or solved_ago < 2:
        return None
    value, comment = _answer(dice, "csat", stories.mood(plan, solved_ago))
    return {
        "external_id": f"{plan.key}-S{number}", "account": of_crm(plan.key), "survey": "csat",
        "ticket": {"source": "demo-helpdesk", "external_id": ticket}, "at": at(plan.day(solved_ago - 1), 11),
        "value": value, "comment": comment, **_person(plan, number % max(1, plan.seats)),
    }  # fmt: skip
