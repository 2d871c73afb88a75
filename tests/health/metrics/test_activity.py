"""Read from bitmaps, usage is what the roll-ups say: for any facts, on any day, as known at any moment."""

import datetime as dt
from typing import Any

import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from health.metrics import read as reading
from health.metrics.cases import Cases
from health.metrics.read import summed
from health.metrics.rules import Rules
from health.metrics.usage import (
    LAST_BY_DAY,
    LAST_BY_WEEK,
    active_users,
    features_used,
    last_use,
    users_on_last_working_days,
    users_on_working_days,
)
from tests.accounts.build import account, applied, company, send, taken_back

pytestmark = pytest.mark.django_db

# A block of bits ends with April 30, 2024; clocks change in Berlin on March 31 and in New York on March 10.
FIRST, LAST = dt.date(2024, 3, 8), dt.date(2024, 5, 6)
DAYS = (LAST - FIRST).days
RULES = Rules(core_features=("run", "share"), holidays=frozenset({dt.date(2024, 4, 1)}))
COLUMNS = (
    active_users(1), active_users(7), active_users(30), active_users(28), active_users(28, until=28),
    users_on_working_days(30), users_on_last_working_days(), features_used(30), features_used(90),
    last_use(), LAST_BY_DAY, LAST_BY_WEEK,
)  # fmt: skip

days = st.integers(0, DAYS)
counts = st.fixed_dictionaries({
    "external_id": st.sampled_from([f"N-{n}" for n in range(9)]),
    "end_user": st.sampled_from(["U-1", "U-2", "U-3", ""]),
    "event": st.sampled_from(["run", "share", "idle"]),
    "back": days,
    "grain": st.sampled_from(["day", "day", "week"]),
    "count": st.integers(0, 2),
    "deleted": st.sampled_from([False, False, False, True]),
    "received": days,
    "known": st.sampled_from(["now", "occurred"]),
})  # fmt: skip
turns = st.fixed_dictionaries({"user": st.sampled_from(["U-1", "U-2"]), "internal": st.booleans(), "received": days})
cases = st.lists(st.tuples(st.sampled_from(["A-1", "A-2"]), days, st.none() | days), min_size=1, max_size=6)


def on(number: int) -> dt.date:
    return FIRST + dt.timedelta(days=number)


def evening(number: int) -> dt.datetime:
    return dt.datetime.combine(on(number), dt.time(20), dt.UTC)


def told(count: dict[str, Any]) -> None:
    if count["deleted"]:
        record: dict[str, Any] = {"external_id": count["external_id"], "deleted": True}
    else:
        who = {"end_user": count["end_user"]} if count["end_user"] else {"end_user": None, "account": "A-1"}
        same = {name: count[name] for name in ("external_id", "event", "grain", "count")}
        record = {**same, **who, "day": str(max(FIRST, on(count["received"]) - dt.timedelta(days=count["back"])))}
    send("usage", record, at=evening(count["received"]), known=count["known"])


@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Europe/Berlin"])
def test_bitmaps_say_what_the_rollups_say(zone: str, settings: Any) -> None:
    settings.ORGANIZATION_TIME_ZONE = zone
    _cast()
    _same()


def _cast() -> None:
    company("A-1", "A-2")
    names = (("U-1", "A-1"), ("U-2", "A-1"), ("U-3", "A-2"))
    applied(send("end-users", *({"external_id": one, "account": own} for one, own in names), at="2024-01-01"))


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(counts, max_size=14), st.lists(turns, max_size=3), cases, st.integers(0, 40))
def _same(facts: list[dict[str, Any]], inside: list[dict[str, Any]], asked: list[Any], age: int) -> None:
    with taken_back():
        for fact in sorted([*facts, *inside], key=lambda one: int(one["received"])):
            if "user" in fact:
                record = {"external_id": fact["user"], "account": "A-1", "internal": fact["internal"]}
                send("end-users", record, at=evening(fact["received"]))
            else:
                told(fact)
        whose = [account(name).pk for name, _, _ in asked]
        known_at = [None if known is None else evening(known) for _, _, known in asked]
        some = Cases(whose, [on(day) for _, day, _ in asked], known_at)
        born = [day - dt.timedelta(days=age) for day in some.days]
        quick = summed(COLUMNS, some, born, RULES)
        for facts_of in {column.facts for column in COLUMNS}:
            own = [column for column in COLUMNS if column.facts == facts_of]
            slow = reading._query(facts_of, own, reading._parameters(some, born, RULES), len(some), RULES)
            for column in own:
                np.testing.assert_array_equal(quick[column], slow[column], str(column))


def test_only_what_was_learned_later_is_left_to_the_rollups() -> None:
    _cast()
    record = {"external_id": "N-1", "end_user": "U-1", "event": "run", "day": str(on(3)), "count": 1}
    send("usage", record, at=evening(5))
    week = active_users(7)

    def active(known: int) -> tuple[float, bool]:
        some = Cases.on([account("A-1").pk], on(4), evening(known))
        with CaptureQueriesContext(connection) as queries:
            found = summed([week], some, [FIRST], RULES)[week]
        return float(found[0]), any("accounts_userday" in query["sql"] for query in queries)

    assert active(known=5) == (1.0, False)
    assert active(known=4) == (0.0, True)
