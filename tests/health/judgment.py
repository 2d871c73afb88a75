"""Scorecards for tests: drafts in a few lines."""

import datetime as dt
from typing import Any

import pytest

from health import configuration, scorecards
from health.metrics import declare
from health.metrics.declare import Metric, MetricGroup, Nothing
from health.models import Group, Guard, LineUp, LineUpEntry, Measure, Scorecard, ScorecardVersion
from health.scoring.scale import Scale

UTC = dt.UTC
PLAIN = "0:0, 40:40, 70:70, 100:100"


def noon(text: str) -> dt.datetime:
    return dt.datetime.combine(dt.date.fromisoformat(text), dt.time(12), UTC)


def midnight(text: str) -> dt.datetime:
    return dt.datetime.combine(dt.date.fromisoformat(text), dt.time(), UTC)


def stand_in(name: str, **more: Any) -> Metric:
    return Metric(
        key=name, formula="A stand-in.", label=name.replace("_", " ").capitalize(), group=MetricGroup.ADOPTION, unit="",
        why="", when="", scale=Scale.parse(PLAIN), scale_source="", streams=(), build=lambda: None,
        **{"nothing": Nothing.ZERO, **more},
    )  # fmt: skip


def four_metrics(monkeypatch: pytest.MonkeyPatch) -> None:
    """Four metrics that tests can rely on, whatever the catalog says: a ratio, an opinion, an age, an attribute."""
    monkeypatch.setattr(
        declare,
        "_metrics",
        {
            "utilization": stand_in("utilization", window=30),
            "nps": stand_in("nps", window=180, nothing=Nothing.MISSING, argument="survey"),
            "oldest_ticket": stand_in("oldest_ticket"),
            "attribute": stand_in("attribute", nothing=Nothing.MISSING, argument="name"),
        },
    )


def draft_of(name: str = "touch", **columns: Any) -> ScorecardVersion:
    """A draft that could be published: adoption 60 with a measure, sentiment 40 with another, and a guard."""
    scorecard, _ = Scorecard.objects.get_or_create(name=name, defaults={"label": name.title()})
    draft = configuration.begin(ScorecardVersion(scorecard=scorecard, **columns))
    adoption = Group.objects.create(version=draft, key="adoption", label="Adoption", weight=60, position=0)
    sentiment = Group.objects.create(version=draft, key="sentiment", label="Sentiment", weight=40, position=1)
    add(adoption, "utilization", weight=2)
    add(sentiment, "nps", scale="-50:0, 0:40, 30:70, 70:100")
    Guard.objects.create(version=draft, metric="oldest_ticket", comparison=">", value=7, cap=2)
    return draft


def add(group: Group, metric: str, **columns: Any) -> Measure:
    return Measure.objects.create(
        version=group.version,
        group=group,
        metric=metric,
        **{"scale": PLAIN, "position": group.measures.count(), **columns},
    )


def published(name: str = "touch", at: str = "2026-01-05", **columns: Any) -> ScorecardVersion:
    draft = draft_of(name, **columns)
    scorecards.publish(draft, author=None, note="First.", now=noon(at))
    return draft


def line_up_of(*entries: tuple[str, str]) -> LineUp:
    """A draft of the line-up: names of scorecards, each with its segment."""
    draft = configuration.new_line_up()
    draft.entries.all().delete()
    for position, (name, segment) in enumerate(entries):
        scorecard = Scorecard.objects.get(name=name)
        LineUpEntry.objects.create(line_up=draft, scorecard=scorecard, segment=segment, position=position)
    return draft


def sentences(refused: "pytest.ExceptionInfo[configuration.Refused]") -> list[str]:
    return list(refused.value.sentences)
