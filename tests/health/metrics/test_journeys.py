"""Journeys, by hand. The day is Monday, 30 June 2025; thirty days up to it begin on 1 June."""

from typing import Any

import pytest

from accounts import meanings
from accounts.models import EndUser, Feature
from health.metrics.above import read_above
from health.metrics.cases import Cases
from health.metrics.declare import get
from health.metrics.read import Asked
from health.metrics.rules import Rules
from health.scoring.card import State
from tests.health.metrics.facts import DAY, account, connected, day, reading, state, value
from tests.health.metrics.people import end_user, tracked, users

pytestmark = pytest.mark.django_db
ROLES = (("Viewed Pricing Page", "seen"), ("Order Completed", "ordered"))
PEOPLE = ("Orders", "seen", "ordered", "people", 1)
SESSIONS = ("By session", "seen", "ordered", "sessions", 0)
RULES = Rules(event_roles=ROLES, goals=(PEOPLE, SESSIONS), pairs=(PEOPLE,))


@pytest.fixture(autouse=True)
def _connected(db: None) -> None:
    connected("usage")
    meanings.publish(ROLES, (), RULES.sequences)


def did(user: EndUser, on: str, *roles: str, **told: Any) -> None:
    """What the user did on a day, in one session."""
    bits = meanings.bits_of(*roles)
    tracked(user, on, roles=bits, **({"session_roles": [bits]} | told))


LATER = ("seen", "ordered", "seen → ordered")


# Bounces


def test_bounces_are_sessions_of_one_page() -> None:
    acme = account()
    pricing, docs = (Feature.objects.create(name=f"Viewed {name}").pk for name in ("Pricing Page", "Docs Screen"))
    tracked(
        end_user(acme), "2025-06-01", seconds=(0, 0, 9, 9), session_pages=[1, 1, 2, 0],
        session_landings=[pricing, docs, pricing, 0],
    )  # fmt: skip
    tracked(end_user(acme), "2025-05-31", session_pages=[1])
    tracked(end_user(acme, "Robot", internal=True), DAY, session_pages=[1])
    assert reading("bounce_rate", acme) == (50.0, State.FRESH, 4, 0)
    assert reading("bounce_rate:Pricing", acme) == (50.0, State.FRESH, 2, 0)
    assert value("bounce_rate:Docs", acme) == 100


def test_without_sessions_there_is_no_bounce_rate() -> None:
    acme = account()
    users(acme, 3, DAY)
    assert state("bounce_rate", acme) == State.NONE


# Goals


def test_who_reached_a_goal_afterwards_converts() -> None:
    acme = account()
    for first, second in (("seen", "ordered"), ("ordered", "seen"), ("seen", "seen"), ("ordered", "ordered")):
        user = end_user(acme, f"{first} {second}")
        did(user, "2025-06-10", first)
        did(user, "2025-06-12", second)
    did(end_user(acme, "In one day"), "2025-06-10", *LATER)
    did(end_user(acme, "The other way round"), "2025-06-10", "seen", "ordered")
    assert reading("conversion_rate:Orders", acme, rules=RULES) == (40.0, State.FRESH, 5, 0)
    assert value("abandonment_rate", acme, rules=RULES) == 60


def test_a_goal_is_judged_after_its_days_and_within_the_window() -> None:
    acme = account()
    for on in ("2025-05-31", "2025-06-01", "2025-06-29", "2025-06-30"):
        did(end_user(acme), on, "seen")
    assert reading("conversion_rate:Orders", acme, rules=RULES)[::2] == (0.0, 2)


def test_what_is_reached_after_the_day_is_not_known_on_it() -> None:
    acme = account()
    ann = end_user(acme)
    did(ann, "2025-06-10", "seen")
    did(ann, "2025-07-01", "ordered")
    assert value("conversion_rate:Orders", acme, rules=RULES) == 0
    assert value("conversion_rate:Orders", acme, "2025-07-01", rules=RULES) == 100


def test_by_sessions_each_session_counts_for_itself() -> None:
    acme = account()
    seen, whole, ordered = (meanings.bits_of(*roles) for roles in (("seen",), LATER, ("ordered",)))
    did(end_user(acme), DAY, *LATER, seconds=(1, 1, 1, 1), session_roles=[seen, whole, ordered, seen])
    did(end_user(acme), DAY, "seen")
    assert reading("conversion_rate:By session", acme, rules=RULES) == (25.0, State.FRESH, 4, 0)
    assert reading("conversion_rate", acme, rules=RULES)[::2] == (25.0, 4)  # of people none has had its day yet


def test_without_goals_and_without_anything_tracked_there_is_no_conversion() -> None:
    acme, counted = account(), account("Counted")
    did(end_user(acme), "2025-06-10", *LATER)
    users(counted, 2, DAY)
    assert state("conversion_rate", acme, rules=Rules()) == State.NOT_APPLICABLE
    assert state("conversion_rate:Nothing", acme, rules=RULES) == State.NOT_APPLICABLE
    assert state("conversion_rate", counted, rules=RULES) == State.NOT_APPLICABLE
    assert state("abandonment_rate", counted, rules=RULES) == State.NONE


def test_staff_are_not_exposed() -> None:
    acme = account()
    did(end_user(acme, "Robot", internal=True), "2025-06-10", *LATER)
    did(end_user(acme), "2025-06-10", "seen")
    assert reading("conversion_rate:Orders", acme, rules=RULES)[::2] == (0.0, 1)


def test_of_several_accounts_those_exposed_are_taken_together() -> None:
    first, second = account("First"), account("Second")
    for number in range(3):
        did(end_user(first, str(number)), "2025-06-10", "seen")
    did(end_user(second), "2025-06-10", *LATER)
    asked = [Asked(metric=get("conversion_rate")[0], argument="Orders")]
    found = read_above(asked, Cases.on([first.pk, second.pk], day(DAY)), [1, 1], RULES)
    assert found.values[0].tolist() == [25.0]
