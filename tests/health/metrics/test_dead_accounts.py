"""A customer that stops using the product only ever falls."""

import numpy as np
import pytest

from accounts.models import Account
from health.metrics import declare
from health.metrics.cases import Cases
from health.metrics.read import Asked, Read, read
from health.metrics.rules import Rules
from health.scoring.card import Card, Group, Measure, State
from health.scoring.judge import Before, Readings, Verdict, judge, rounded
from tests.health.metrics.facts import account, connected, day
from tests.health.metrics.people import (
    after,
    answer,
    days,
    end_user,
    licensed,
    stakeholder,
    survey,
    touchpoint,
    used,
    used_feature,
    weekdays,
)

pytestmark = pytest.mark.django_db

STOP = "2025-06-20"  # a Friday, the last day of use
AFTERWARDS = days(STOP, after(STOP, 120))
RULES = Rules(core_features=("Plan", "Report"))

# Like a scorecard of a product that is led by its use: metric → its group and weight there.
GROUPS = (Group(key="adoption", weight=60), Group(key="engagement", weight=20), Group(key="sentiment", weight=20))
MEASURES = {
    "license_utilization": (0, 3),
    "weekly_adoption": (0, 1),
    "daily_active_users": (0, 1),
    "monthly_active_users": (0, 1),
    "stickiness": (0, 1),
    "feature_breadth": (0, 1),
    "days_since_last_use": (0, 2),
    "usage_trend": (0, 2),
    "stakeholder_engagement": (1, 1),
    "days_since_touchpoint": (1, 1),
    "nps": (2, 1),
}
CARD = Card(
    groups=GROUPS,
    measures=tuple(
        Measure(key=name, slot=slot, group=group, weight=weight, scale=declare.get(name)[0].scale)
        for slot, (name, (group, weight)) in enumerate(MEASURES.items())
    ),
)
SLOTS = {name: slot for slot, name in enumerate(MEASURES)}


@pytest.fixture
def acme(db: None) -> Account:
    """An account in good health: seats, a champion, a touchpoint a month, promoters, two core features."""
    connected("usage", "licenses", "stakeholders", "touchpoints", "survey-responses")
    made = account()
    licensed(made, seats=10)
    champion = stakeholder(made)
    for month in range(1, 7):
        touchpoint(made, f"2025-{month:02}-12", champion)
    asked = survey()
    for score in (10, 10, 9, 8):
        answer(made, asked, "2025-06-05", score)
    for feature in ("Plan", "Report"):
        used_feature(made, feature, *weekdays("2025-03-01", STOP))
    return made


def over(account: Account, when: list[str]) -> tuple[Read, Verdict]:
    asked = [Asked(metric=declare.get(name)[0], max_age_days=90 if name == "nps" else None) for name in MEASURES]
    found = read(asked, Cases([account.pk] * len(when), [day(one) for one in when]), RULES)
    return found, judge(CARD, Readings(found.values, found.states), Before.nothing(CARD, len(when)))


def test_a_customer_that_stops_using_the_product_only_ever_falls_for_120_days(acme: Account) -> None:
    for number in range(8):
        used(end_user(acme, f"user {number}"), *weekdays("2025-01-01", STOP))
    found, verdict = over(acme, AFTERWARDS)
    assert not np.isnan(verdict.score).any()
    assert rounded(verdict.score)[0] > 80
    assert (np.diff(verdict.score) <= 1e-9).all()
    assert rounded(verdict.score)[-1] == 0  # adoption and engagement are at 0, and nobody's answer is fresh enough
    adoption = found.states[:, [slot for name, slot in SLOTS.items() if MEASURES[name][0] == 0]]
    assert (adoption == State.FRESH).all()


@pytest.mark.parametrize("name", [name for name in MEASURES if MEASURES[name][0] == 0])
def test_each_adoption_reading_of_a_customer_that_stops_only_ever_gets_worse(acme: Account, name: str) -> None:
    for number in range(8):
        used(end_user(acme, f"user {number}"), *weekdays("2025-01-01", STOP))
    _, verdict = over(acme, AFTERWARDS)
    points = verdict.points[:, SLOTS[name]]
    assert (np.diff(points) <= 1e-9).all()
    assert points[-1] == 0


def test_one_with_daily_weekly_and_rare_users_falls_too(acme: Account) -> None:
    for number in range(4):
        used(end_user(acme, f"daily {number}"), *weekdays("2025-01-01", STOP))
    for number in range(4):
        used(end_user(acme, f"weekly {number}"), *weekdays("2025-01-01", STOP)[number::5])
    used(end_user(acme, "rare"), "2025-02-20", "2025-04-10", "2025-06-02")
    _, verdict = over(acme, AFTERWARDS)
    # Stickiness alone may rise for a day, when those who came rarely leave its window first; the score does not.
    assert (np.diff(verdict.score) <= 1e-9).all()
    assert rounded(verdict.score)[-1] == 0


def test_one_whose_usage_comes_by_the_week_falls_too(acme: Account) -> None:
    weeks = [one for one in days("2025-01-06", "2025-06-16") if day(one).isoweekday() == 1]
    for number in range(8):
        used(end_user(acme, f"user {number}"), *weeks, grain=7)
    _, verdict = over(acme, days("2025-06-22", after("2025-06-22", 120)))
    assert (np.diff(verdict.score) <= 1e-9).all()
    assert rounded(verdict.score)[-1] == 0
