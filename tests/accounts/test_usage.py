"""Usage counts roll up into what metrics read: users by day and features by day, as known on any day."""

import datetime as dt
from collections import defaultdict
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts import usage
from accounts.models import FeatureDay, UsageCount, UserDay
from tests.accounts.build import (
    account,
    applied,
    company,
    day,
    everything_known,
    problems,
    record_of,
    send,
    statuses,
    taken_back,
)

pytestmark = pytest.mark.django_db

MONDAY = "2024-05-06"


@pytest.fixture(autouse=True)
def cast() -> None:
    company("A-1", "A-2")
    applied(send("end-users", *({"external_id": name, "account": "A-1"} for name in ("U-1", "U-2")), at="2024-01-01"))


def count(external_id: str = "N-1", number: int = 1, **members: Any) -> dict[str, Any]:
    return {"external_id": external_id, "end_user": "U-1", "event": "run", "day": MONDAY, "count": number, **members}


def used(at: str, **members: Any) -> None:
    applied(send("usage", count(**members), at=at))


def events(user: str = "U-1", on: str | None = None, when: str = MONDAY) -> int | None:
    """The events of an end user in a day, as known at the end of another."""
    rolled = UserDay.objects.known(day(on) if on else None)
    found = list(rolled.filter(end_user_record=record_of("end-users", user), day=when).values_list("events", flat=True))
    assert len(found) <= 1
    return found[0] if found else None


def uses(feature: str = "run", on: str | None = None, when: str = MONDAY, name: str = "A-1") -> int | None:
    rolled = FeatureDay.objects.known(day(on) if on else None).filter(account=account(name))
    found = list(rolled.filter(feature__name=feature, day=when).values_list("uses", flat=True))
    assert len(found) <= 1
    return found[0] if found else None


def test_different_ids_add_up_and_a_repeated_id_replaces() -> None:
    used("2024-05-07", number=3)
    used("2024-05-07", external_id="N-2", number=4)
    assert (events(), uses()) == (7, 7)
    used("2024-05-08", number=10)
    assert (events(), uses()) == (14, 14)
    assert (events(on="2024-05-06"), events(on="2024-05-07"), events(on="2024-05-08")) == (None, 7, 14)


def test_users_and_features_are_counted_apart() -> None:
    used("2024-05-07", number=3)
    used("2024-05-07", external_id="N-2", number=4, end_user="U-2")
    used("2024-05-07", external_id="N-3", number=5, event="share")
    assert (events("U-1"), events("U-2"), uses("run"), uses("share")) == (8, 4, 7, 5)


def test_what_changes_twice_in_a_day_is_known_as_it_was_at_its_end() -> None:
    used("2024-05-07", number=3)
    applied(send("usage", count(number=5), at=dt.datetime(2024, 5, 7, 18, tzinfo=dt.UTC)))
    assert events(on="2024-05-07") == 5
    assert UserDay.objects.count() == 1


def test_a_late_count_was_not_known_before_it_came() -> None:
    used("2024-05-07", number=3)
    used("2024-08-01", external_id="N-2", number=4)
    assert (events(on="2024-07-31"), events(on="2024-08-01")) == (3, 7)


def test_a_count_that_is_deleted_was_known_before() -> None:
    used("2024-05-07", number=3)
    applied(send("usage", {"external_id": "N-1", "deleted": True}, at="2024-05-09"))
    assert (events(on="2024-05-08"), events(on="2024-05-09"), events()) == (3, None, None)


def test_a_count_that_moves_to_another_day_or_user_leaves_its_old_place() -> None:
    used("2024-05-07", number=3)
    used("2024-05-08", number=3, day="2024-05-05")
    assert (events(), events(when="2024-05-05"), uses(), uses(when="2024-05-05")) == (None, 3, None, 3)
    used("2024-05-09", number=3, day="2024-05-05", end_user="U-2")
    assert (events(when="2024-05-05"), events("U-2", when="2024-05-05")) == (None, 3)
    assert uses(when="2024-05-05") == 3


def test_a_week_is_a_grain_of_its_own() -> None:
    used("2024-05-20", number=3)
    used("2024-05-20", external_id="N-2", number=7, grain="week")
    rolled = UserDay.objects.known().values_list("grain", "events")
    assert sorted(rolled) == [(1, 3), (7, 7)]


def test_a_count_of_the_account_as_a_whole_has_no_user() -> None:
    applied(send("usage", count(end_user=None, account="A-2", number=9), at="2024-05-07"))
    assert uses(name="A-2") == 9
    assert not UserDay.objects.exists()


