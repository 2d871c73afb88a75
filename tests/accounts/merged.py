"""Two accounts with some of everything, to be merged and made two again, and all that is then known."""

import datetime as dt
from typing import Any

from django.db import models

from accounts import merging, rolling, work
from accounts.models import (
    Account,
    AccountStream,
    EventMembership,
    ExternalId,
    FeatureActivity,
    FeatureDay,
    Merge,
    Note,
    Task,
    User,
    UserActivity,
    UserDay,
)
from tests.accounts import tracked
from tests.accounts.build import account, applied, company, everything_known, noon, send, source
from tests.accounts.test_two_clocks import STORIES

BEFORE, MERGED, MEANWHILE, UNDONE = noon("2024-06-10"), noon("2024-06-12"), noon("2024-06-14"), noon("2024-06-20")
DAY = dt.timedelta(days=1)


def merge(loser: str = "A-2", survivor: str = "A-1", at: dt.datetime = MERGED) -> Merge:
    return merging.merge(account(loser), account(survivor), by=None, now=at)


def take_back(made: Merge, at: dt.datetime = UNDONE) -> Merge:
    return merging.undo(made, by=None, now=at)


def some_of_each(name: str, prefix: str) -> None:
    """A record of every kind at an account, in its second state, so that each has a history."""
    needs = {"V-1": f"{prefix}V-1", "T-1": f"{prefix}T-1", "A-1": name}

    def own(value: Any) -> Any:
        return needs.get(value, value) if isinstance(value, str) else value

    send(
        "surveys",
        {"external_id": f"{prefix}V-1", "name": "Q", "kind": "ces", "minimum": 1, "maximum": 7},
        at="2024-02-01",
    )
    send(
        "tickets",
        {"external_id": f"{prefix}T-1", "account": name, "opened_at": "2024-02-20T08:00:00Z"},
        at="2024-02-21",
    )
    for chapter, at in ((0, "2024-03-01"), (1, "2024-04-01")):
        for story in STORIES:
            if story.kind in {"accounts", "products", "surveys"}:
                continue
            record = {member: own(value) for member, value in story.at(chapter).items()}
            applied(send(story.kind, {**record, "external_id": f"{prefix}X-1"}, at=at))


def two_accounts() -> None:
    """Two accounts with some of everything, users who did things that were counted and tracked, children, notes and tasks."""
    company("A-1", "A-2", at="2024-01-01")
    some_of_each("A-1", "one ")
    some_of_each("A-2", "two ")
    send("end-users", {"external_id": "bob", "account": "A-2"}, by="product", at="2024-04-01")
    for user, name in (("ann", "A-1"), ("bob", "A-2"), ("eve", "A-2")):
        send("end-users", {"external_id": f"u-{user}", "account": name, "name": user}, at="2024-04-01")
        usage = {"account": name, "end_user": f"u-{user}", "event": "Export", "count": 3}
        send(
            "usage",
            *({"external_id": f"{user}-{day}", "day": f"2024-06-0{day}", **usage} for day in (1, 3)),
            at="2024-06-04",
        )
        send("usage", {"external_id": f"{user}-today", "day": "2024-06-12", **usage}, at=MERGED - dt.timedelta(hours=2))
    send(
        "accounts",
        {"external_id": "A-2", "stage": "Live", "attributes": {"plan": "Pro", "status": "churned"}},
        at="2024-05-01",
    )
    send("accounts", {"external_id": "A-3", "name": "Part", "parent": "A-2"}, at="2024-05-01")
    send("accounts", {"external_id": "B-2", "name": "Two in billing", "external_ids": [{"source": "crm", "external_id": "A-9"}]},
         by="billing", at="2024-05-01")  # fmt: skip
    somebody = User.objects.create_user("dana@loomline.example", "x")
    for name in ("A-1", "A-2"):
        work.add_task(account(name), f"Call {name}", owner=somebody, author=None, now=BEFORE)
        work.finish(
            work.add_task(account(name), "Done", owner=somebody, author=None, now=BEFORE), by=somebody, now=BEFORE
        )
        work.add_note(account(name), f"About {name}", author=somebody, now=BEFORE)


def track(*users: tuple[str, str], at: str = "2024-06-10 09:00") -> None:
    """Users of the product at the accounts whose ids the CRM gave, each active at a time."""
    tracked.source(accounts_of=source("crm"))
    when = tracked.moment(at)
    tracked.keep(
        *(tracked.group(when, user=user, account=name) for user, name in users),
        *(tracked.track(when + dt.timedelta(minutes=number), user=user) for user, _ in users for number in (1, 2)),
        at=at,
    )
    rolling.roll_up(when)


def state() -> dict[str, Any]:
    """Everything that is known now, in every table that a merge writes to, without the numbers of versions."""
    return {
        **everything_known(),
        "every id": rows(ExternalId, leave=("pk",)),
        "members": rows(EventMembership, leave=("pk",)),
        "tasks": rows(Task),
        "notes": rows(Note),
        "each account": rows(Account, leave=("updated_at", "changed_in", "changed_at", "dirty_since")),
        "days": rows(UserDay, UserDay.objects.known(), leave=("pk", "received_on")),
        "uses": rows(FeatureDay, FeatureDay.objects.known(), leave=("pk", "received_on")),
        "bits": rows(UserActivity, UserActivity.objects.exclude(days=0, weeks=0), leave=("pk", "changed_on")),
        "uses bits": rows(
            FeatureActivity, FeatureActivity.objects.exclude(days=0, weeks=0), leave=("pk", "changed_on")
        ),
        "streams heard": rows(AccountStream, leave=("id",)),
    }


def rows(model: type[models.Model], found: Any = None, leave: tuple[str, ...] = ()) -> list[Any]:
    columns = [field.attname for field in model._meta.concrete_fields if field.name not in leave]
    told = (found if found is not None else model._default_manager.all()).values(*columns)
    return sorted((sorted(row.items()) for row in told), key=repr)


def differing(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """Table → rows that only one of two states has."""
    return {
        name: ([row for row in one.get(name, []) if row not in other.get(name, [])],
               [row for row in other.get(name, []) if row not in one.get(name, [])])
        for name in one.keys() | other.keys() if one.get(name) != other.get(name)
    }  # fmt: skip
