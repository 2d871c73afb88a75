"""More facts for tests of metrics: who uses the product, whom we met, and what they said.

Like the other facts they are written directly. Each notes that its stream knows the account.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from accounts import activity
from accounts.models import (
    Account,
    EndUser,
    Feature,
    FeatureDay,
    License,
    Message,
    Origin,
    Pulse,
    Reach,
    Stakeholder,
    Touchpoint,
    UserDay,
    Version,
)
from accounts.partitions import ensure_months
from accounts.versions import numbers
from health.metrics import declare
from health.metrics.cases import Cases
from health.metrics.read import Asked, read
from health.metrics.rules import Rules
from health.scoring.card import State
from surveys.models import OptOut, Request, Response, Survey
from tests.health.metrics.facts import LONG_AGO, RULES, Reading, day, heard_of, moment, source, version


def days(first: str, last: str) -> list[str]:
    """Every day from the first through the last."""
    span = (day(last) - day(first)).days
    return [(day(first) + dt.timedelta(days=number)).isoformat() for number in range(span + 1)]


def before(text: str, how_many: int) -> str:
    """The day so many days before."""
    return (day(text) - dt.timedelta(days=how_many)).isoformat()


def after(text: str, how_many: int) -> str:
    return before(text, -how_many)


def weekdays(first: str, last: str) -> list[str]:
    """Monday to Friday, from the first through the last."""
    return [one for one in days(first, last) if day(one).isoweekday() < 6]


# Licenses and use


def licensed(
    account: Account, starts: str = LONG_AGO, ends: str | None = None, seats: int | None = 10, **values: Any
) -> License:
    """A license by the seat, known from its start unless it says when it was received."""
    received = values.pop("received", starts)
    heard_of(account, "licenses", received=received)
    span: dict[str, Any] = {"starts_on": day(starts), "ends_on": None if ends is None else day(ends)}
    made: License = version(License, account, received=received, seats=seats, **span, **values)
    return made


def end_user(account: Account, name: str = "Ann", received: str = LONG_AGO, **values: Any) -> EndUser:
    (number,) = numbers(EndUser, 1)
    made: EndUser = version(EndUser, account, received=received, external_id=f"{name} {number}", name=name, **values)
    return made


def used(
    user: EndUser,
    *when: str,
    grain: int = 1,
    events: int = 1,
    received: str | None = None,
    origin: int = Origin.COUNTED,
    **told: Any,
) -> None:
    """The end user used the product on these days, or in the weeks that begin on them. `told`: what else is told of each."""
    known_on = {one: after(one, grain - 1) if received is None else received for one in when}
    ensure_months("accounts_userday", {day(one) for one in when})
    heard_of(user.account, "usage", received=min(known_on.values()))
    UserDay.objects.bulk_create(
        UserDay(
            account_id=user.account_id,
            day=day(one),
            end_user_record=user.record,
            grain=grain,
            origin=origin,
            received_on=day(known_on[one]),
            events=events,
            receipt_assumed=False,
            **told,
        )
        for one in when
    )
    activity.anew(activity.USERS, {(user.account_id, day(one), user.record, grain) for one in when})


def users(account: Account, how_many: int, *when: str, grain: int = 1) -> list[EndUser]:
    """So many end users, each active on these days."""
    found = [end_user(account, f"user {number}") for number in range(how_many)]
    for one in found:
        used(one, *when, grain=grain)
    return found


def tracked(user: EndUser, *when: str, seconds: Sequence[int] = (600,), **told: Any) -> None:
    """The same, as client libraries tell it: sessions of so many seconds on each of these days, active throughout."""
    lengths = list(seconds)
    sessions: dict[str, Any] = {"sessions": len(lengths), "session_seconds": lengths, "active_seconds": sum(lengths)}
    nothing = [0] * len(lengths)
    of_each = dict.fromkeys(("session_pages", "session_landings", "session_roles"), nothing)
    used(user, *when, origin=Origin.TRACKED, **(sessions | of_each | {"single_page_sessions": 0, "roles": 0} | told))


def used_feature(
    account: Account,
    name: str,
    *when: str,
    uses: int = 1,
    received: str | None = None,
    origin: int = Origin.COUNTED,
) -> None:
    feature, _ = Feature.objects.get_or_create(name=name)
    ensure_months("accounts_featureday", {day(one) for one in when})
    heard_of(account, "usage", received=min(when))
    for one in when:
        FeatureDay.objects.create(
            account=account, day=day(one), feature=feature, grain=1, origin=origin, uses=uses, receipt_assumed=False,
            received_on=day(one if received is None else received),
        )  # fmt: skip
    activity.anew(activity.FEATURES, {(account.pk, day(one), feature.pk, 1) for one in when})


# Relationship


def stakeholder(
    account: Account, role: str = "champion", since: str | None = None, left: str | None = None, **values: Any
) -> Stakeholder:
    received = values.pop("received", LONG_AGO)
    heard_of(account, "stakeholders", received=received)
    span: dict[str, Any] = {
        "since": None if since is None else day(since),
        "left_on": None if left is None else day(left),
    }
    made: Stakeholder = version(Stakeholder, account, received=received, name="Kim", role=role, **span, **values)
    return made


def touchpoint(
    account: Account, at: str, *people: Stakeholder, kind: str = "meeting", status: str = "held", **values: Any
) -> Touchpoint:
    received = values.pop("received", at)
    heard_of(account, "touchpoints", received=received)
    made: Touchpoint = version(
        Touchpoint, account, received=received, at=moment(at), kind=kind, status=status,
        participants=[person.record for person in people], **values,
    )  # fmt: skip
    return made


def pulse(account: Account, at: str, rating: int, received: str | None = None) -> Pulse:
    heard_of(account, "pulses", received=received or at)
    made: Pulse = version(Pulse, account, received=received or at, at=moment(at), rating=rating)
    return made


# What they say

SCALES = {"nps": (0, 10), "csat": (1, 5), "ces": (1, 7)}


def survey(kind: str = "nps", name: str = "Relationship", received: str = LONG_AGO, **values: Any) -> Survey:
    """A survey on the usual scale of its kind."""
    (number,) = numbers(Survey, 1)
    low, high = SCALES[kind]
    made: Survey = Survey.objects.create(
        id=number, record=number, source=source(), received_at=moment(received), kind=kind, name=name,
        **{"minimum": low, "maximum": high, **values},
    )  # fmt: skip
    return made


def request(account: Account, survey: Survey, delivered: str | None, sent: str | None = None, **values: Any) -> Request:
    """Somebody was asked; `delivered` None: it was sent and never reached them."""
    sent = sent or delivered
    assert sent is not None
    received = values.pop("received", sent)
    heard_of(account, "survey-requests", received=received)
    made: Request = version(
        Request, account, received=received, survey_record=survey.record, sent_at=moment(sent),
        delivered_at=None if delivered is None else moment(delivered), **values,
    )  # fmt: skip
    return made


def answer(
    account: Account, survey: Survey, at: str, value: float, by: Version | None = None, **values: Any
) -> Response:
    """An answer of a stakeholder or an end user, or of nobody known."""
    if isinstance(by, Stakeholder):
        values["stakeholder_record"] = by.record
    if isinstance(by, EndUser):
        values["end_user_record"] = by.record
    received = values.pop("received", at)
    heard_of(account, "survey-responses", received=received)
    made: Response = version(
        Response, account, received=received, survey_record=survey.record, at=moment(at), value=value, **values
    )
    return made


def answers(account: Account, survey: Survey, at: str, values: Iterable[float]) -> list[Response]:
    """Answers of as many people whom nobody knows."""
    return [answer(account, survey, at, value) for value in values]


# What is sent


def message(account: Account, at: str, *did: str, channel: str = "email", **values: Any) -> Message:
    """A message delivered then; what was done with it, such as `opened`, was done an hour later unless `when` says."""
    received, when = values.pop("received", at), values.pop("when", at)
    heard_of(account, "messages", received=received)
    done: dict[str, Any] = {f"{what}_at": moment(when) + dt.timedelta(hours=1) for what in did}
    made: Message = version(
        Message, account, received=received, channel=channel, delivered_at=moment(at), **done, **values
    )
    return made


def opt_out(account: Account, at: str, channel: str = "email", **values: Any) -> OptOut:
    received = values.pop("received", at)
    heard_of(account, "opt-outs", received=received)
    made: OptOut = version(OptOut, account, received=received, channel=channel, at=moment(at), **values)
    return made


def reached(account: Account, on: str, reach: int, interactions: int, platform: str = "forum", **values: Any) -> Reach:
    received = values.pop("received", on)
    heard_of(account, "reach", received=received)
    made: Reach = version(
        Reach, account, received=received, day=day(on), reach=reach, interactions=interactions, platform=platform
    )
    return made


# What is read over time


def over(
    name: str, account: Account, on: Iterable[str], *, rules: Rules = RULES, known: str | None = None, **asked: Any
) -> list[Reading]:
    """What one metric reads of an account on many days."""
    metric, argument = declare.get(name)
    when = [day(one) for one in on]
    cases = Cases([account.pk] * len(when), when, None if known is None else [moment(known)] * len(when))
    found = read([Asked(metric=metric, argument=argument, **asked)], cases, rules)
    return [
        Reading(None if State(state).is_missing else round(float(value), 6), State(state), int(n), int(age))
        for value, state, n, age in zip(
            found.values[:, 0], found.states[:, 0], found.n[:, 0], found.ages[:, 0], strict=True
        )
    ]
