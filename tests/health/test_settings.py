"""The settings, the line-up, and what is in force when."""

import datetime as dt
from dataclasses import fields
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from accounts import meanings
from accounts.models import EventMeaning, EventSequence, User
from health import configuration, forms, rules, scorecards
from health.configuration import NothingInForce, Refused, in_force
from health.metrics.cases import Cases
from health.metrics.rules import STANDARD_ROLES, Rules
from health.models import LineUp, LineUpEntry, Settings
from tests.health.company import Company
from tests.health.judgment import draft_of, four_metrics, line_up_of, noon, published, sentences

DAY = dt.date.fromisoformat
ALL = Rules(
    hold_days=5,
    weekdays=frozenset({7, 1, 2, 3, 4}),
    holidays=frozenset({DAY("2026-12-25"), DAY("2026-01-01")}),
    key_roles=("champion",),
    core_features=("Export", "Share"),
    event_roles=(("Saved", "editing"), ("Signed In", "login")),
    goals=(("Shared", "editing", "Share", "sessions", 0),),
    pairs=(("Edited", "Export", "editing", "people", 3),),
    grace_days=14,
    response_days=10,
    reopen_days=9,
    currency="EUR",
    rates=(("GBP", DAY("2026-01-01"), 1.15), ("USD", DAY("2025-01-01"), 0.92)),
)


@pytest.fixture(autouse=True)
def metrics(monkeypatch: pytest.MonkeyPatch) -> None:
    four_metrics(monkeypatch)


def settings_from(at: str, author: User | None = None, **changes: Any) -> Settings:
    draft = configuration.new_settings()
    draft.document = {**draft.document, **changes}
    draft.save()
    configuration.publish_settings(draft, author=author, note="Because.", now=noon(at))
    return draft


def test_every_rule_can_be_set() -> None:
    assert set(rules.READERS) == {field.name for field in fields(Rules)}
    assert set(rules.WORDS) == set(rules.READERS)


def test_rules_come_back_from_their_document_as_they_were() -> None:
    assert rules.rules_of(rules.document_of(ALL)) == ALL


def test_what_a_document_leaves_out_stands_as_usual() -> None:
    assert rules.rules_of({}) == Rules()
    assert rules.rules_of({"hold_days": 3}) == Rules(hold_days=3)


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ({"hold_day": 7}, ["There is no setting “hold_day”."]),
        ({"hold_days": -1}, ["Hold is a whole number of days from 0 to 3,650."]),
        ({"grace_days": True}, ["License grace is a whole number of days from 0 to 3,650."]),
        ({"weekdays": []}, ["At least one weekday is a working day: 1 is Monday, 7 is Sunday."]),
        ({"weekdays": [8]}, ["At least one weekday is a working day: 1 is Monday, 7 is Sunday."]),
        (
            {"holidays": ["2026-12-25", "Easter", "2026-13-01"]},
            ["“Easter” is no day; one looks like 2026-12-25.", "“2026-13-01” is no day; one looks like 2026-12-25."],
        ),
        ({"key_roles": ["champion", "boss"]}, ["“boss” is no role of a stakeholder."]),
        ({"core_features": ["Export", " "]}, ["Core features are names, one each."]),
        ({"core_features": "Export"}, ["Core features is a list."]),
        ({"event_roles": [["Signed In"]]}, ["An event role is an event and a role, such as Signed In: login."]),
        (
            {"event_roles": [["Saved", f"role {n}"] for n in range(10, 70)], "core_features": ["Export"]},
            ["Event roles, core features and goals are 60 at most; “Export” is one more."],
        ),
        ({"event_roles": [["Saved", "a → b"]]}, ["A role has no arrow: those stand between two roles."]),
        (
            {"goals": [["Orders", "seen", "order completed", "people", 1]]},
            ["Orders goes by “seen”, which is no event role and no core feature."],
        ),
        (
            {"pairs": [["Orders", "checkout started", "order completed", "accounts", 1]]},
            [
                (
                    "Of pairs each is a name, two roles, people or sessions, and at most 90 days, such as Orders: checkout started "
                    "→ order completed, people, 1."
                )
            ],
        ),
        (
            {"pairs": [["Orders", "checkout started", "order completed", "people", days] for days in (1, 2)]},
            ["Pairs has two that are called Orders."],
        ),
        ({"week1_target": 0}, ["First week, target is a whole number from 1 to 1,000,000."]),
        ({"currency": "dollar"}, ["“dollar” is no currency; one looks like USD."]),
        (
            {"rates": [["EUR", "2026-01-01"]]},
            ["A rate is a currency, a day and a number, such as EUR 2026-01-01 1.08."],
        ),
        ({"rates": [["EUR", "2026-01-01", 0]]}, ["The rate of EUR is a number above 0."]),
        (
            {"rates": [["EUR", "2026-01-01", 1.1], ["EUR", "2026-01-01", 1.2]]},
            ["EUR has two rates from 2026-01-01."],
        ),
        (
            {"hold_days": "7", "currency": "usd"},
            ["Hold is a whole number of days from 0 to 3,650.", "“usd” is no currency; one looks like USD."],
        ),
    ],
)
def test_a_document_that_cannot_be_is_refused_in_sentences_all_at_once(
    document: dict[str, Any], said: list[str]
) -> None:
    with pytest.raises(rules.BadRules) as refused:
        rules.rules_of(document)
    assert list(refused.value.sentences) == said


