"""Sentiment: what customers say when they are asked."""

from dataclasses import dataclass

import numpy as np

from health.metrics.adoption import OWN
from health.metrics.answers import LOW_EFFORT, SATISFIED, answers, at_least, newest_answer, requests
from health.metrics.cases import Cases, day_numbers
from health.metrics.declare import MetricGroup, Nothing, metric
from health.metrics.read import births, summed
from health.metrics.rules import Rules
from health.metrics.shapes import Column, Shape, alone, divided
from health.scoring.scale import Floats

# The 97.5th percentile of the normal distribution: 95 of 100 such intervals contain the true value.
Z = 1.96
PROMOTERS = "f.value >= 9"
DETRACTORS = "f.value <= 6"


def _share(good: Column, every: Column, newest: Column) -> Shape:
    return Shape(
        (good, every, newest),
        alone(good),
        alone(every),
        times=100,
        newest=lambda frame: day_numbers(frame.days) - frame[newest],
    )


@metric(
    label="NPS",
    group=MetricGroup.SENTIMENT,
    unit="points",
    why="Detractors leave, and they tell others; promoters bring them.",
    when="Relationship surveys; with a survey's name, such as nps:Annual, for that one alone.",
    scale="-50:0, 0:40, 30:70, 70:100",
    scale_source="Verdant's own starting point; above 0 more people recommend than advise against",
    nothing=Nothing.MISSING,
    opinion=True,
    streams=("survey-responses",),
    window=180,
    low=-100.0,
    high=100.0,
    parts=("promoters less detractors", "answers"),
    sample=True,
    min_n=3,
    argument="survey",
    decimals=0,
    reach=25.0,
)
def nps(window: int, argument: str | None = None) -> Shape:
    """Share of 9 and 10 minus share of 0 to 6, of the latest answer of each person in the window, −100 to 100."""
    promoters, detractors, every = _votes(window, argument)
    newest = newest_answer("nps", window, argument)
    return Shape(
        (promoters, detractors, every, newest),
        lambda frame: frame[promoters] - frame[detractors],
        alone(every),
        times=100,
        newest=lambda frame: day_numbers(frame.days) - frame[newest],
    )


def _votes(window: int, survey: str | None) -> tuple[Column, Column, Column]:
    """Promoters, detractors, and all who answered."""
    return (
        answers("nps", window, survey, PROMOTERS),
        answers("nps", window, survey, DETRACTORS),
        answers("nps", window, survey),
    )


@dataclass(frozen=True)
class Votes:
    """What stands behind an NPS, per case: promoters, detractors, and all who answered."""

    promoters: Floats
    detractors: Floats
    answers: Floats

    @property
    def margin(self) -> Floats:
        return nps_margin(self.promoters, self.detractors, self.answers)


def votes(cases: Cases, rules: Rules, window: int = 180, survey: str | None = None) -> Votes:
    """The votes behind the NPS of each case, for its page."""
    columns = _votes(window, survey)
    found = summed(columns, cases, births(cases, rules), rules)
    return Votes(*(found[column] for column in columns))


def nps_margin(promoters: Floats, detractors: Floats, answers: Floats) -> Floats:
    """How far an NPS of so many answers may be off, in its points: 1.96 · 100 · √((p + d − (p − d)²) ÷ n).

    Each answer counts 1, 0 or −1, which has the variance p + d − (p − d)². NaN without an answer.
    """
    p, d = divided(promoters, answers), divided(detractors, answers)
    return Z * 100 * np.sqrt(divided(p + d - (p - d) ** 2, answers))


@metric(
    label="CSAT",
    group=MetricGroup.SENTIMENT,
    unit="%",
    why="Dissatisfaction with single encounters adds up long before the contract ends.",
    when="Surveys after an encounter; with what they are about, such as csat:ticket or csat:training, or a survey's name.",
    scale="40:0, 60:40, 75:70, 95:100",
    scale_source=OWN,
    nothing=Nothing.MISSING,
    opinion=True,
    streams=("survey-responses",),
    window=90,
    high=100.0,
    parts=("satisfied", "answers"),
    sample=True,
    min_n=3,
    argument="touchpoint",
    reach=20.0,
)
def csat(window: int, argument: str | None = None) -> Shape:
    """Satisfied answers (the best quarter of the scale: 4 and 5 of 5, 6 and 7 of 7) ÷ answers × 100."""
    return _share(
        answers("csat", window, argument, at_least(SATISFIED)),
        answers("csat", window, argument),
        newest_answer("csat", window, argument),
    )


@metric(
    label="CES",
    group=MetricGroup.SENTIMENT,
    unit="%",
    why="Customers forgive much, but not having to work for what they pay for.",
    when="Surveys after an encounter; with what they are about, such as ces:ticket or ces:training, or a survey's name.",
    scale="30:0, 50:40, 70:70, 95:100",
    scale_source=OWN,
    nothing=Nothing.MISSING,
    opinion=True,
    streams=("survey-responses",),
    window=90,
    high=100.0,
    parts=("answers of little effort", "answers"),
    sample=True,
    min_n=3,
    argument="touchpoint",
    reach=20.0,
)
def ces(window: int, argument: str | None = None) -> Shape:
    """Answers of little effort (the best third of the scale: 5 to 7 of 7, in the survey's direction) ÷ answers × 100."""
    return _share(
        answers("ces", window, argument, at_least(LOW_EFFORT)),
        answers("ces", window, argument),
        newest_answer("ces", window, argument),
    )


@metric(
    label="Response rate",
    group=MetricGroup.SENTIMENT,
    unit="%",
    why="Customers who no longer answer have often made up their minds; silence is read before the renewal says it.",
    when="Surveys of which it is known who was asked.",
    scale="0:0, 10:40, 25:70, 50:100",
    scale_source=OWN,
    nothing=Nothing.MISSING,
    opinion=False,
    streams=("survey-requests", "survey-responses"),
    window=180,
    high=100.0,
    parts=("requests answered", "requests"),
    sample=True,
    min_n=3,
    reach=25.0,
)
def feedback_response_rate(window: int) -> Shape:
    """Requests answered ÷ requests delivered × 100, of those delivered in the window and at least seven days ago."""
    answered, every = requests(window, "f.answered"), requests(window)
    return Shape((answered, every), alone(answered), alone(every), times=100)
