"""Events come to the same days whatever the order in which they come, and each counts once."""

import datetime as dt
import random
from importlib import import_module
from itertools import pairwise
from typing import Any

import pytest
from django.apps import apps
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts import meanings, rolling
from accounts.models import (
    Account,
    AccountStream,
    EndUser,
    EventDelivery,
    EventMeaning,
    EventTally,
    ExternalId,
    Feature,
    FeatureDay,
    UserActivity,
    UserDay,
)
from health.metrics.rules import STANDARD_ROLES
from tests.accounts.build import day, record_of, taken_back
from tests.accounts.tracked import (
    accounts,
    event,
    expected,
    feature_days,
    group,
    identify,
    keep,
    moment,
    page,
    roll,
    send,
    source,
    track,
    user_days,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def what_every_installation_has(db: None) -> None:
    """Also after a test that commits, which leaves nothing of what migrations put in."""
    if not EventMeaning.objects.exists():
        import_module("accounts.migrations.0003_what_every_installation_has").enter(apps, None)


def test_events_of_a_user_are_rolled_up_where_a_group_event_says() -> None:
    accounts("A-1")
    send(group("2026-03-20 09:00"), page("2026-03-20 09:00"), track("2026-03-20 09:02"), track("2026-03-20 09:20"))
    assert user_days() == {("A-1", "ann", "2026-03-20"): (3, 0, 1, 1, 420, (1200,))}
    assert feature_days() == {
        ("A-1", "Viewed Pricing Page", "2026-03-20"): 1, ("A-1", "Report Exported", "2026-03-20"): 2
    }  # fmt: skip
    assert UserActivity.objects.get().days


def test_the_first_events_of_a_source_are_heard_of_their_account() -> None:
    accounts("A-1", "A-2")
    send(group("2026-03-20 09:00"), page("2026-03-20 09:00"))
    heard = AccountStream.objects.get(stream__kind="usage")
    assert (heard.account_id, heard.first_received_at) == (record_of("accounts", "A-1"), moment("2026-03-20 12:00"))


def test_a_session_goes_on_where_the_next_delivery_takes_it_up() -> None:
    accounts("A-1")
    send(group("2026-03-20 09:00"), page("2026-03-20 09:00"))
    send(page("2026-03-20 09:29"), at="2026-03-20 12:01")
    assert user_days() == {("A-1", "ann", "2026-03-20"): (2, 0, 1, 0, 300, (1740,))}
    send(page("2026-03-20 09:59"), at="2026-03-20 12:02")
    assert user_days() == {("A-1", "ann", "2026-03-20"): (3, 0, 2, 1, 300, (1740, 0))}


def test_an_event_in_between_joins_two_sessions() -> None:
    accounts("A-1")
    send(group("2026-03-20 09:00"), page("2026-03-20 09:00"), page("2026-03-20 09:40"))
    send(track("2026-03-20 09:20"), at="2026-03-20 12:01")
    assert user_days() == {("A-1", "ann", "2026-03-20"): (3, 0, 1, 0, 600, (2400,))}


def test_a_session_over_midnight_belongs_to_the_day_on_which_it_began() -> None:
    accounts("A-1")
    sent = [group("2026-03-19 09:00"), page("2026-03-19 23:50"), page("2026-03-20 00:05"), page("2026-03-20 00:20")]
    send(*sent)
    assert user_days() == expected(sent) == {
        ("A-1", "ann", "2026-03-19"): (1, 0, 1, 0, 600, (1800,)),
        ("A-1", "ann", "2026-03-20"): (2, 0, 0, 0, 0, ()),
    }  # fmt: skip
    send(page("2026-03-20 00:10"), at="2026-03-20 12:01")
    assert user_days()["A-1", "ann", "2026-03-19"] == (1, 0, 1, 0, 900, (1800,))


def test_what_is_learned_on_a_later_day_leaves_what_was_known_then() -> None:
    accounts("A-1")
    send(group("2026-03-19 09:00"), page("2026-03-19 09:00"), at="2026-03-19 12:00")
    send(page("2026-03-19 09:10"), at="2026-03-20 12:00")
    send(page("2026-03-19 08:50"), at="2026-03-20 13:00")
    key = ("A-1", "ann", "2026-03-19")
    assert user_days(day("2026-03-19")) == {key: (1, 0, 1, 1, 0, (0,))}
    assert user_days() == {key: (3, 0, 1, 0, 600, (1200,))}
    assert feature_days(day("2026-03-19"))["A-1", "Viewed Pricing Page", "2026-03-19"] == 1
    assert feature_days()["A-1", "Viewed Pricing Page", "2026-03-19"] == 3
    links = UserDay.objects.order_by("received_on").values_list("received_on", "superseded_on")
    assert list(links) == [(day("2026-03-19"), day("2026-03-20")), (day("2026-03-20"), None)]


def test_events_of_users_without_an_account_count_once_that_is_known() -> None:
    accounts("A-1")
    send(track("2026-03-18 09:00"), track("2026-03-19 09:00"), at="2026-03-19 12:00")
    assert not user_days()
    send(group("2026-03-20 09:00"), at="2026-03-20 12:00")
    assert [key[2] for key in user_days()] == ["2026-03-18", "2026-03-19"]
    assert sum(feature_days().values()) == 2


def test_events_wait_for_an_account_that_is_not_known_yet() -> None:
    source()
    send(group("2026-03-18 09:00"), track("2026-03-18 09:00"), at="2026-03-18 12:00")
    assert rolling.join_waiting(moment("2026-03-19 12:00")) == 0
    accounts("A-1")
    assert rolling.join_waiting(moment("2026-03-20 12:00")) == 1
    assert rolling.join_waiting(moment("2026-03-20 12:01")) == 0
    assert sum(feature_days().values()) == 1
    assert UserDay.objects.get().received_on == day("2026-03-20")


def test_events_wait_for_thirty_days() -> None:
    accounts("A-1")
    send(track("2026-02-10 09:00"), at="2026-02-10 12:00")
    send(track("2026-02-20 09:00"), at="2026-02-20 12:00")
    send(group("2026-03-15 09:00"), at="2026-03-15 12:00")
    assert [key[2] for key in user_days()] == ["2026-02-20"]


def test_a_later_move_does_not_take_the_past_along() -> None:
    accounts("A-1", "A-2")
    send(group("2026-03-18 09:00"), track("2026-03-18 09:00"), at="2026-03-18 12:00")
    send(group("2026-03-20 09:00", account="A-2"), track("2026-03-20 10:00"), at="2026-03-20 12:00")
    assert set(user_days()) == {("A-1", "ann", "2026-03-18"), ("A-2", "ann", "2026-03-20")}
    assert EndUser.objects.known().count() == 2
    send(track("2026-03-18 09:10"), at="2026-03-20 13:00")
    assert user_days()["A-1", "ann", "2026-03-18"][:3] == (2, 0, 1)


def test_an_event_can_name_the_account_itself() -> None:
    accounts("A-1", "A-2")
    send(*(track(f"2026-03-20 09:0{n}", context={"groupId": f"A-{1 + n % 2}"}) for n in range(4)))
    assert user_days() == {
        ("A-1", "ann", "2026-03-20"): (2, 0, 1, 0, 120, (120,)), ("A-2", "ann", "2026-03-20"): (2, 0, 1, 0, 120, (120,))
    }  # fmt: skip


def test_a_configured_trait_names_the_account() -> None:
    accounts("A-1")
    source(account_trait="company_id")
    send(identify("2026-03-20 09:00", traits={"company_id": "A-1"}), track("2026-03-20 09:10"))
    assert set(user_days()) == {("A-1", "ann", "2026-03-20")}


def test_what_identify_says_of_a_user_is_kept_as_records_are() -> None:
    accounts("A-1")
    send(
        identify("2026-03-20 09:00", traits={"firstName": "Ann", "lastName": "Lee"}, context={"traits": {"email": "Ann@x.test"}}),
        group("2026-03-20 09:01"),
    )  # fmt: skip
    ann = EndUser.objects.known().get()
    assert (ann.name, ann.email, ann.internal) == ("Ann Lee", "ann@x.test", False)
    send(identify("2026-03-20 10:00", traits={"name": "Ann Li"}), at="2026-03-20 12:05")
    assert EndUser.objects.known().get().name == "Ann Li"


def test_our_own_people_are_marked_and_their_use_of_features_is_not_counted() -> None:
    accounts("A-1")
    source(internal_domains=["verdant.test"])
    send(
        identify("2026-03-20 09:00", traits={"email": "me@Verdant.test"}),
        group("2026-03-20 09:01"),
        track("2026-03-20 09:02"),
    )
    assert EndUser.objects.known().get().internal
    assert not FeatureDay.objects.exists()


def test_anonymous_visitors_are_rolled_up_at_once_at_an_account_that_is_never_listed() -> None:
    send(page("2026-03-20 09:00", user=None, anonymousId="v-1"), page("2026-03-20 09:01", user=None, anonymousId="v-1"))
    assert user_days() == {("visitors", "v-1", "2026-03-20"): (2, 0, 1, 0, 60, (60,))}
    assert Account.objects.count() == 1
    assert not Account.objects.existing()


def test_a_later_identify_links_later_events_only() -> None:
    accounts("A-1")
    send(page("2026-03-20 09:00", user=None, anonymousId="v-1"))
    send(
        identify("2026-03-20 09:05", anonymousId="v-1"),
        group("2026-03-20 09:05"),
        page("2026-03-20 09:10", user=None, anonymousId="v-1"),
        at="2026-03-20 12:01",
    )
    assert {key: told[0] for key, told in user_days().items()} == {
        ("visitors", "v-1", "2026-03-20"): 1, ("A-1", "ann", "2026-03-20"): 1
    }  # fmt: skip


def test_a_group_event_of_a_server_makes_an_account_where_the_source_may() -> None:
    source(makes_accounts=True)
    send(group("2026-03-20 09:00", account="new", traits={"name": "New Ltd"}), track("2026-03-20 09:01"))
    assert Account.objects.get().name == "New Ltd"
    assert set(user_days()) == {("new", "ann", "2026-03-20")}


def test_a_public_key_makes_no_account_and_moves_nobody() -> None:
    accounts("A-1", "A-2")
    source(makes_accounts=True)
    send(group("2026-03-20 09:00", account="A-1"), group("2026-03-20 09:01", "bob", account="new"), browser=True)
    send(group("2026-03-20 09:02", account="A-2"), track("2026-03-20 09:03"), browser=True, at="2026-03-20 12:01")
    assert set(user_days()) == {("A-1", "ann", "2026-03-20")}
    assert not ExternalId.objects.filter(external_id="new")


def test_an_event_older_than_measures_look_back_is_kept_and_not_counted() -> None:
    accounts("A-1")
    send(group("2026-03-20 09:00"), track("2024-03-20 09:00"))
    assert not user_days()
    assert not EventDelivery.objects.exists()


def test_the_same_message_counts_once_also_across_midnight() -> None:
    accounts("A-1")
    one = track("2026-03-19 23:59")
    assert keep(group("2026-03-19 09:00"), one, one, at="2026-03-19 23:59:59") == 2
    assert keep(one, at="2026-03-20 00:00:01") == 0
    roll()
    assert user_days()["A-1", "ann", "2026-03-19"][0] == 1


def test_events_mean_what_the_settings_say() -> None:
    accounts("A-1")
    meanings.publish(
        [("Signed In", "login"), ("Ping", "ignored"), ("Synced", "background"), ("Saved", "editing")], ["Saved"]
    )
    send(
        group("2026-03-20 09:00"),
        track("2026-03-20 09:00", name="Signed In"),
        track("2026-03-20 09:10", name="Ping"),
        track("2026-03-20 09:20", name="Synced"),
        track("2026-03-20 09:25", name="Saved"),
    )
    assert user_days() == {("A-1", "ann", "2026-03-20"): (2, 1, 1, 0, 300, (1500,))}
    assert UserDay.objects.get().roles == meanings.bits_of("editing", "Saved")
    assert set(feature_days()) == {("A-1", name, "2026-03-20") for name in ("Signed In", "Synced", "Saved")}


def test_logins_are_counted_from_when_on_a_source_tells_of_any() -> None:
    accounts("A-1")
    send(group("2026-03-18 09:00"), page("2026-03-18 09:00"), at="2026-03-18 12:00")
    send(page("2026-03-19 09:00"), track("2026-03-19 10:00", name="Signed In"), at="2026-03-19 12:00")
    send(page("2026-03-20 09:00"), at="2026-03-20 12:00")
    logins = UserDay.objects.known().order_by("day").values_list("logins", flat=True)
    assert list(logins) == [None, 1, 0]
    send(page("2026-03-18 09:10"), at="2026-03-20 13:00")
    assert list(logins.all()) == [0, 1, 0]
    assert list(EventTally.objects.order_by("day").values_list("logins", flat=True)) == [0, 1, 0]


def test_what_a_type_means_holds_for_all_its_events() -> None:
    accounts("A-1")
    meanings.publish([("any page", "background")], [])
    send(group("2026-03-20 09:00"), page("2026-03-20 09:00"), track("2026-03-20 09:10"))
    assert user_days()["A-1", "ann", "2026-03-20"][:3] == (1, 0, 1)


def test_standard_events_mean_something_before_anything_is_published() -> None:
    said = {(one.name, "login" if one.login else "background") for one in EventMeaning.objects.all()}
    assert said == {pair for pair in STANDARD_ROLES if pair[1] in ("login", "background")}


MOMENTS = st.integers(0, 3 * 96).map(lambda quarter: moment("2026-03-27 22:00") + dt.timedelta(minutes=7.5) * quarter)


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[dict[str, Any]], list[int]]:
    """Events of a few users over four days, one of which is short, in any order, and where their deliveries end."""
    sent: list[dict[str, Any]] = []
    for at, user, kind, stated in draw(
        st.lists(st.tuples(MOMENTS, st.sampled_from("ab"), st.sampled_from(["track", "page"]), st.sampled_from([-1, -1, 40, 700])),
                 min_size=1, max_size=25)
    ):  # fmt: skip
        name = {"event": "Saved"} if kind == "track" else {"name": "Home"}
        more = {"properties": {"duration": stated}} if stated >= 0 else {}
        sent.append(event(kind, at, user, **name, **more))
    sent += [group(draw(MOMENTS), user) for user in draw(st.sets(st.sampled_from("ab")))]
    sent = draw(st.permutations(sent))
    return sent, draw(st.lists(st.integers(1, len(sent)), max_size=4))


