"""The worked example of the scoring document, recomputed to the digit."""

from dataclasses import replace

import numpy as np
import pytest

from health.scoring.card import Band, Card, Group, State
from health.scoring.judge import Before, edges, judge, margin_decides, rounded, whole_percent
from health.scoring.parts import shown_contributions, shown_lost
from health.scoring.path import Domain, path
from tests.health.scoring.cards import had, measure, reading

CARD = Card(
    (Group(key="adoption", weight=60), Group(key="sentiment", weight=40)),
    (
        measure("license_utilization", slot=0, weight=2, scale="0:0, 40:40, 70:70, 100:100"),
        measure("stickiness", slot=1, weight=1, scale="0:0, 50:100"),
        measure("nps", slot=2, group=1, scale="-50:0, 0:40, 30:70, 70:100"),
    ),
    margin=0.0,
)
READINGS = reading(45, State.NEVER, 20)
DOMAINS = {
    "license_utilization": Domain(low=0, high=100),
    "stickiness": Domain(low=0),
    "nps": Domain(low=-100, high=100),
}


def test_the_worked_example() -> None:
    verdict = judge(CARD, READINGS, Before.nothing(CARD, 1))
    np.testing.assert_allclose(verdict.points[0], [45, np.nan, 60])
    np.testing.assert_allclose(verdict.effective[0], [0.6, 0, 0.4])
    assert rounded(verdict.score)[0] == 51.0
    assert verdict.scored[0] == verdict.computed[0] == Band.YELLOW
    assert verdict.coverage[0] == pytest.approx(0.8)
    assert whole_percent(verdict.coverage)[0] == 80
    assert shown_contributions(verdict.effective[0], verdict.points[0]) == [27.0, 0.0, 24.0]
    assert shown_lost(verdict.effective[0], verdict.points[0]) == [33.0, 0.0, 16.0]


def test_the_path_of_the_worked_example() -> None:
    found = path(CARD, READINGS, Before.nothing(CARD, 1), Band.GREEN, DOMAINS)
    assert (found.target, found.short) == (70.0, 19.0)
    (utilization, alone), (nps, cannot) = found.alone
    assert (utilization.key, nps.key) == ("license_utilization", "nps")
    assert alone is not None
    assert round(alone.reading, 2) == 76.67
    assert cannot is None
    assert [answer.measure.key for answer in found.unread] == ["stickiness"]


def test_the_worked_example_with_a_margin() -> None:
    card = replace(CARD, margin=2.0)
    yesterday = had(card, Band.YELLOW)
    assert edges(card, yesterday)[0][0] == 72.0
    assert not margin_decides(card, judge(card, READINGS, yesterday))[0]
    found = path(card, READINGS, yesterday, Band.GREEN, DOMAINS)
    assert found.target == 72.0
    assert found.alone[0][1] is not None
    assert found.alone[0][1].reading == pytest.approx(80)