def test_a_count_of_zero_is_known_and_is_not_nothing() -> None:
    used("2024-05-07", number=0)
    assert (events(), events(on="2024-05-06")) == (0, None)


@pytest.mark.parametrize(
    ("member", "value", "code"),
    [
        ("count", -1, "min_value"),
        ("count", 2**31, "max_value"),
        ("count", 1.5, "invalid"),
        ("day", "1969-12-31", "range"),
        ("event", "", "blank"),
        ("grain", "month", "invalid_choice"),
    ],
)
def test_what_cannot_be_a_count_is_refused(member: str, value: Any, code: str) -> None:
    assert problems(send("usage", count(**{member: value}))) == [(member, code)]


def test_the_greatest_counts_add_up() -> None:
    for number in range(3):
        used("2024-05-07", external_id=f"N-{number}", number=2**31 - 1)
    assert events() == 3 * (2**31 - 1)


def test_a_count_whose_day_is_missing_waits_for_its_user_and_is_then_refused() -> None:
    half = {"external_id": "N-1", "end_user": "U-9", "event": "run", "count": 1}
    assert statuses(send("usage", half, known="occurred")) == ["unmatched"]
    applied(send("end-users", {"external_id": "U-9", "account": "A-1"}))
    assert not UsageCount.objects.exists()


def test_history_is_known_when_its_day_is_over() -> None:
    applied(send("usage", count(number=3), at="2024-08-01", known="occurred"))
    assert (events(on="2024-05-05"), events(on="2024-05-06")) == (None, 3)
    assert UserDay.objects.get().receipt_assumed


def test_rebuilding_changes_nothing() -> None:
    used("2024-05-07", number=3)
    used("2024-05-08", number=4)
    before = everything_known(), sorted(UserDay.objects.values_list())
    counts = UsageCount.objects.values("account_id", "end_user_record", "feature_id", "day", "grain")
    usage.rebuild([dict(count) for count in counts])
    assert (everything_known(), sorted(UserDay.objects.values_list())) == before


def test_a_user_who_moved_takes_no_past_along() -> None:
    used("2024-05-07", number=3)
    old = record_of("end-users", "U-1")
    applied(send("end-users", {"external_id": "U-1", "account": "A-2"}, at="2024-05-10"))
    used("2024-05-11", external_id="N-2", number=4)
    assert (uses(name="A-1"), uses(name="A-2")) == (3, 4)
    assert UserDay.objects.get(end_user_record=old).events == 3


Told = tuple[str, str, str, int, int, bool]  # id, user, event, day of May, count, deleted


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["N-1", "N-2", "N-3"]),
            st.sampled_from(["U-1", "U-2", ""]),
            st.sampled_from(["run", "share"]),
            st.integers(6, 7),
            st.integers(0, 3),
            st.booleans(),
        ),
        max_size=8,
    ),
    st.sampled_from(["now", "occurred"]),
)
def test_the_chain_is_what_the_counts_say_on_every_day(told: list[Told], known: Any) -> None:
    with taken_back():
        for hour, (name, user, event, on, number, gone) in enumerate(told):
            record: dict[str, Any] = {"external_id": name, "deleted": True}
            if not gone:
                who = {"end_user": user} if user else {"end_user": None, "account": "A-1"}
                record = count(name, number, event=event, day=f"2024-05-{on:02}", **who)
            # Several changes fall on one day, and history on the days before.
            applied(
                send(
                    "usage",
                    record,
                    at=dt.datetime(2024, 5, 8, tzinfo=dt.UTC) + hour * dt.timedelta(hours=9),
                    known=known,
                )
            )
        for at in range(5, 13):
            assert _rolled(dt.date(2024, 5, at)) == _naive(dt.date(2024, 5, at))


def _naive(on: dt.date) -> tuple[dict[Any, int], dict[Any, int]]:
    """The sums of the counts that were known at the end of a day."""
    users: dict[Any, int] = defaultdict(int)
    features: dict[Any, int] = defaultdict(int)
    end = dt.datetime.combine(on, dt.time.max, dt.UTC)
    for known in UsageCount.objects.known(end):
        features[known.feature_id, known.day] += known.count
        if known.end_user_record is not None:
            users[known.end_user_record, known.day] += known.count
    return users, features


def _rolled(on: dt.date) -> tuple[dict[Any, int], dict[Any, int]]:
    users = UserDay.objects.known(on).values_list("end_user_record", "day", "events")
    features = FeatureDay.objects.known(on).values_list("feature_id", "day", "uses")
    assert len(users) == len({row[:2] for row in users})
    return {row[:2]: row[2] for row in users}, {row[:2]: row[2] for row in features}
