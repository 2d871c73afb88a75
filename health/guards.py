"""Guards as somebody would say them: when one caps the band, what is read now, and what lifts one that does."""

from dataclasses import dataclass

from health import words
from health.acts import act
from health.inputs import ONLY, Inputs
from health.metrics.read import Asked
from health.models import Guard
from health.scoring.card import Band
from health.scoring.judge import Verdict
from health.words import amount

# How long something lasts, and what is said of its end.
LASTS = {
    "days_since_last_use": ("nobody used it for", "last use is"),
    "days_since_touchpoint": ("nobody talked to them for", "the last talk is"),
    "oldest_open_ticket": ("a ticket is open for", "the oldest is"),
    "oldest_escalated_ticket": ("a ticket is escalated for", "the oldest is"),
}
# What is or is not: the value that says so, how it is said, and what is said without a reading.
IS_SO = {
    "champion": (0.0, "there is no champion", ""),
    "executive_sponsor": (0.0, "there is no executive sponsor", ""),
    "notice_given": (1.0, "notice was given", "No notice on record."),
}
COMPARED = {"<": "under", "<=": "at most", "=": "", ">=": "at least", ">": "over"}
# Where a guard lets go: on the other side of where it holds.
LIFTS = {"<": "at {}", "<=": "over {}", "=": "once it is no longer {}", ">=": "under {}", ">": "at {}"}


@dataclass(frozen=True)
class GuardLine:
    """A guard in words, with its reading: it holds, it does not, or it was not judged.

    `key` is the metric it reads, `cause` what it looks for and `says` all of it in a sentence. `act` lifts one that holds: where `lifts` says, and
    `then` is the band that stands.
    """

    key: str
    label: str
    says: str
    cause: str
    reading: str
    reads: str
    holds: bool
    not_judged: bool
    changes: bool
    act: str
    lifts: str
    then: Band

    @property
    def state(self) -> str:
        return "not judged" if self.not_judged else "applies" if self.holds else "does not apply"


def guard_lines(inputs: Inputs, verdict: Verdict) -> tuple[GuardLine, ...]:
    holding, scored = verdict.guards[ONLY].tolist(), Band(int(verdict.scored[ONLY]))
    lines = []
    for index, (rule, guard) in enumerate(zip(inputs.parts.guards, inputs.card.guards, strict=True)):
        asked = inputs.asked[guard.slot]
        value, n, age, state = inputs.at(guard.slot)
        holds = bool(holding[index])
        others = (one.cap for at, one in enumerate(inputs.card.guards) if holding[at] and at != index)
        reading = "" if state.is_missing else amount(asked.metric, value)
        lines.append(
            GuardLine(
                key=asked.metric.key,
                label=words.guard(rule, asked),
                says=_says(rule, asked),
                cause=_cause(rule, asked),
                reading=reading,
                reads=_reads(asked, reading, words.reason(asked, state, n, age, inputs.snapshot.day)),
                holds=holds,
                not_judged=bool(verdict.not_judged[ONLY, index]),
                changes=holds and guard.cap < scored,
                act=_act(rule, asked, value, n) if holds else "",
                lifts=_lifts(rule, asked),
                then=min(scored, *others, Band.GREEN),
            )
        )
    return tuple(lines)


def _lets_go(rule: Guard) -> float | None:
    """Where one that holds lets go; None where it holds for want of a reading."""
    return rule.value if rule.release is None else rule.release


def _act(rule: Guard, asked: Asked, value: float, n: int) -> str:
    """What somebody does about one that holds."""
    end = _lets_go(rule)
    return words.name(asked) if end is None else act(asked, value, end, n)


def _cause(rule: Guard, asked: Asked) -> str:
    """`nobody used it for over 30 d`, `there is no champion`, `ARR change is under −20 %`."""
    key, name = asked.argument or asked.metric.key, words.name(asked)
    if rule.value is None:
        return f"{name} is missing"
    so = IS_SO.get(key)
    if so and rule.comparison == "=" and rule.value == so[0]:
        return so[1]
    compared = f"{COMPARED[rule.comparison]} {amount(asked.metric, rule.value)}".strip()
    if key in LASTS and rule.comparison in (">", ">="):
        return f"{LASTS[key][0]} {compared}"
    return f"{name} is {compared}"


def _says(rule: Guard, asked: Asked) -> str:
    """`If nobody used it for over 30 d: red, until last use is at most 14 d.`"""
    cap = "red" if rule.cap == Band.RED else "at most yellow"
    if rule.release is None:
        return f"If {_cause(rule, asked)}: {cap}."
    opposite = {"<": "at least", "<=": "over", ">": "at most", ">=": "under"}[rule.comparison]
    ends = LASTS.get(asked.metric.key, ("", "it is"))[1]
    return f"If {_cause(rule, asked)}: {cap}, until {ends} {opposite} {amount(asked.metric, rule.release)}."


def _reads(asked: Asked, reading: str, reason: str) -> str:
    """`Now 33 d.`, or why there is no reading."""
    if reading:
        return f"Now {reading}{f', {reason}' if reason else ''}."
    without = IS_SO.get(asked.argument or asked.metric.key, (0.0, "", ""))[2]
    return without or f"No reading: {reason}."


def _lifts(rule: Guard, asked: Asked) -> str:
    """`at 14 d`: one that holds lets go there."""
    end = _lets_go(rule)
    return "once it is read" if end is None else LIFTS[rule.comparison].format(amount(asked.metric, end))
