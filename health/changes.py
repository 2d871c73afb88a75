"""What changed a score between two days: four steps from the earlier stored score to the later, each changing one thing.

The parts add up to the difference of the two scores, as stored and as shown, and the answer never changes afterwards: it
looks at what each day knew when it was judged.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from accounts.models import Account
from health import words
from health.inputs import ONLY, Inputs, inputs_of
from health.metrics.cases import Cases
from health.metrics.read import read
from health.models import Settings, Snapshot
from health.rules import rules_of
from health.scoring import parts
from health.scoring.card import Band, State
from health.scoring.judge import Readings
from health.scoring.parts import Cause, Part
from health.words import as_shown

MOST_MEASURES = 6
COVERAGE = str(Cause.COVERAGE).capitalize()
TERMS = {COVERAGE: "change_coverage", "Late data": "late"}
SINCE = (1, 7, 30)


@dataclass(frozen=True)
class End:
    """Where the change begins or ends: a stored score. `asked` is the day asked for where that has none."""

    day: dt.date
    band: Band
    shown: float
    asked: dt.date | None


@dataclass(frozen=True)
class Line:
    """One part of the change, from one place on the ruler to another. `detail` says it in natural units."""

    label: str
    detail: str
    shown: float
    start: float
    end: float
    fixed: bool = False
    key: str = ""
    term: str = ""

    @property
    def named(self) -> str:
        """What it is called where it stands alone."""
        return self.detail if self.label == COVERAGE and self.detail else self.label


@dataclass(frozen=True)
class Changed:
    """The whole change, line by line. `crossed` is the edge of a band that lies between its ends."""

    first: End
    last: End
    lines: tuple[Line, ...]
    crossed: float | None

    @property
    def shown(self) -> float:
        return round(self.last.shown - self.first.shown, 1)

    @property
    def biggest(self) -> tuple[Line, ...]:
        """What moved it most, in its direction: measures, and whatever else is named."""
        same = [line for line in self.lines if (line.key or line.fixed) and line.shown * self.shown > 0]
        return tuple(sorted(same, key=lambda line: -abs(line.shown))[:2])


@dataclass(frozen=True)
class NoChange:
    """There is no difference to explain; `says` why."""

    says: str


def changed(account: Account, first: dt.date, last: dt.date, known: Inputs | None = None) -> Changed | NoChange:
    """What moved the score from one day to a later one. A day without a snapshot gives way to the latest before it.

    `known` are the inputs of a day that have been put together already; they save doing so again where it is the later.
    """
    earlier, later = _on_or_before(account, first), _on_or_before(account, last)
    if later is None:
        return NoChange("No day up to then was scored.")
    if earlier is None:
        return NoChange(f"The first score is of {_day(_first_day(account))}.")
    if earlier.day == later.day:
        return NoChange(f"The only score in these days is of {_day(later.day)}.")
    for snapshot in (earlier, later):
        if snapshot.score is None:
            return NoChange(f"{_day(snapshot.day)} has no score, so there is no difference.")
    theirs = known if known is not None and known.snapshot == later else inputs_of(later)
    return _told(inputs_of(earlier, like=theirs), theirs, first, last)


def _on_or_before(account: Account, day: dt.date) -> Snapshot | None:
    return Snapshot.objects.filter(account=account, day__lte=day).order_by("-day").first()


def _first_day(account: Account) -> dt.date:
    return Snapshot.objects.filter(account=account).order_by("day").values_list("day", flat=True)[0]


def _day(day: dt.date) -> str:
    return f"{day:%b} {day.day}, {day.year}"


# --- The four standings ----------------------------------------------------------------------------------------------


def _told(earlier: Inputs, later: Inputs, first: dt.date, last: dt.date) -> Changed:
    known, moved = _as_known_later(earlier, later), _under_the_earlier(earlier, later)
    change = parts.change(
        parts.standing(earlier.card, earlier.readings),
        parts.standing(earlier.card, known),
        parts.standing(earlier.card, moved),
        parts.standing(later.card, later.readings),
    )
    assert change is not None
    ends = _end(earlier, first), _end(later, last)
    under = replace(earlier, readings=moved)
    lines = tuple(_placed(ends[0].shown, list(_lines(earlier, later, under, change.parts))))
    return Changed(*ends, lines, _crossed(*ends, later))


def _as_known_later(earlier: Inputs, later: Inputs) -> Readings:
    """The earlier day, read with what was known when the later one was judged."""
    return _read(earlier, earlier.snapshot.day, later.snapshot.known_at)


def _under_the_earlier(earlier: Inputs, later: Inputs) -> Readings:
    """The later day, read and judged as the earlier one was."""
    same = (earlier.version.pk, earlier.snapshot.settings_id) == (later.version.pk, later.snapshot.settings_id)
    return later.readings if same else _read(earlier, later.snapshot.day, later.snapshot.known_at)


def _read(inputs: Inputs, day: dt.date, known_at: dt.datetime) -> Readings:
    document = Settings.objects.values_list("document", flat=True).get(pk=inputs.snapshot.settings_id)
    found = read(inputs.asked, Cases.on([inputs.snapshot.account_id], day, known_at), rules_of(document))
    # What failed was held when it was judged, and stays so: it is the same at both ends.
    failed = found.states[ONLY] == State.FAILED
    found.values[ONLY, failed] = inputs.readings.values[ONLY, failed]
    found.states[ONLY, failed] = inputs.readings.states[ONLY, failed]
    return Readings(found.values, found.states)


def _end(inputs: Inputs, asked: dt.date) -> End:
    snapshot = inputs.snapshot
    assert snapshot.score is not None
    band = Band(snapshot.effective)
    return End(snapshot.day, band, as_shown(snapshot.score), asked if asked != snapshot.day else None)


def _crossed(first: End, last: End, later: Inputs) -> float | None:
    low, high = sorted((first.shown, last.shown))
    between = [edge for edge in (later.card.green, later.card.yellow) if low < edge <= high]
    return between[0] if between else None


# --- In words --------------------------------------------------------------------------------------------------------


def _lines(
    earlier: Inputs, later: Inputs, under: Inputs, found: Sequence[Part]
) -> Iterator[tuple[str, str, float, bool, str]]:
    """Label, detail, size, whether it always stands there, and the measure's key: measures by size, then what is no
    measure's doing. `under`: the later day as the earlier configuration reads it, where measures are told apart from it."""
    measures = sorted((part for part in found if part.cause == Cause.BEHAVIOR), key=lambda part: -abs(part.value))
    named = _names(earlier) | _names(later)
    for part in measures[:MOST_MEASURES]:
        (key,) = part.measures
        yield named[key], _from_to(key, earlier, under), part.shown, False, key
    rest = measures[MOST_MEASURES:]
    if rest:
        size = round(sum(part.shown for part in rest), 1)
        yield f"{len(rest)} smaller measure{'s' if len(rest) > 1 else ''}", "", size, False, ""
    for cause in (Cause.COVERAGE, Cause.LATE_DATA, Cause.CONFIGURATION):
        own = [part for part in found if part.cause == cause]
        keys = [key for part in own for key in part.measures]
        detail = _of_cause(cause, keys, earlier, later, under)
        yield _label(cause, earlier, later), detail, round(sum(part.shown for part in own), 1), True, ""


