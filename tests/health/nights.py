"""Nights for tests: a scorecard that scores one attribute as it stands, and nights that pass in a line.

With `rated(acme, 80, "2025-06-01")` the score of Acme is 80 from that day on.
"""

import datetime as dt
from typing import Any

from accounts import calendar
from accounts.models import Account
from health import configuration, scorecards, tasks
from health.models import Group, Guard, LineUp, Run, Scorecard, ScorecardVersion, Settings, Snapshot, Transition
from health.scoring.card import Band
from tests.health.judgment import add, line_up_of, noon
from tests.health.metrics.contracts import attributed
from tests.health.metrics.facts import day

PUBLISHED = "2025-01-01"
ITSELF = "0:0, 100:100"
HOUR = dt.timedelta(hours=1)
COLUMNS = [field.name for field in Snapshot._meta.concrete_fields]


def card(
    *measures: tuple[str, str], name: str = "touch", at: str = PUBLISHED, guards: tuple[dict[str, Any], ...] = (),
    **columns: Any,
) -> ScorecardVersion:  # fmt: skip
    """Publish a version that scores these metrics with their scales; without any, the attribute `health` as it stands."""
    scorecard, _ = Scorecard.objects.get_or_create(name=name, defaults={"label": name.title()})
    draft = configuration.begin(ScorecardVersion(scorecard=scorecard, **{"margin": 0, **columns}))
    group = Group.objects.create(version=draft, key="all", label="All", weight=100, position=0)
    for metric, scale in measures or (("attribute:health", ITSELF),):
        add(group, metric, scale=scale)
    for guard in guards:
        Guard.objects.create(version=draft, **guard)
    scorecards.publish(draft, author=None, note="As it stands.", now=noon(at))
    return draft


def in_force(*entries: tuple[str, str], at: str = PUBLISHED) -> None:
    """Publish settings, where there are none, and this line-up; without any, the scorecard for everybody."""
    if not Settings.objects.exists():
        configuration.publish_settings(configuration.new_settings(), author=None, note="Usual.", now=noon(at))
    draft = line_up_of(*entries or (("touch", ""),))
    configuration.publish_line_up(draft, author=None, note="All.", now=noon(at))
    assert LineUp.objects.filter(state="published").exists()


def rated(account: Account, score: float, at: str, received: str | None = None) -> None:
    attributed(account, "health", str(score), at, received=received)


def night_after(text: str, hours: int = 2) -> dt.datetime:
    """The night in which a day is scored for the first time."""
    return calendar.start_of(day(text) + dt.timedelta(days=1)) + hours * HOUR


def night(text: str, hours: int = 2) -> None:
    """Let the night after a day pass: sweeps come until there is nothing left to do."""
    now = night_after(text, hours)
    for _ in range(40):
        if not tasks.sweep(now.isoformat()):
            return
    raise AssertionError("The night does not end.")


def nights(first: str, last: str) -> None:
    for number in range((day(last) - day(first)).days + 1):
        night((day(first) + dt.timedelta(days=number)).isoformat())


def snapshot(account: Account, text: str) -> Snapshot:
    found: Snapshot = Snapshot.objects.get(account=account, day=day(text))
    return found


def scored_days(account: Account) -> list[tuple[str, float | None, int]]:
    """Day, score and pass of each snapshot, in order."""
    rows = Snapshot.objects.filter(account=account).order_by("day").values_list("day", "score", "which")
    return [(found.isoformat(), score, which) for found, score, which in rows]


def turns(account: Account) -> list[tuple[str, str, str, str]]:
    """Day, kind and the two bands of each transition, in order; an end comes before a beginning."""
    rows = Transition.objects.filter(account=account).order_by("day", "-kind")
    return [(row.day.isoformat(), row.kind, Band(row.before).name, Band(row.after).name) for row in rows]


def everything_stored() -> list[tuple[Any, ...]]:
    """All columns of all snapshots and transitions. What is not a number equals itself."""
    snapshots = Snapshot.objects.order_by("account", "day").values_list(*COLUMNS)
    transitions = Transition.objects.order_by("account", "day", "kind").values_list(
        "account", "day", "kind", "before", "after"
    )
    return [tuple(map(_comparable, row)) for row in (*snapshots, *transitions)]


def _comparable(value: Any) -> Any:
    if isinstance(value, list):
        return [repr(one) for one in value]
    return bytes(value) if isinstance(value, memoryview) else value


def runs() -> list[tuple[str, int, str]]:
    """Day, pass and state of each run, in order."""
    rows = Run.objects.order_by("day", "which").values_list("day", "which", "state")
    return [(found.isoformat(), which, state) for found, which, state in rows]
