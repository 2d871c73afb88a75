"""Accounts with their course, the people on the other side, and the people who use the product."""

import datetime as dt
from collections.abc import Iterator
from typing import Any, NamedTuple

from health.democompany.plans import CSMS, HORIZON, Plan
from health.democompany.words import FIRST, LAST, TITLES

Record = dict[str, Any]
CRM, PRODUCT = "demo-crm", "demo-product"


def at(day: dt.date, hour: float) -> dt.datetime:
    """A moment of a day, in UTC."""
    return dt.datetime.combine(day, dt.time(), dt.UTC) + dt.timedelta(hours=hour)


def of_crm(external_id: str) -> dict[str, str]:
    return {"source": CRM, "external_id": external_id}


def accounts(plan: Plan) -> Iterator[Record]:
    """What the CRM said of the account, each time it changed."""
    first = plan.day(plan.first_ago)
    yield {
        "external_id": plan.key, "source_updated_at": at(first, 7), "name": plan.name, "tier": plan.tier,
        "region": plan.region, "owner": CSMS[plan.csm][0], "stage": _stage(plan, plan.first_ago),
        "attributes": {"industry": plan.industry},
        **({"parent": plan.parent} if plan.parent else {}),
    }  # fmt: skip
    before = _stage(plan, plan.first_ago)
    for ago in range(plan.first_ago - 1, 0, -1):
        stage = _stage(plan, ago)
        if stage != before:
            yield {"external_id": plan.key, "source_updated_at": at(plan.day(ago), 7), "stage": stage}
            before = stage
    if plan.story == "notice":
        yield {
            "external_id": plan.key, "source_updated_at": at(plan.day(21), 9), "attributes": {"notice_given": "yes"},
        }  # fmt: skip
    if plan.ended is not None:
        yield {
            "external_id": plan.key, "source_updated_at": at(plan.day(plan.ended - 1), 8),
            "attributes": {"status": "churned"},
        }  # fmt: skip


def _stage(plan: Plan, ago: int) -> str:
    lived = plan.age - ago
    if lived < 90 or plan.story == "stalled":
        return "Onboarding"
    return "Renewal" if (ago - plan.age) % 365 >= 275 else "Adoption"


class Contact(NamedTuple):
    """A person on the other side, by whom others are named."""

    id: str
    name: str
    role: str
    since: int
    left: int | None

    def is_there(self, ago: int) -> bool:
        return ago <= self.since and (self.left is None or ago > self.left)


def contacts(plan: Plan) -> list[Contact]:
    """The stakeholders of the account, those first who matter most."""
    dice = plan.dice("people")
    roles = ["champion", "admin", "decision_maker", "executive_sponsor", "influencer", "user", "user"]
    count = {"enterprise": 7, "mid-market": 5, "smb": 2}[plan.tier]
    if plan.story in ("parent", "unknown"):
        count = 3
    found = []
    for number, role in enumerate(roles[:count]):
        name = f"{dice.choice(FIRST)} {dice.choice(LAST)}"
        left = {("champion_left", "champion"): 46, ("champion_left", "executive_sponsor"): 25,
                ("failing", "executive_sponsor"): 120, ("lost", "champion"): 200}.get((plan.story, role))  # fmt: skip
        found.append(Contact(f"{plan.key}-C{number}", name, role, plan.age, left))
    if plan.story == "failing":
        found.append(Contact(f"{plan.key}-C9", "Harper Nyland", "decision_maker", 60, None))
    return found


def stakeholders(plan: Plan) -> Iterator[Record]:
    dice = plan.dice("titles")
    for one in contacts(plan):
        first = one.name.split()[0].lower().replace("é", "e")
        record: Record = {
            "external_id": one.id, "account": plan.key, "name": one.name, "role": one.role,
            "title": dice.choice(TITLES[one.role]), "email": f"{first}@{plan.email_domain}",
            "since": plan.day(one.since), "source_updated_at": at(plan.day(min(one.since, plan.first_ago)), 8),
        }  # fmt: skip
        yield record
        if one.left is not None:
            yield {
                "external_id": one.id, "left_on": plan.day(one.left), "source_updated_at": at(plan.day(one.left), 16),
            }  # fmt: skip


def end_users(plan: Plan) -> Iterator[Record]:
    """Those who hold a seat and ever used it; a few of them are stakeholders as well."""
    dice = plan.dice("users")
    linked = [one for one in contacts(plan) if one.role in ("admin", "user", "champion")]
    for number in range(0 if plan.story == "parent" else plan.seats):
        record: Record = {
            "external_id": user_id(plan, number), "account": of_crm(plan.key),
            "name": f"{dice.choice(FIRST)} {dice.choice(LAST)}", "email": f"user{number + 1}@{plan.email_domain}",
            "first_seen_on": plan.day(min(plan.age, HORIZON)), "source_updated_at": at(plan.day(plan.first_ago), 9),
        }  # fmt: skip
        if number < len(linked):
            record["name"] = linked[number].name
            record["stakeholder"] = of_crm(linked[number].id)
        yield record


def user_id(plan: Plan, number: int) -> str:
    return f"{plan.key}-U{number}"
