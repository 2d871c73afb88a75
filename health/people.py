"""Who matters at an account, on a map: what they can do for a decision, and how they speak of us."""

import datetime as dt
import enum
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import F, Func, Max, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.models import Account, EndUser, Stakeholder, Touchpoint
from health.metrics.answers import SATISFIED, TINY
from health.metrics.rules import Rules
from surveys.models import Request, Response, Survey

ROLE = Stakeholder.StakeholderRole
ROWS = {
    "Decides": (ROLE.DECISION_MAKER, ROLE.EXECUTIVE_SPONSOR),
    "Influences": (ROLE.CHAMPION, ROLE.INFLUENCER, ROLE.ADMIN),
    "Uses": (ROLE.USER, ROLE.OTHER),
}
# Without one of these an account stands on nobody.
NEEDED = (ROLE.EXECUTIVE_SPONSOR, ROLE.CHAMPION)
IN_A_CELL = 6


class Side(enum.StrEnum):
    """How somebody speaks of us in their latest answer, if they ever gave one."""

    AGAINST = "Against us"
    NEUTRAL = "Neutral"
    FOR = "For us"
    UNKNOWN = "Not known"


@dataclass(frozen=True)
class Said:
    """The latest answer of a person, in a word or two: `NPS 6`."""

    words: str
    at: dt.datetime
    side: Side


@dataclass(frozen=True)
class Person:
    stakeholder: Stakeholder
    said: Said | None
    last_contact: dt.datetime | None
    is_key: bool

    @property
    def side(self) -> Side:
        return self.said.side if self.said else Side.UNKNOWN


@dataclass(frozen=True)
class Slot:
    """A role that nobody has, and who had it last."""

    role: str
    last: Stakeholder | None


@dataclass(frozen=True)
class Cell:
    side: Side
    people: tuple[Person, ...]
    slots: tuple[Slot, ...] = ()

    @property
    def first(self) -> tuple[Person, ...]:
        return self.people[:IN_A_CELL]

    @property
    def more(self) -> int:
        return len(self.people) - len(self.first)


@dataclass(frozen=True)
class Map:
    """Rows of cells, and who left."""

    rows: tuple[tuple[str, tuple[Cell, ...]], ...]
    left: tuple[Stakeholder, ...]
    there: int
    sides: tuple[Side, ...] = tuple(Side)

    @property
    def empty(self) -> frozenset[Side]:
        """The sides on which nobody is and nobody is missed."""
        return frozenset(self.sides) - {
            cell.side for _, cells in self.rows for cell in cells if cell.people or cell.slots
        }


def people(account: Account, day: dt.date, rules: Rules) -> Map:
    """Everybody on the map, in three queries; key contacts are those whose roles the settings name."""
    everybody = list(Stakeholder.objects.known().filter(account=account).order_by("name", "record"))
    there = [one for one in everybody if _is_there(one, day)]
    left = sorted(
        (one for one in everybody if one.left_on is not None and one.left_on <= day),
        key=lambda one: one.left_on or day,
        reverse=True,
    )
    said, met = _said(account), _met(account)
    placed = [Person(one, said.get(one.record), met.get(one.record), one.role in rules.key_roles) for one in there]
    rows = tuple((name, _cells(roles, placed, left)) for name, roles in ROWS.items())
    return Map(rows if everybody else (), tuple(left), len(there))


def _is_there(one: Stakeholder, day: dt.date) -> bool:
    return (one.since is None or one.since <= day) and (one.left_on is None or one.left_on > day)


def _cells(roles: Sequence[str], placed: Sequence[Person], left: Sequence[Stakeholder]) -> tuple[Cell, ...]:
    of_row = [person for person in placed if person.stakeholder.role in roles]
    held = {person.stakeholder.role for person in of_row}
    slots = tuple(
        Slot(role.label, next((one for one in left if one.role == role), None))
        for role in NEEDED
        if role in roles and role not in held
    )
    return tuple(
        Cell(side, tuple(person for person in of_row if person.side == side), slots if side == Side.FOR else ())
        for side in Side
    )


def _said(account: Account) -> dict[int, Said]:
    """The latest answer of each person, whether it came from them, by a request, or as an end user."""
    asked = Request.objects.known().filter(record=OuterRef("request_record")).values("stakeholder_record")[:1]
    user = EndUser.objects.known().filter(record=OuterRef("end_user_record")).values("stakeholder_record")[:1]
    survey = Survey.objects.known().filter(record=OuterRef("survey_record"))
    answers = (
        Response.objects.known()
        .filter(account=account)
        .annotate(
            person=Coalesce(F("stakeholder_record"), Subquery(asked), Subquery(user)),
            **{name: Subquery(survey.values(name)[:1]) for name in ("kind", "minimum", "maximum", "high_is_good")},
        )
        .filter(person__isnull=False, kind__isnull=False)
        .order_by("person", "-at", "-record")
        .distinct("person")
    )
    return {one.person: Said(f"{Survey.Kind(one.kind).label} {one.value:g}", one.at, _side(one)) for one in answers}


def _side(one: Response) -> Side:
    """NPS by its own words; of other scales the best quarter is for us, less than half against."""
    found = vars(one)  # annotations are no fields
    if found["kind"] == Survey.Kind.NPS:
        return Side.FOR if one.value >= 9 else Side.AGAINST if one.value <= 6 else Side.NEUTRAL
    good = (one.value - found["minimum"]) / (found["maximum"] - found["minimum"])
    good = good if found["high_is_good"] else 1 - good
    return Side.FOR if good >= SATISFIED - TINY else Side.AGAINST if good < 0.5 - TINY else Side.NEUTRAL


def _met(account: Account) -> dict[int, dt.datetime]:
    """When each person last took part in a touchpoint that was held."""
    held = Touchpoint.objects.known().filter(account=account, status=Touchpoint.Status.HELD, at__lte=timezone.now())
    each = held.annotate(who=Func(F("participants"), function="unnest")).values("who")
    return dict(each.annotate(last=Max("at")).order_by().values_list("who", "last"))
