"""The scorecards that Verdant brings, and how they get published."""

import datetime as dt
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from accounts.models import Account
from health import scorecards
from health.configuration import in_force
from health.metrics import declare
from health.metrics.cases import Cases
from health.models import LineUp, Scorecard, ScorecardVersion, Settings
from health.ready_made import READY_MADE, Ready, publish_ready_made
from health.scoring.scale import Scale
from health.segments import Segment
from tests.health.company import Company
from tests.health.judgment import noon

NOW = noon("2026-01-05")
NAMES = sorted(
    {one.metric for ready in READY_MADE for group in ready.groups for one in group.measures}
    | {rule.metric for ready in READY_MADE for rule in ready.guards}
)


@pytest.mark.parametrize("name", NAMES)
def test_every_metric_of_a_ready_made_scorecard_is_declared(name: str) -> None:
    declare.get(name)


@pytest.mark.parametrize("ready", READY_MADE, ids=lambda ready: ready.name)
def test_every_scale_parses_and_uses_all_colors(ready: Ready) -> None:
    for group in ready.groups:
        for one in group.measures:
            points = Scale.parse(one.scale).points
            assert (min(points), max(points)) == (0, 100), one.metric


@pytest.mark.parametrize("ready", READY_MADE, ids=lambda ready: ready.name)
def test_groups_weigh_a_hundred_together(ready: Ready) -> None:
    assert sum(group.weight for group in ready.groups) == 100


@pytest.mark.parametrize("ready", READY_MADE, ids=lambda ready: ready.name)
def test_notice_and_old_escalations_hold_every_ready_made_scorecard_down(ready: Ready) -> None:
    guards = {(rule.metric, rule.cap.name) for rule in ready.guards}
    assert {("attribute:notice_given", "RED"), ("oldest_escalated_ticket", "YELLOW")} <= guards


def test_only_the_last_of_the_line_up_is_for_everybody() -> None:
    assert [bool(Segment.parse(ready.segment).conditions) for ready in READY_MADE] == [True, True, True, False]


@pytest.mark.django_db
class TestFirstStart:
    def test_publishes_scorecards_settings_and_line_up(self) -> None:
        assert publish_ready_made(NOW) == [
            "Onboarding", "High touch", "Digital touch", "Product-led", "Settings", "Line-up",
        ]  # fmt: skip
        found = in_force(dt.date(2026, 1, 5))
        assert [str(place.version) for place in found.places] == [
            "Onboarding 1", "High touch 1", "Digital touch 1", "Product-led 1",
        ]  # fmt: skip
        assert all(version.author is None and version.published_at == NOW for version in found.versions)

    def test_makes_every_card_and_everything_it_asks(self) -> None:
        publish_ready_made(NOW)
        for version in in_force(dt.date(2026, 1, 5)).versions:
            card, asked = scorecards.card_of(version), scorecards.asked_of(version)
            assert sum(card.nominal) == pytest.approx(1)
            slots = [*(measure.slot for measure in card.measures), *(guard.slot for guard in card.guards)]
            assert set(slots) == set(range(len(asked)))

    def test_a_second_time_changes_nothing(self) -> None:
        publish_ready_made(NOW)
        assert publish_ready_made(noon("2026-02-05")) == []
        assert (Scorecard.objects.count(), ScorecardVersion.objects.count()) == (4, 4)

    def test_what_somebody_has_made_since_is_left_alone(self) -> None:
        publish_ready_made(NOW)
        version = ScorecardVersion.objects.get(scorecard__name="product-led")
        draft = scorecards.new_draft(version.scorecard)
        draft.groups.filter(key="support").update(weight=5)
        scorecards.publish(draft, author=None, note="Less support.", now=noon("2026-01-10"))
        assert publish_ready_made(noon("2026-02-05")) == []
        assert in_force(dt.date(2026, 2, 5)).places[-1].version == draft

    def test_works_where_settings_are_already_being_drafted(self) -> None:
        Settings.objects.create(number=1, document={})
        assert "Settings" not in publish_ready_made(NOW)
        assert LineUp.objects.filter(state="published").exists()

    def test_by_command_says_what_it_did(self) -> None:
        out = StringIO()
        call_command("ready", stdout=out)
        assert out.getvalue().splitlines()[0] == "Published: Onboarding"
        again = StringIO()
        call_command("ready", stdout=again)
        assert again.getvalue() == ""

    def test_accounts_get_the_scorecard_of_their_stage_then_of_their_tier(self, company: Company) -> None:
        publish_ready_made(NOW)
        rows: list[tuple[dict[str, str], str]] = [
            ({"stage": "Onboarding", "tier": "Enterprise"}, "Onboarding 1"),
            ({"stage": "Adoption", "tier": "Enterprise"}, "High touch 1"),
            ({"tier": "SMB"}, "Digital touch 1"),
            ({"tier": "Other"}, "Product-led 1"),
            ({}, "Product-led 1"),
        ]
        accounts: list[Account] = []
        for number, (values, _) in enumerate(rows):
            accounts.append(company.account(f"No. {number}"))
            for name, text in values.items():
                company.attribute(accounts[-1], name, text)
        today = dt.datetime.now(dt.UTC).date()
        found: Any = in_force(today)
        chosen = found.choose(Cases.on([account.pk for account in accounts], today))
        assert [str(found.places[index].version) for index in chosen] == [name for _, name in rows]