@pytest.mark.django_db
def test_what_events_mean_is_published_and_a_role_keeps_its_bit() -> None:
    settings_from("2026-01-01", event_roles=[["Saved", "editing"], ["Signed In", "login"]], core_features=["Export"])
    bit = meanings.bits_of("editing")
    settings_from("2026-01-02", event_roles=[["Shared", "sharing"], ["Copied", "editing"], ["Ping", "ignored"]])
    assert bit == meanings.bits_of("editing") == EventMeaning.objects.get(name="Copied").roles
    assert not EventMeaning.objects.filter(name="Saved").exists()
    assert EventMeaning.objects.get(name="Ping").ignored
    assert len({meanings.bits_of(name) for name in ("editing", "sharing", "Export")}) == 3


@pytest.mark.django_db
def test_a_goal_is_told_by_a_bit_of_its_own() -> None:
    path = ["Shared", "editing", "Export", "people", 1]
    settings_from(
        "2026-01-01", event_roles=[["Saved", "editing"]], core_features=["Export"], goals=[path], pairs=[path]
    )
    one = EventSequence.objects.get()
    assert (one.begins, one.ends) == (meanings.bits_of("editing"), meanings.bits_of("Export"))
    assert one.bit == meanings.bits_of("editing → Export") > 0
    settings_from("2026-01-02", goals=[], pairs=[])
    assert not EventSequence.objects.exists()
    assert one.bit == meanings.bits_of("editing → Export")


@pytest.mark.django_db
def test_a_role_that_finds_no_bit_any_more_is_refused_in_words() -> None:
    settings_from("2026-01-01", event_roles=[["Saved", f"role {n}"] for n in range(10, 70)])
    with pytest.raises(Refused) as refused:
        settings_from("2026-01-02", event_roles=[["Saved", "another"]])
    assert list(refused.value.sentences) == [
        "60 event roles, core features and goals have been named so far; there is no room for “another”."
    ]


def test_what_changes_between_two_settings_is_told_in_words() -> None:
    assert rules.differences(Rules(), ALL) == [
        "Hold: 7 days → 5 days.",
        "Working days adds Sunday.",
        "Working days drops Friday.",
        "Holidays adds Jan 1, 2026, Dec 25, 2026.",
        "Key contacts drops Admin, Decision maker, Executive sponsor.",
        "Core features adds Export, Share.",
        "Event roles adds Saved: editing.",
        "Event roles drops " + ", ".join(f"{one[0]}: {one[1]}" for one in STANDARD_ROLES if one[1] != "login") + ".",
        "Goals adds Shared: editing → Share, sessions, 0.",
        "Pairs adds Edited: Export → editing, people, 3.",
        "License grace: 30 days → 14 days.",
        "Time to answer: 7 days → 10 days.",
        f"Time to reopen: {Rules().reopen_days} days → 9 days.",
        "Reporting currency: USD → EUR.",
        "Exchange rates adds GBP 1.15 from Jan 1, 2026, USD 0.92 from Jan 1, 2025.",
    ]
    assert rules.differences(Rules(), Rules()) == []


