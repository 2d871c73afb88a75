"""What somebody does about a metric, in words that begin with a verb."""

import pytest

from health.acts import ACTS, act
from health.metrics import declare
from health.metrics.read import Asked
from health.scoring.path import Moves


def asked(key: str) -> Asked:
    metric, _ = declare.get(key)
    return Asked(metric=metric)


def test_every_metric_that_moves_has_its_act_and_no_other() -> None:
    assert set(ACTS) == {metric.key for metric in declare.every() if metric.moves != Moves.NO}


@pytest.mark.parametrize(
    ("key", "present", "reading", "n", "says"),
    [
        ("license_utilization", 45.0, 76.67, 60, "Bring 19 more people to use it"),
        ("license_utilization", 50.0, 52.0, 50, "Bring one more person to use it"),
        ("escalated_tickets", 2.0, 0.0, 2, "Close 2 escalated tickets"),
        ("escalated_tickets", 1.0, 0.0, 1, "Close one escalated ticket"),
        ("executive_sponsor", 0.0, 1.0, 0, "Name an executive sponsor"),
        ("nps", 0.0, 25.0, 4, "Win over one critic"),
        ("stickiness", 10.0, 20.0, 30, "Make it a daily habit of those who use it"),
        ("touchpoints", None, 2.0, 0, "Hold 2 more touchpoints"),
    ],
)
def test_an_act_says_how_many(key: str, present: float | None, reading: float, n: int, says: str) -> None:
    assert act(asked(key), present, reading, n) == says


def test_acts_are_told_apart_by_one_and_several() -> None:
    for one, several in ACTS.values():
        assert (one == several) == ("{n}" not in several)
        assert not any(" " * 2 in text for text in (one, several))
