"""The scorecards that Verdant brings, so that the first night already scores.

Starting points, not verdicts: weights and scales are ours, and what-if and back-test say how they fit.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from health import configuration, scorecards
from health.configuration import take_turns
from health.models import Group, Guard, LineUp, LineUpEntry, Measure, Scorecard, ScorecardVersion, Settings
from health.scoring.card import Band, Comparison, Missing

NOTE = "Ready-made, published at the first start."


@dataclass(frozen=True)
class M:
    """A measure: metric, weight in its group, scale. `silence`: as how many points it counts that nothing ever came."""

    metric: str
    weight: float
    scale: str
    silence: float | None = None
    max_age_days: int | None = None


@dataclass(frozen=True)
class G:
    """A group with its weight, of 100."""

    label: str
    weight: float
    measures: tuple[M, ...]


@dataclass(frozen=True)
class Rule:
    """A guard: when the metric compares so, the band is at most `cap`."""

    metric: str
    comparison: Comparison
    value: float
    cap: Band
    release: float | None = None


@dataclass(frozen=True)
class Ready:
    """A ready-made scorecard and the segment it is for."""

    name: str
    label: str
    segment: str
    groups: tuple[G, ...]
    guards: tuple[Rule, ...]


# A customer who gave notice is one until the last day of the license, however well the score reads. Sources say it with an
# attribute; where none does, the guard is listed as not judged.
NOTICE = Rule("attribute:notice_given", Comparison.EQUAL, 1, Band.RED)
ESCALATED = Rule("oldest_escalated_ticket", Comparison.ABOVE, 7, Band.YELLOW)
UNUSED = Rule("days_since_last_use", Comparison.ABOVE, 30, Band.RED, release=14)
NO_CHAMPION = Rule("champion", Comparison.EQUAL, 0, Band.YELLOW)
SHRINKING = Rule("usage_trend", Comparison.BELOW, -50, Band.YELLOW, release=-40)

HIGH_TOUCH = Ready(
    "high-touch",
    "High touch",
    "tier in enterprise, strategic, platinum, gold, key, high touch",
    (
        G("Adoption", 30, (
            M("license_utilization", 3, "0:0, 31:40, 50:70, 80:100", silence=0),
            M("stickiness", 1, "0:0, 10:40, 20:70, 50:100"),
            M("feature_breadth", 2, "0:0, 25:40, 50:70, 100:100"),
            M("usage_trend", 2, "-60:0, -20:40, 0:70, 30:100"),
        )),
        G("Engagement", 25, (
            M("stakeholder_engagement", 2, "0:0, 34:40, 67:70, 100:100"),
            M("days_since_touchpoint", 2, "7:100, 30:70, 60:40, 120:0"),
            M("executive_sponsor", 1, "0:0, 1:100"),
            M("champion", 2, "0:0, 1:100"),
            M("pulse", 2, "1:0, 2:40, 3:55, 4:80, 5:100", max_age_days=90),
        )),
        G("Sentiment", 15, (
            M("nps", 2, "-50:0, 0:40, 30:70, 70:100", max_age_days=365),
            M("csat", 1, "40:0, 65:40, 80:70, 95:100", max_age_days=365),
        )),
        G("Support", 10, (
            M("oldest_open_ticket", 1, "3:100, 14:70, 30:40, 60:0"),
            M("escalated_tickets", 2, "0:100, 1:50, 3:0"),
            M("first_response_time", 1, "1:100, 8:70, 24:40, 72:0"),
        )),
        G("Outcomes", 10, (
            M("objectives_on_track", 1, "0:0, 50:40, 75:70, 100:100"),
        )),
        G("Commercial", 10, (
            M("arr_change", 2, "-40:0, -10:40, 0:70, 20:100"),
            M("overdue_invoices", 1, "0:100, 3:70, 10:40, 25:0"),
        )),
    ),
    (NOTICE, ESCALATED, NO_CHAMPION, UNUSED),
)  # fmt: skip

DIGITAL_TOUCH = Ready(
    "digital-touch",
    "Digital touch",
    "tier in smb, small, starter, basic, silver, bronze, digital, digital touch, tech touch",
    (
        G("Adoption", 50, (
            M("license_utilization", 2, "0:0, 31:40, 50:70, 80:100", silence=0),
            M("weekly_adoption", 1, "0:0, 20:40, 40:70, 70:100"),
            M("feature_breadth", 1, "0:0, 25:40, 50:70, 100:100"),
            M("days_since_last_use", 2, "1:100, 7:70, 21:40, 45:0"),
            M("usage_trend", 2, "-60:0, -20:40, 0:70, 30:100"),
        )),
        G("Engagement", 10, (
            M("feedback_response_rate", 1, "0:0, 10:40, 25:70, 60:100"),
            M("days_since_touchpoint", 1, "30:100, 90:70, 180:40, 365:0"),
        )),
        G("Sentiment", 15, (
            M("nps", 1, "-50:0, 0:40, 30:70, 70:100", max_age_days=365),
            M("ces", 1, "30:0, 55:40, 75:70, 95:100", max_age_days=365),
        )),
        G("Support", 15, (
            M("open_tickets", 1, "0:100, 2:70, 5:40, 12:0"),
            M("resolution_time", 1, "8:100, 48:70, 120:40, 336:0"),
            M("first_contact_resolution", 1, "20:0, 45:40, 70:70, 90:100"),
        )),
        G("Commercial", 10, (
            M("overdue_invoices", 1, "0:100, 3:70, 10:40, 25:0"),
        )),
    ),
    (NOTICE, ESCALATED, UNUSED),
)  # fmt: skip

ONBOARDING = Ready(
    "onboarding",
    "Onboarding",
    "stage in onboarding, implementation, kickoff, launch",
    (
        G("Adoption", 40, (
            M("license_utilization", 3, "0:0, 15:40, 35:70, 70:100", silence=0),
            M("weekly_active_users", 1, "0:0, 2:40, 5:70, 15:100"),
            M("days_since_last_use", 2, "1:100, 5:70, 10:40, 21:0"),
        )),
        G("Engagement", 35, (
            M("days_since_touchpoint", 2, "3:100, 10:70, 21:40, 45:0"),
            M("meeting_attendance", 1, "40:0, 65:40, 85:70, 100:100"),
            M("stakeholder_engagement", 1, "0:0, 34:40, 67:70, 100:100"),
            M("champion", 1, "0:0, 1:100"),
            M("pulse", 1, "1:0, 2:40, 3:55, 4:80, 5:100", max_age_days=45),
        )),
        G("Outcomes", 15, (
            M("objectives_on_track", 1, "0:0, 50:40, 75:70, 100:100"),
        )),
        G("Support", 10, (
            M("oldest_open_ticket", 1, "2:100, 7:70, 14:40, 30:0"),
            M("first_response_time", 1, "1:100, 8:70, 24:40, 72:0"),
        )),
    ),
    (NOTICE, ESCALATED, Rule("days_since_last_use", Comparison.ABOVE, 21, Band.RED, release=7)),
)  # fmt: skip

PRODUCT_LED = Ready(
    "product-led",
    "Product-led",
    "",
    (
        G("Adoption", 65, (
            M("license_utilization", 2, "0:0, 31:40, 50:70, 80:100", silence=0),
            M("weekly_adoption", 1, "0:0, 20:40, 40:70, 70:100"),
            M("stickiness", 1, "0:0, 10:40, 20:70, 50:100"),
            M("feature_breadth", 1, "0:0, 25:40, 50:70, 100:100"),
            M("days_since_last_use", 2, "1:100, 7:70, 21:40, 45:0"),
            M("usage_trend", 2, "-60:0, -20:40, 0:70, 30:100"),
        )),
        G("Engagement", 10, (
            M("stakeholder_engagement", 1, "0:0, 34:40, 67:70, 100:100"),
            M("days_since_touchpoint", 1, "30:100, 90:70, 180:40, 365:0"),
        )),
        G("Sentiment", 10, (
            M("nps", 1, "-50:0, 0:40, 30:70, 70:100", max_age_days=365),
        )),
        G("Support", 15, (
            M("open_tickets", 1, "0:100, 2:70, 5:40, 12:0"),
            M("oldest_open_ticket", 1, "3:100, 14:70, 30:40, 60:0"),
        )),
    ),
    (NOTICE, ESCALATED, UNUSED, SHRINKING),
)  # fmt: skip

# In the order of the line-up: the stage outranks the tier, and the last one is for everybody else.
READY_MADE = (ONBOARDING, HIGH_TOUCH, DIGITAL_TOUCH, PRODUCT_LED)


def publish_ready_made(now: dt.datetime) -> list[str]:
    """Publish what an installation lacks, and say what. What somebody has made or retired since is left alone."""
    with transaction.atomic():
        take_turns()
        made = [ready.label for ready in READY_MADE if _publish_scorecard(ready, now)]
        if not Settings.objects.exists():
            made.append(_publish_settings(now))
        if not LineUp.objects.exists():
            made.append(_publish_line_up(now))
    return made


def _publish_scorecard(ready: Ready, now: dt.datetime) -> bool:
    scorecard, is_new = Scorecard.objects.get_or_create(name=ready.name, defaults={"label": ready.label})
    if not is_new:
        return False
    draft = configuration.begin(ScorecardVersion(scorecard=scorecard))
    fill(draft, ready)
    scorecards.publish(draft, author=None, note=NOTE, now=now)
    return True


def fill(draft: ScorecardVersion, ready: Ready) -> None:
    """Give an empty draft the groups, measures and guards of a ready-made scorecard."""
    for place, group in enumerate(ready.groups):
        saved = Group.objects.create(
            version=draft, key=group.label.lower(), label=group.label, weight=group.weight, position=place
        )
        Measure.objects.bulk_create(_measures(saved, group.measures))
    Guard.objects.bulk_create(
        Guard(
            version=draft, metric=rule.metric, comparison=rule.comparison.value, value=rule.value, release=rule.release,
            cap=rule.cap.value, position=place,
        )
        for place, rule in enumerate(ready.guards)
    )  # fmt: skip


def _measures(group: Group, measures: Sequence[M]) -> list[Measure]:
    return [
        Measure(
            version=group.version, group=group, metric=one.metric, weight=one.weight, scale=one.scale, position=place,
            max_age_days=one.max_age_days, points_when_missing=one.silence,
            missing=(Missing.IGNORE if one.silence is None else Missing.COUNT).value,
        )
        for place, one in enumerate(measures)
    ]  # fmt: skip


def _publish_settings(now: dt.datetime) -> str:
    configuration.publish_settings(configuration.new_settings(), author=None, note=NOTE, now=now)
    return "Settings"


def _publish_line_up(now: dt.datetime) -> str:
    draft = configuration.new_line_up()
    LineUpEntry.objects.bulk_create(
        LineUpEntry(
            line_up=draft, scorecard=Scorecard.objects.get(name=ready.name), segment=ready.segment, position=place
        )
        for place, ready in enumerate(READY_MADE)
    )
    configuration.publish_line_up(draft, author=None, note=NOTE, now=now)
    return "Line-up"