def test_a_goal_is_a_line_of_the_form() -> None:
    assert forms.shown(rules.document_of(ALL))["goals"] == "Shared: editing -> Share, sessions, 0"
    read = forms.AS_DOCUMENT["goals"]
    for line in ("Shared: editing -> Share, sessions, 0", " Shared :editing→Share,sessions,0 "):
        assert read(line) == [["Shared", "editing", "Share", "sessions", 0]]
    for line in (
        "Shared",
        "Shared: editing, people, 1",
        "Shared: editing -> Share",
        "Shared: editing -> Share, people, soon",
    ):
        with pytest.raises(rules.BadRules, match="Of goals each is a name"):
            rules.READERS["goals"]("goals", read(line))


@pytest.mark.django_db
def test_published_settings_hold_everything_so_that_no_new_default_changes_them(company: Company) -> None:
    draft = configuration.new_settings()
    Settings.objects.filter(pk=draft.pk).update(document={"hold_days": 3})
    configuration.publish_settings(draft, author=company.aiko, note="Shorter.")
    assert set(draft.document) == set(rules.READERS)
    assert (draft.number, draft.author, draft.document["hold_days"]) == (1, company.aiko, 3)


@pytest.mark.django_db
def test_settings_that_cannot_be_are_not_published() -> None:
    draft = configuration.new_settings()
    Settings.objects.filter(pk=draft.pk).update(document={"hold_days": -3})
    with pytest.raises(Refused) as refused:
        configuration.publish_settings(draft, author=None, note="")
    assert sentences(refused) == [
        "A note is missing: say what changes, and why.",
        "Hold is a whole number of days from 0 to 3,650.",
    ]


@pytest.mark.django_db
def test_new_settings_are_like_the_published_ones_and_there_is_one_draft() -> None:
    first = settings_from("2026-01-05", hold_days=3)
    draft = configuration.new_settings()
    assert (draft.number, draft.based_on, draft.document) == (2, first, first.document)
    with pytest.raises(Refused, match="There is a draft already: Settings 2"):
        configuration.new_settings()


@pytest.mark.django_db
def test_new_settings_can_start_again_from_old_ones() -> None:
    first = settings_from("2026-01-05", hold_days=3)
    settings_from("2026-02-05", hold_days=9)
    assert configuration.new_settings(first).document["hold_days"] == 3


@pytest.mark.django_db
def test_nothing_changes_published_settings_or_a_published_line_up_not_even_by_hand() -> None:
    settings = settings_from("2026-01-05")
    published()
    line_up = line_up_of(("touch", ""))
    configuration.publish_line_up(line_up, author=None, note="All.")
    for attempt in (
        lambda: Settings.objects.filter(pk=settings.pk).update(document={}),
        lambda: Settings.objects.filter(pk=settings.pk).delete(),
        lambda: LineUp.objects.filter(pk=line_up.pk).update(number=9),
        lambda: line_up.entries.update(segment="tier is small"),
        lambda: line_up.entries.all().delete(),
        lambda: LineUpEntry.objects.create(line_up=line_up, scorecard=line_up.entries.get().scorecard),
    ):
        with pytest.raises(DatabaseError, match="A published version never changes"), transaction.atomic():
            attempt()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("entries", "said"),
    [
        ([], ["The line-up is empty: no account would get a scorecard."]),
        (
            [("touch", "tier is small")],
            ["Touch comes last, so it is for everybody else: leave its segment blank."],
        ),
        (
            [("touch", ""), ("touch", "")],
            ["Touch is for everybody, so those after it are for nobody. Give it a segment."],
        ),
        (
            [("draft", "tier is small and"), ("touch", "color is blue"), ("touch", "")],
            [
                "Draft has no published version.",
                "Draft: After “tier is small” comes “and” and another condition, or nothing.",
                "Touch: There is no attribute “color”.",
            ],
        ),
    ],
)
def test_a_line_up_that_cannot_be_is_refused_in_sentences_all_at_once(
    entries: list[tuple[str, str]], said: list[str]
) -> None:
    published()
    draft_of("draft")
    draft = line_up_of(*entries)
    with pytest.raises(Refused) as refused:
        configuration.publish_line_up(draft, author=None, note="Because.")
    assert sentences(refused) == said