def both_ways() -> None:
    """Each of two roles after the other."""
    paths = [("seen", "exported"), ("exported", "seen")]
    meanings.publish([("Viewed Pricing Page", "seen"), ("Report Exported", "exported")], [], paths)


def marks() -> dict[tuple[str, dt.date], tuple[Any, ...]]:
    """User and day → roles, and of each session its roles, pages and first page."""
    users, features = (
        dict(EndUser.objects.known().values_list("record", "external_id")),
        dict(Feature.objects.values_list("id", "name")),
    )
    return {
        (users[row.end_user_record], row.day): (
            row.roles, row.session_roles, row.session_pages, [features.get(page) for page in row.session_landings],
        )
        for row in UserDay.objects.known()
    }  # fmt: skip


@given(histories())
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_order_and_any_batches_come_to_the_same_days(
    settings: Any, history: tuple[list[dict[str, Any]], list[int]]
) -> None:
    settings.ORGANIZATION_TIME_ZONE = "Europe/Berlin"
    sent, ends = history
    told = {}
    with taken_back():
        accounts("A-1")
        both_ways()
        send(*sorted(sent, key=lambda one: (one["type"] != "group", one["timestamp"])), at="2026-04-04 12:00")
        told = marks()
    with taken_back():
        accounts("A-1")
        both_ways()
        cuts = [0, *sorted(set(ends)), len(sent)]
        for turn, (first, last) in enumerate(pairwise(cuts)):
            keep(*sent[first:last], at=moment("2026-04-02 12:00") + dt.timedelta(hours=9 * turn))
            if random.Random(turn + len(sent)).random() < 0.7:
                roll("2026-04-04 12:00")
        roll("2026-04-04 12:00")
        assert user_days() == expected(sent, "Europe/Berlin")
        assert marks() == told
        grouped = {one["userId"] for one in sent if one["type"] == "group"}
        assert sum(feature_days().values()) == sum(one["type"] != "group" and one["userId"] in grouped for one in sent)