def _label(cause: Cause, earlier: Inputs, later: Inputs) -> str:
    if cause == Cause.CONFIGURATION and earlier.version.scorecard_id != later.version.scorecard_id:
        return "Other scorecard"
    return str(cause).capitalize()


def _of_cause(cause: Cause, keys: Sequence[str], earlier: Inputs, later: Inputs, under: Inputs) -> str:
    if cause == Cause.CONFIGURATION:
        if earlier.version.pk != later.version.pk:
            return f"{earlier.version} → {later.version}"
        if earlier.snapshot.settings_id != later.snapshot.settings_id:
            return "other settings"
        return f"{later.version} both days"
    named = _names(earlier) | _names(later)
    if cause == Cause.COVERAGE:
        went = [key for key in keys if not _reading(key, under)]
        came = [key for key in keys if key not in went]
        return words.came_or_went([named.get(key, key) for key in came], [named.get(key, key) for key in went])
    return words.listed([named.get(key, key) for key in keys])


def _names(inputs: Inputs) -> dict[str, str]:
    return {measure.key: words.name(inputs.asked[measure.slot]) for measure in inputs.card.measures}


def _from_to(key: str, earlier: Inputs, later: Inputs) -> str:
    """`5 → 16 d`: the two readings; of one that stands at one end only, nothing."""
    was, now = (_reading(key, inputs) for inputs in (earlier, later))
    if not was or not now or was == now:
        return ""
    # One unit is enough for both.
    amount, _, unit = was.partition(words.NBSP)
    return f"{amount if unit and now.endswith(unit) else was} → {now}"


def _reading(key: str, inputs: Inputs) -> str:
    for measure in inputs.card.measures:
        if measure.key == key:
            state = State(int(inputs.readings.states[ONLY, measure.slot]))
            value = float(inputs.readings.values[ONLY, measure.slot])
            return "" if state.is_missing else words.amount(inputs.asked[measure.slot].metric, value)
    return ""


def _placed(start: float, found: Sequence[tuple[str, str, float, bool, str]]) -> Iterator[Line]:
    """Each line begins where the one before it ended."""
    for label, detail, shown, fixed, key in found:
        end = round(start + shown, 1)
        yield Line(label, detail, shown, start, end, fixed, key, TERMS.get(label, "configuration") if fixed else "")
        start = end