@pytest.mark.django_db
def test_a_new_line_up_is_like_the_published_one_and_its_changes_are_told_in_words() -> None:
    published()
    published("other")
    first = line_up_of(("touch", "tier is small"), ("other", ""))
    configuration.publish_line_up(first, author=None, note="Two.")
    again = configuration.new_line_up()
    assert again.based_on == first
    assert configuration.line_up_differences(first, again) == []
    configuration.discard(again)
    other_order = line_up_of(("other", ""), ("touch", "tier is small"))
    assert configuration.line_up_differences(first, other_order) == [
        "Another order: Other for everybody else, then Touch for tier is small."
    ]
    configuration.discard(other_order)
    changed = line_up_of(("touch", "tier is tiny"), ("other", ""))
    assert configuration.line_up_differences(first, changed) == [
        "Adds Touch for tier is tiny.",
        "Drops Touch for tier is small.",
    ]


@pytest.mark.django_db
def test_without_anything_published_no_day_can_be_judged() -> None:
    with pytest.raises(NothingInForce, match="ready-made ones"):
        in_force(DAY("2026-01-05"))


@pytest.mark.django_db
class TestPublishedOnADayCountsForThatDay:
    @pytest.fixture(autouse=True)
    def history(self, settings: Any) -> None:
        """Touch from 5 January, a second version and other settings from the evening of 10 January in New York."""
        settings.ORGANIZATION_TIME_ZONE = "America/New_York"
        first = published(at="2026-01-05")
        settings_from("2026-01-05", hold_days=3)
        line_up = line_up_of(("touch", ""))
        configuration.publish_line_up(line_up, author=None, note="All.", now=noon("2026-01-05"))
        evening = dt.datetime(2026, 1, 11, 4, 59, 59, tzinfo=dt.UTC)
        scorecards.publish(scorecards.new_draft(first.scorecard), author=None, note="Second.", now=evening)
        published("other", at="2026-01-09")
        changed = line_up_of(("other", "tier is small"), ("touch", ""))
        configuration.publish_line_up(changed, author=None, note="Two.", now=evening + dt.timedelta(seconds=1))

    def numbers(self, day: str) -> tuple[int, list[str]]:
        found = in_force(DAY(day))
        return found.line_up.number, [str(place.version) for place in found.places]

    def test_until_its_last_second(self) -> None:
        assert self.numbers("2026-01-09") == (1, ["Touch 1"])
        assert self.numbers("2026-01-10") == (1, ["Touch 2"])

    def test_and_after_midnight_not_for_the_day_before(self) -> None:
        assert self.numbers("2026-01-11") == (2, ["Other 1", "Touch 2"])

    def test_settings_with_their_rules_as_well(self) -> None:
        settings_from("2026-01-20", hold_days=9)
        assert [in_force(DAY(day)).rules.hold_days for day in ("2026-01-19", "2026-01-20")] == [3, 9]

    def test_days_before_the_first_publication_are_judged_by_what_was_published_first(self) -> None:
        assert self.numbers("2025-06-01") == (1, ["Touch 1"])
        assert in_force(DAY("2025-06-01")).rules.hold_days == 3

    def test_what_was_retired_since_still_counts_for_the_days_it_was_in_force(self) -> None:
        last = line_up_of(("touch", ""))
        configuration.publish_line_up(last, author=None, note="One again.", now=noon("2026-02-01"))
        other = in_force(DAY("2026-01-31")).places[0].version
        scorecards.retire(other, now=noon("2026-02-02"))
        assert self.numbers("2026-01-31") == (2, ["Other 1", "Touch 2"])

    def test_an_account_gets_the_first_scorecard_whose_segment_it_is_in(self, company: Company) -> None:
        small, large = company.account("Small"), company.account("Large")
        company.attribute(small, "tier", "Small")
        company.attribute(large, "tier", "Large")
        found = in_force(DAY("2026-01-11"))
        today = dt.datetime.now(dt.UTC).date()
        chosen = [found.places[index] for index in found.choose(Cases.on([small.pk, large.pk], today))]
        assert [str(place.version) for place in chosen] == ["Other 1", "Touch 2"]
        assert [place.why for place in chosen] == ["tier is small", "no earlier scorecard of the line-up is for it"]

    def test_by_a_handful_of_queries(self, django_assert_num_queries: Any) -> None:
        with django_assert_num_queries(4):
            in_force(DAY("2026-01-11"))
