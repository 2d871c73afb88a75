"""Outreach metrics, by hand. The day is Monday, 30 June 2025; thirty days up to it begin on 1 June, ninety on 2 April."""

import pytest

from health.metrics import declare
from health.scoring.card import State
from tests.health.metrics.facts import account, connected, corrected, gone, moment, reading, state, value
from tests.health.metrics.people import message, opt_out, reached

pytestmark = pytest.mark.django_db
RATES = ("message_open_rate", "message_click_rate", "message_response_rate")


@pytest.fixture(autouse=True)
def _connected(db: None) -> None:
    connected("messages", "opt-outs", "reach")


# Messages


def test_rates_are_of_the_messages_delivered_in_the_window() -> None:
    acme = account()
    for at in ("2025-06-01 00:00", "2025-06-15", "2025-06-20", "2025-06-29"):
        message(acme, at)
    message(acme, "2025-06-10", "opened")
    message(acme, "2025-06-11", "opened", "clicked")
    message(acme, "2025-06-12", "opened", "replied")
    message(acme, "2025-06-13", "opened", "clicked", "replied")
    message(acme, "2025-05-31 23:59", "opened", "clicked", "replied")
    message(acme, "2025-07-01", "opened", "clicked", "replied")
    assert [reading(name, acme) for name in RATES] == [
        (50.0, State.FRESH, 8, 0), (25.0, State.FRESH, 8, 0), (25.0, State.FRESH, 8, 0),
    ]  # fmt: skip


def test_a_message_that_was_clicked_or_answered_was_opened() -> None:
    acme = account()
    message(acme, "2025-06-10", "clicked")
    message(acme, "2025-06-10", "replied")
    message(acme, "2025-06-10")
    assert value("message_open_rate", acme) == pytest.approx(200 / 3)


def test_what_is_done_with_a_message_after_the_day_is_not_known_on_it() -> None:
    acme = account()
    message(acme, "2025-06-29", "opened", when="2025-07-01")
    assert value("message_open_rate", acme) == 0
    assert value("message_open_rate", acme, "2025-07-01") == 100


def test_only_email_and_messages_in_the_product_can_be_opened() -> None:
    acme = account()
    message(acme, "2025-06-10", "opened", channel="in_app")
    message(acme, "2025-06-10", channel="email")
    message(acme, "2025-06-10", channel="push")
    message(acme, "2025-06-10", channel="sms")
    assert reading("message_open_rate", acme) == (50.0, State.FRESH, 2, 0)


def test_a_rate_can_be_that_of_a_channel_or_of_a_campaign() -> None:
    acme = account()
    message(acme, "2025-06-10", "opened", channel="in_app", campaign="Launch")
    message(acme, "2025-06-10", campaign="Launch")
    message(acme, "2025-06-10", campaign="Spring")
    assert value("message_open_rate:in_app", acme) == 100
    assert value("message_open_rate:email", acme) == 0
    assert reading("message_open_rate:Launch", acme) == (50.0, State.FRESH, 2, 0)


def test_without_a_message_there_is_no_rate() -> None:
    acme = account()
    assert [state(name, acme) for name in RATES] == [State.NEVER] * 3
    message(acme, "2025-05-10")
    assert [state(name, acme) for name in RATES] == [State.NONE] * 3


def test_a_message_that_is_corrected_or_taken_back_counts_as_it_was_known_then() -> None:
    acme = account()
    sent = message(acme, "2025-06-10", received="2025-06-10")
    message(acme, "2025-06-10", received="2025-06-10")
    corrected(sent, "2025-06-20", opened_at=moment("2025-06-11 08:00"))
    assert value("message_open_rate", acme, known="2025-06-15") == 0
    assert value("message_open_rate", acme) == 50
    gone(message(acme, "2025-06-10", received="2025-06-10"), "2025-06-25")
    assert value("message_open_rate", acme) == 50


# Opt-outs


def test_opt_outs_are_counted_by_channel_and_set_against_messages_delivered() -> None:
    acme = account()
    for number in range(200):
        message(acme, "2025-06-10", channel="push" if number < 50 else "email")
    opt_out(acme, "2025-06-12")
    opt_out(acme, "2025-04-02", "push")
    opt_out(acme, "2025-04-01 23:59")
    opt_out(acme, "2025-06-20", "app_uninstalled")
    assert reading("opt_outs", acme) == (3.0, State.FRESH, 3, 0)
    assert [value(f"opt_outs:{channel}", acme) for channel in ("email", "push", "app_uninstalled")] == [1, 1, 1]
    assert reading("opt_out_rate", acme) == (1.5, State.FRESH, 200, 0)
    assert value("opt_out_rate:push", acme) == 2


def test_no_opt_out_is_zero_and_no_message_is_no_rate() -> None:
    acme = account()
    assert reading("opt_outs", acme)[:2] == (0.0, State.FRESH)
    opt_out(acme, "2025-06-12")
    message(acme, "2025-04-01")
    assert state("opt_out_rate", acme) == State.NONE


def test_a_channel_that_there_is_not_is_refused() -> None:
    with pytest.raises(LookupError, match="Opt-outs knows no “fax”"):
        declare.get("opt_outs:fax")


# Reach


def test_social_engagement_is_interactions_by_people_reached_never_a_mean_of_rates() -> None:
    acme = account()
    reached(acme, "2025-06-01", 1000, 10)
    reached(acme, "2025-06-30", 100, 12, "group")
    reached(acme, "2025-05-31", 100, 100)
    reached(acme, "2025-07-01", 100, 100)
    assert reading("social_engagement_rate", acme) == (2.0, State.FRESH, 1100, 0)
    assert value("social_engagement_rate:forum", acme) == 1
    assert value("social_engagement_rate:group", acme) == 12
    assert state("social_engagement_rate:elsewhere", acme) == State.NONE
