"""What a client library sends comes to the numbers of the catalog: through the door, the roller and the reading."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from django.utils import timezone

from accounts import calendar, meanings, rolling, tokens
from accounts.models import Account, ExternalId, Scope
from health import configuration, forms
from health.metrics.cases import Cases
from health.metrics.declare import get
from health.metrics.read import Asked, read
from health.metrics.rules import STANDARD_ROLES, Path, Rules
from health.rules import rules_of
from health.scoring.card import State
from tests.accounts.build import company
from tests.accounts.test_tracking import post, said
from tests.accounts.tracked import accounts, group, page, source, track
from tests.health.metrics.facts import Reading, reading
from tests.health.metrics.people import users

pytestmark = pytest.mark.django_db
FEATURE = "Report Exported"
RULES = Rules(core_features=(FEATURE,))
AT_ONCE = 300


class Product:
    """A product whose library sends events, of days up to yesterday, which is complete."""

    def __init__(self) -> None:
        accounts("A-1", "A-2")
        meanings.publish(STANDARD_ROLES, RULES.core_features)
        self.key = tokens.issue("product", source=source(), scopes=[Scope.USAGE_WRITE])[1]
        self.yesterday = calendar.day_of(timezone.now()) - dt.timedelta(days=1)

    def at(self, time: str, days: int = 0) -> dt.datetime:
        """A time of the day so many days before yesterday."""
        day = self.yesterday - dt.timedelta(days=days)
        return dt.datetime.combine(day, dt.time.fromisoformat(time), calendar.zone())

    def sends(self, *events: dict[str, Any]) -> None:
        """Each event through the door, and then what the worker does."""
        self.keeps(*events)
        self.rolls()

    def rolls(self) -> None:
        rolling.roll_up(timezone.now())

    def keeps(self, *events: dict[str, Any]) -> None:
        for begin in range(0, len(events), AT_ONCE):
            some = events[begin : begin + AT_ONCE]
            answer = post({"batch": list(some)}, self.key)
            assert answer.status_code == 200
            assert said(answer) == {"success": True, "accepted": len(some), "repeated": 0}

    def account(self, name: str = "A-1") -> Account:
        record = ExternalId.objects.get(kind="accounts", source=source(), external_id=name).record
        return Account.objects.get(pk=record)

    def reading(self, name: str, account: str = "A-1", **more: Any) -> Reading:
        return reading(name, self.account(account), self.yesterday.isoformat(), **({"rules": RULES} | more))

    def value(self, name: str, account: str = "A-1", **more: Any) -> float | None:
        return self.reading(name, account, **more).value


@pytest.fixture
def product(db: None) -> Product:
    return Product()


# Habits and features


def test_one_of_ten_users_who_used_a_feature_is_ten_percent(product: Product) -> None:
    everybody = [f"user {number}" for number in range(10)]
    sent = [group(product.at("09:00"), user) for user in everybody]
    sent += [page(product.at("09:00"), user) for user in everybody]
    product.sends(*sent, *(track(product.at(f"10:0{minute}"), "user 3", FEATURE) for minute in (0, 1, 2)))
    assert product.reading(f"feature_usage:{FEATURE}") == (10.0, State.FRESH, 10, 0)
    assert product.value("feature_usage") == 10
    assert product.value(f"feature_uses_per_user:{FEATURE}") == 3


def test_time_logins_and_events_are_as_sent(product: Product) -> None:
    """Sessions of 12, 2 and 3 minutes, of which 9, 2 and 3 are active; two logins; a feature used twice."""
    at = product.at
    product.sends(
        group(at("09:00")),
        track(at("09:00"), name="Signed In"),
        track(at("09:04"), name=FEATURE),
        page(at("09:12")),
        track(at("11:00"), name="Signed In"),
        track(at("11:02"), name=FEATURE),
        group(at("13:00"), "bob"),
        page(at("13:00"), "bob"),
        page(at("13:03"), "bob"),
    )
    expected = {
        "time_per_login": 7,
        "session_duration": 3,
        "time_in_product": 14 / 2 / 4,
        "logins_per_user": 1,
        "feature_adoption": 1,
        f"event_count:{FEATURE}": 2,
        f"event_count_per_user:{FEATURE}": 1,
        "event_count:Viewed Pricing Page": 3,
    }
    assert {name: product.value(name) for name in expected} == expected


def test_until_a_source_tells_of_a_login_its_sessions_count(product: Product) -> None:
    product.sends(
        group(product.at("09:00", 9)), page(product.at("09:00", 9)), page(product.at("11:00", 9)),
        page(product.at("11:10", 9)),
    )  # fmt: skip
    assert product.value("logins_per_user") == 2
    product.sends(track(product.at("08:00"), name="Signed In"), page(product.at("09:00")), page(product.at("11:00")))
    assert product.value("logins_per_user") == 3  # two sessions while it told of none, and one login
    assert product.value("time_per_login") == 0  # three sessions of one event each, and one login


# Loyalty


def visits(product: Product, users: Sequence[str], days: int, account: str = "A-1") -> list[dict[str, Any]]:
    """One page by each of these users, so many days before yesterday."""
    at = product.at("09:00", days)
    return [one for user in users for one in (group(at, user, account), page(at, user))]


def test_users_stay_and_are_lost(product: Product) -> None:
    """15 at the start and 20 at the end, of whom 10 are new: 66.7 % stay. 10 → 6: 40 % are lost."""
    first, second = ([f"{name} {number}" for number in range(25)] for name in "ab")
    product.sends(*visits(product, first[:15], 40), *visits(product, second[:10], 40, "A-2"))
    product.sends(*visits(product, first[5:], 3), *visits(product, second[:6], 3, "A-2"))
    assert product.reading("user_retention")[:3] == (round(200 / 3, 6), State.FRESH, 15)
    assert product.value("user_churn", "A-2") == 40


def test_new_users_come_back(product: Product) -> None:
    users = ["soon", "late", "never", "new"]
    product.sends(*visits(product, users[:3], 40))
    product.sends(*visits(product, ["soon"], 34), *visits(product, ["late"], 12), *visits(product, ["new"], 2))
    assert product.value("user_return_rate_7") == round(100 / 3, 6)
    assert product.value("user_return_rate_30") == round(200 / 3, 6)


def test_the_first_week_of_an_account(product: Product) -> None:
    company("A-3", at=product.at("00:00", 9).date().isoformat())
    record = ExternalId.objects.get(kind="accounts", source__name="crm", external_id="A-3").record
    ExternalId.objects.create(
        kind="accounts", source=source(), external_id="A-3", record=record, account_id=record
    )  # fmt: skip
    for days in (9, 3, 2):  # the first day, the seventh, and one too late
        product.sends(*visits(product, ["ann", "bob"], days, "A-3"))
    assert product.value("week1_engagement", "A-3", rules=Rules(week1_target=16)) == 25
    one = Rules(week1_target=8, week1_event="Viewed Pricing Page")
    assert product.value("week1_engagement", "A-3", rules=one) == 50
    assert product.reading("week1_engagement").state == State.NOT_APPLICABLE


# Journeys


def path(begins: str, ends: str, by: str, days: int = 1) -> Path:
    return ("Path", begins, ends, by, days)


EVENT_ROLES = (
    ("Signed In", "login"),
    ("Viewed Pricing Page", "seen"),
    ("Trial Started", "trial started"),
    ("Order Completed", "order completed"),
)


def ruled(goals: tuple[Path, ...] = (), pairs: tuple[Path, ...] = ()) -> Rules:
    """Rules with these goals and pairs, published."""
    rules = Rules(event_roles=EVENT_ROLES, goals=goals, pairs=pairs)
    meanings.publish(rules.event_roles, rules.core_features, rules.sequences)
    return rules


def test_ten_of_twenty_sessions_of_one_page_are_fifty_percent(product: Product) -> None:
    users = [f"user {number}" for number in range(20)]
    again = [page(product.at("09:10", 2), user, "Docs") for user in users[:10]]
    product.sends(*visits(product, users, 2), *again, track(product.at("09:05", 2), users[19]))
    assert product.reading("bounce_rate") == (50.0, State.FRESH, 20, 0)
    assert product.value("bounce_rate:Pricing") == product.value("bounce_rate:Viewed Pricing Page") == 50
    assert product.reading("bounce_rate:Docs").state == State.NONE


def test_ten_of_a_hundred_people_convert(product: Product) -> None:
    """Those who did it before, or have seen it yesterday, do not count."""
    rules = ruled(goals=(path("seen", "trial started", "people"),))
    users = [f"user {number}" for number in range(101)]
    sent = [group(product.at("07:00", 9), user) for user in users]
    sent += [page(product.at("09:00", 8), user) for user in users[:100]] + [page(product.at("09:00"), users[100])]
    sent += [track(product.at("10:00", 8), user, "Trial Started") for user in users[:4]]
    sent += [track(product.at("08:00", 2), user, "Trial Started") for user in users[4:10]]
    sent += [track(product.at("08:00", 8), user, "Trial Started") for user in users[50:60]]
    product.sends(*sent)
    assert product.reading("conversion_rate:Path", rules=rules) == (10.0, State.FRESH, 100, 0)
    assert product.reading("conversion_rate:Other", rules=rules).state == State.NOT_APPLICABLE


def test_two_hundred_of_a_thousand_sessions_convert(product: Product) -> None:
    rules = ruled(goals=(path("seen", "trial started", "sessions"),))
    sent = []
    for number in range(50):
        sent.append(group(product.at("00:00", 9), f"user {number}"))
        for hour in range(20):
            sent.append(page(product.at(f"{hour:02}:00", 5), f"user {number}"))
            if hour < 4:
                sent.append(track(product.at(f"{hour:02}:10", 5), f"user {number}", "Trial Started"))
    product.sends(*sent)
    assert product.reading("conversion_rate", rules=rules) == (20.0, State.FRESH, 1000, 0)


def test_two_hundred_of_three_hundred_give_up(product: Product) -> None:
    """300 begin, 100 finish: 66.7 %."""
    rules = ruled(pairs=(path("trial started", "order completed", "people"),))
    users = [f"user {number}" for number in range(300)]
    product.sends(*(group(product.at("07:00", 9), user) for user in users))
    product.sends(*(track(product.at("09:00", 8), user, "Trial Started") for user in users))
    product.sends(*(track(product.at("09:00", 1), user, "Order Completed") for user in users[:100]))
    assert product.reading("abandonment_rate:Path", rules=rules) == (round(200 / 3, 6), State.FRESH, 300, 0)


def test_whose_settings_are_published_their_goals_are_told(product: Product) -> None:
    """From the line of the form to the number."""
    draft = configuration.new_settings()
    goals = forms.AS_DOCUMENT["goals"]("Trials: seen -> trial started, people, 0")
    draft.document = draft.document | {"goals": goals, "event_roles": [list(pair) for pair in EVENT_ROLES]}
    draft.save()
    configuration.publish_settings(draft, author=None, note="Trials are what we look for.")
    product.sends(*visits(product, ["ann", "bob"], 0), track(product.at("09:30"), "ann", "Trial Started"))
    assert product.value("conversion_rate:Trials", rules=rules_of(draft.document)) == 50


# What is not there


def test_who_was_tracked_and_stopped_is_dead_and_who_never_was_is_not_read(product: Product) -> None:
    product.sends(
        group(product.at("09:00", 60)),
        track(product.at("09:00", 60), name="Signed In"),
        track(product.at("09:05", 60), name=FEATURE),
    )
    users(product.account("A-2"), 2, (product.yesterday - dt.timedelta(days=60)).isoformat())
    names = ("time_per_login", "session_duration", "time_in_product", "logins_per_user", "feature_adoption")
    assert {product.reading(name)[:2] for name in names} == {(0.0, State.FRESH)}
    assert {product.reading(name, "A-2").state for name in names} == {State.NOT_APPLICABLE}
    assert product.value("feature_usage") == 0


def test_an_account_that_stops_only_ever_falls(product: Product) -> None:
    rules = ruled(goals=(path("seen", "trial started", "people"),))
    for days in range(70, 35, -1):
        at = product.at("09:00", days)
        product.keeps(
            group(at),
            track(at, name="Signed In"),
            page(at + dt.timedelta(minutes=2)),
            track(at + dt.timedelta(minutes=4), name="Trial Started"),
        )
    product.rolls()
    names = (
        "time_per_login", "session_duration", "time_in_product", "logins_per_user", "feature_adoption:Trial Started",
        "feature_usage:trial started", "event_count:Trial Started", "event_count_per_user:Trial Started", "conversion_rate",
    )  # fmt: skip
    asked = [Asked(metric=get(name)[0], argument=get(name)[1]) for name in names]
    last = [product.yesterday - dt.timedelta(days=days) for days in range(36, -1, -1)]
    found = read(asked, Cases([product.account().pk] * len(last), last), rules)
    assert (found.values[0] > 0).all()
    assert (np.diff(found.values, axis=0) <= 0).all()
    assert not found.values[-1].any()
