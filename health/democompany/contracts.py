"""What the customers bought, pay, and decide."""

import datetime as dt
from collections.abc import Iterator

from health.democompany.people import Record, at, of_crm
from health.democompany.plans import HORIZON, Plan
from health.democompany.words import OBJECTIVES

RAISED = 1.04


def _terms(plan: Plan) -> Iterator[tuple[int, int, int]]:
    """Number of each term, and how many days ago it began and ends; the ends of later ones are negative."""
    if plan.ended is not None:
        ended = plan.ended
        yield 0, ended + 730, ended + 366
        yield 1, ended + 365, ended
        return
    for number in range(max(plan.terms, 0) + 1):
        begins = plan.age - 365 * number
        yield number, begins, begins - 364


def _seats(plan: Plan, number: int, last: int) -> int:
    grown = plan.seats - round(0.12 * plan.seats) * (last - number)
    return max(5, grown)


def licenses(plan: Plan) -> Iterator[Record]:
    terms = list(_terms(plan))
    for number, begins, ends in terms:
        seats = _seats(plan, number, terms[-1][0])
        yield {
            "external_id": f"{plan.key}-L{number}", "account": of_crm(plan.key), "product": "platform",
            "name": "Platform", "starts_on": plan.day(begins), "ends_on": plan.day(ends), "seats": seats,
            "amount": f"{seats * plan.price * RAISED ** number:.2f}", "currency": plan.currency, "interval": "year",
            "source_updated_at": at(plan.day(begins), 10),
        }  # fmt: skip
    if plan.story in ("outgrowing", "won"):
        extra = round(plan.seats * 0.1)
        yield {
            "external_id": f"{plan.key}-L90", "account": of_crm(plan.key), "product": "forecasting",
            "name": "Forecasting add-on", "starts_on": plan.day(108), "ends_on": plan.day(-plan.renews),
            "amount": f"{extra * plan.price:.2f}", "currency": plan.currency, "interval": "year",
            "source_updated_at": at(plan.day(108), 10),
        }  # fmt: skip


def renewals(plan: Plan) -> Iterator[Record]:
    """Each term is decided about a month before it ends; the last one is still open, or was lost."""
    terms = list(_terms(plan))
    for number, begins, ends in terms:
        if ends > HORIZON - 30:
            continue
        first = at(plan.day(min(begins, plan.first_ago)), 11)
        record: Record = {
            "external_id": f"{plan.key}-R{number}", "account": plan.key,
            "license": {"source": "demo-billing", "external_id": f"{plan.key}-L{number}"},
            "due_on": plan.day(ends), "currency": plan.currency,
            "amount": f"{_seats(plan, number, terms[-1][0]) * plan.price * RAISED ** number:.2f}",
        }  # fmt: skip
        yield {**record, "source_updated_at": first}
        decided = ends + 31
        if number < terms[-1][0]:
            yield _decision(plan, record["external_id"], decided, "renewed")
        elif plan.ended is not None:
            yield _decision(plan, record["external_id"], plan.ended + 12, "lost", "Went back to spreadsheets")
        elif plan.story == "notice":
            continue


def _decision(plan: Plan, external_id: str, ago: int, outcome: str, reason: str = "") -> Record:
    return {
        "external_id": external_id, "outcome": outcome, "decided_on": plan.day(ago),
        "source_updated_at": at(plan.day(ago), 15), **({"reason": reason} if reason else {}),
    }  # fmt: skip


def invoices(plan: Plan) -> Iterator[Record]:
    """Four a term, paid within two weeks; by some customers not."""
    dice = plan.dice("invoices")
    terms = list(_terms(plan))
    for number, begins, ends in terms:
        seats = _seats(plan, number, terms[-1][0])
        amount = seats * plan.price * RAISED**number / 4
        for quarter in range(4):
            issued = begins - 91 * quarter
            if not ends <= issued <= plan.first_ago or issued < 1:
                continue
            record: Record = {
                "external_id": f"{plan.key}-I{number}{quarter}", "account": of_crm(plan.key),
                "number": f"{plan.day(issued):%Y%m}-{plan.number:03}", "issued_on": plan.day(issued),
                "due_on": plan.day(issued - 30), "amount": f"{amount:.2f}", "currency": plan.currency,
                "source_updated_at": at(plan.day(issued), 10),
            }  # fmt: skip
            yield record
            paid = issued - dice.randint(6, 34)
            if plan.story in ("overdue", "failing") and issued < 130:
                continue
            if paid >= 1:
                yield {
                    "external_id": record["external_id"], "paid_on": plan.day(paid),
                    "source_updated_at": at(plan.day(paid), 14),
                }  # fmt: skip


def products(today: dt.date) -> Iterator[Record]:
    since = at(today - dt.timedelta(days=HORIZON), 6)
    yield {"external_id": "platform", "name": "Platform", "source_updated_at": since}
    yield {"external_id": "forecasting", "name": "Forecasting", "source_updated_at": since}


def objectives(plan: Plan) -> Iterator[Record]:
    if plan.tier == "smb" or plan.story in ("parent", "unknown"):
        return
    dice = plan.dice("objectives")
    for number, name in enumerate(dice.sample(OBJECTIVES, 3 if plan.tier == "enterprise" else 2)):
        set_ago = min(plan.first_ago - 5, 200 - 40 * number)
        record: Record = {
            "external_id": f"{plan.key}-O{number}", "account": plan.key, "name": name, "status": "on_track",
            "set_on": plan.day(set_ago), "due_on": plan.day(set_ago - 210), "source_updated_at": at(plan.day(set_ago), 12),
        }  # fmt: skip
        yield record
        later = max(2, set_ago - dice.randint(60, 120))
        if later >= set_ago:
            continue
        status = (
            "achieved" if plan.fit > 0.75 and number == 0 else "at_risk" if dice.random() > plan.fit else "on_track"
        )
        if status != "on_track":
            yield {
                "external_id": record["external_id"], "status": status, "source_updated_at": at(plan.day(later), 12),
                **({"achieved_on": plan.day(later)} if status == "achieved" else {}),
            }  # fmt: skip
