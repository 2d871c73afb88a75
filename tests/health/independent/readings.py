"""The catalog's formulas once more, each over the rows of one case."""

import datetime as dt
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from statistics import median

from tests.health.independent.facts import DAY, Case, Row, ask, day_of

NEVER = dt.date.min


@dataclass(frozen=True)
class Found:
    """A value, of how many facts or over which denominator, and the day of the newest where that matters."""

    value: float | None
    n: int
    newest: dt.date | None = None


@dataclass(frozen=True)
class Formula:
    """How a metric is read. `nothing`: zero, once seen, since the beginning, or missing."""

    make: Callable[[Case, int, str], Found]
    nothing: str
    streams: tuple[str, ...]
    window: int = 0
    min_n: int = 1
    min_days: int = 7
    opinion: bool = False
    windows_needed: int = 0


def share(part: float, of: float, empty: float | None = None) -> float | None:
    return 100 * part / of if of else empty


# --- Adoption --------------------------------------------------------------------------------------------------------


def seats(case: Case) -> int:
    licenses = case.in_force(case.day)
    return 0 if any(one.unlimited for one in licenses) else sum(one.seats or 0 for one in licenses)


def adoption(case: Case, window: int, _: str) -> Found:
    return Found(share(len(case.active(window)), seats(case)), seats(case))


def distinct_users(case: Case, window: int, _: str) -> Found:
    count = len(case.active(window))
    return Found(count, count)


def _only_weeks(case: Case) -> bool:
    """Whether usage has come by the week only, so that nothing can be said of days."""
    rows = [row for row in case.user_days if row.last > case.day - 400 * DAY]
    weekly = max((row.last for row in rows if row.grain == 7), default=None)
    daily = max((row.last for row in rows if row.grain == 1), default=NEVER)
    return weekly is not None and weekly.toordinal() - 28 > daily.toordinal()


def daily_users(case: Case, window: int, _: str) -> Found:
    if _only_weeks(case):
        return Found(None, 0)
    back = [case.day - number * DAY for number in range(14)]
    working = [day for day in back if case.is_working(day)][:5]
    lived = [day for day in working if day >= case.born]
    times = sum(row.grain == 1 and row.day in working for row in case.user_days)
    return Found(times / len(lived) if lived else None, len(lived))


def stickiness(case: Case, window: int, _: str) -> Found:
    active = len(case.active(window))
    if _only_weeks(case):
        return Found(None, active)
    back = [case.day - number * DAY for number in range(window)]
    working = [day for day in back if case.is_working(day) and day >= case.born]
    times = sum(row.grain == 1 and row.day in working for row in case.user_days)
    return Found(share(times / len(working), active, 0.0) if working else 0.0 if not active else None, active)


def breadth(case: Case, window: int, _: str) -> Found:
    core = case.settings["core_features"]
    rows = ask(
        "select f.*, feature.name from accounts_featureday f join accounts_feature feature on feature.id = f.feature_id "
        "where f.account_id = %s and feature.name = any(%s)",
        case.account, core,
    )  # fmt: skip
    known_on = day_of(case.known_at)
    used = set()
    for row in rows:
        is_known = row.received_on <= known_on and (row.superseded_on is None or row.superseded_on > known_on)
        last = row.day + (row.grain - 1) * DAY
        if is_known and case.in_window(last, window) and row.uses > _by_ourselves(case, row):
            used.add(row.name)
    return Found(share(len(used), len(core)), len(core))


def _by_ourselves(case: Case, day: Row) -> int:
    counts = [row for row in case.known("accounts_usagecount") if row.end_user_record in case.internal]
    same = [row for row in counts if (row.day, row.grain, row.feature_id) == (day.day, day.grain, day.feature_id)]
    return sum(row.count for row in same)


def last_use(case: Case, _: int, __: str) -> Found:
    last = max((row.last for row in case.user_days), default=case.born)
    return Found((case.day - last).days, 1)


def trend(case: Case, window: int, _: str) -> Found:
    now, before = len(case.active(window)), len(case.active(window, until=window))
    return Found(share(now - before, before, None if now else -100.0), before)


# --- Engagement ------------------------------------------------------------------------------------------------------


def _in_place(case: Case) -> list[Row]:
    return [
        row
        for row in case.known("accounts_stakeholder")
        if (row.since is None or row.since <= case.day) and (row.left_on is None or row.left_on > case.day)
    ]


def engagement(case: Case, window: int, _: str) -> Found:
    contacts = [row for row in _in_place(case) if row.role in case.settings["key_roles"]]
    return Found(share(sum(_heard_of(case, one, window) for one in contacts), len(contacts)), len(contacts))


def _heard_of(case: Case, contact: Row, window: int) -> bool:
    users = {row.record for row in case.known("accounts_enduser") if row.stakeholder_record == contact.record}
    users -= case.internal
    met = any(
        row.status == "held" and contact.record in row.participants
        for row in case.happened("accounts_touchpoint", window)
    )
    asked = {row.record: row for row in case.known("surveys_request")}
    answered = False
    for row in case.happened("surveys_response", window):
        request = asked.get(row.request_record)
        stakeholder = row.stakeholder_record or (request and request.stakeholder_record)
        user = row.end_user_record or (request and request.end_user_record)
        answered = answered or stakeholder == contact.record or user in users
    return met or answered or bool(users & case.active(window))


def touchpoints(case: Case, window: int, kind: str) -> Found:
    held = [row for row in case.happened("accounts_touchpoint", window) if row.status == "held"]
    count = sum(not kind or row.kind == kind for row in held)
    return Found(count, count)


def last_touchpoint(case: Case, _: int, __: str) -> Found:
    held = [day_of(row.at) for row in case.happened("accounts_touchpoint") if row.status == "held"]
    return Found((case.day - max(held, default=case.born)).days, 1)


def attendance(case: Case, window: int, _: str) -> Found:
    kinds = ("meeting", "call", "business_review", "training", "interview")
    made = [row.status for row in case.happened("accounts_touchpoint", window) if row.kind in kinds]
    made = [status for status in made if status in ("held", "canceled_by_customer", "no_show")]
    return Found(share(made.count("held"), len(made)), len(made))


def in_role(role: str) -> Callable[[Case, int, str], Found]:
    def make(case: Case, _: int, __: str) -> Found:
        there = any(row.role == role for row in _in_place(case))
        return Found(int(there), int(there))

    return make


def pulse(case: Case, window: int, _: str) -> Found:
    rows = sorted(case.happened("accounts_pulse", window), key=lambda row: (row.at, row.record))
    return Found(rows[-1].rating, 1, day_of(rows[-1].at)) if rows else Found(None, 0)


# --- Sentiment -------------------------------------------------------------------------------------------------------


def _answers(case: Case, kind: str, window: int, about: str) -> list[tuple[Row, float]]:
    """The latest answer of each person, about each ticket or touchpoint it is tied to, with how good it is, 0 to 1."""
    surveys = {row.record: row for row in ask("select * from surveys_survey order by received_at desc")}
    asked = {row.record: row for row in case.known("surveys_request")}
    users = {row.record: row for row in case.known("accounts_enduser")}
    touched = {row.record: row.kind for row in case.known("accounts_touchpoint")}
    latest: dict[object, tuple[Row, float]] = {}
    for row in sorted(case.happened("surveys_response", window), key=lambda row: (row.at, row.record)):
        survey, request = surveys[row.survey_record], asked.get(row.request_record)
        user = row.end_user_record or (request and request.end_user_record)
        if survey.kind != kind or (user in users and users[user].internal):
            continue
        topic = "ticket" if row.ticket_record else touched.get(row.touchpoint_record)
        if about and about not in (survey.name, topic):
            continue
        stakeholder = row.stakeholder_record or (request and request.stakeholder_record)
        stakeholder = stakeholder or (user in users and users[user].stakeholder_record)
        person = ("stakeholder", stakeholder) if stakeholder else ("user", user) if user else ("answer", row.record)
        good = (row.value - survey.minimum) / (survey.maximum - survey.minimum)
        latest[row.ticket_record, row.touchpoint_record, person] = row, good if survey.high_is_good else 1 - good
    return list(latest.values())


def nps(case: Case, window: int, survey: str) -> Found:
    answers = [row for row, _ in _answers(case, "nps", window, survey)]
    promoters, detractors = sum(row.value >= 9 for row in answers), sum(row.value <= 6 for row in answers)
    return Found(share(promoters - detractors, len(answers)), len(answers), _newest(answers))


def good_answers(kind: str, least: float) -> Callable[[Case, int, str], Found]:
    def make(case: Case, window: int, about: str) -> Found:
        answers = _answers(case, kind, window, about)
        good = sum(value >= least - 1e-9 for _, value in answers)
        return Found(share(good, len(answers)), len(answers), _newest([row for row, _ in answers]))

    return make


def _newest(rows: Iterable[Row]) -> dt.date | None:
    return max((day_of(row.at) for row in rows), default=None)


def response_rate(case: Case, window: int, _: str) -> Found:
    internal = case.internal
    answered = {row.request_record for row in case.known("surveys_response") if row.at < case.ends}
    asked = [
        row
        for row in case.known("surveys_request")
        if row.delivered_at is not None
        and row.end_user_record not in internal
        and case.in_window(day_of(row.delivered_at), window)
        and day_of(row.delivered_at) <= case.day - case.settings["response_days"] * DAY
    ]
    return Found(share(sum(row.record in answered for row in asked), len(asked)), len(asked))


# --- Support ---------------------------------------------------------------------------------------------------------


def _opened(case: Case, window: int) -> list[Row]:
    return [one for one in case.tickets() if one.opened is not None and case.in_window(day_of(one.opened), window)]


def volume(case: Case, window: int, _: str) -> Found:
    count = len(_opened(case, window))
    return Found(count, count)


def open_tickets(case: Case, _: int, __: str) -> Found:
    count = sum(one.is_open for one in case.tickets())
    return Found(count, count)


def escalated(case: Case, _: int, __: str) -> Found:
    count = sum(one.is_open and one.escalated is not None for one in case.tickets())
    return Found(count, count)


def oldest_open(case: Case, _: int, __: str) -> Found:
    ages = [(case.day - day_of(one.opened or one.began)).days for one in case.tickets() if one.is_open]
    return Found(max(ages, default=0), len(ages))


def oldest_escalated(case: Case, _: int, __: str) -> Found:
    waiting = [one for one in case.tickets() if one.is_open and one.escalated is not None]
    return Found(max(((case.day - day_of(one.escalated)).days for one in waiting), default=0), len(waiting))


def _hours(since: dt.datetime, until: dt.datetime) -> float:
    return max((until - since).total_seconds() / 3600, 0.0)


def first_response(case: Case, window: int, _: str) -> Found:
    tickets = _opened(case, window)
    hours = [_hours(one.opened, one.replied or one.solved or case.ends) for one in tickets]
    return Found(median(hours) if hours else None, len(hours))


def resolution(case: Case, window: int, _: str) -> Found:
    tickets = _opened(case, window)
    hours = [_hours(one.opened, case.ends if one.is_open else one.solved_last) for one in tickets]
    return Found(median(hours) if hours else None, len(hours))


def first_contact(case: Case, window: int, _: str) -> Found:
    wait = case.settings["reopen_days"] * DAY
    solved = [one for one in case.tickets() if one.told and one.solved is not None]
    solved = [one for one in solved if case.in_window(day_of(one.solved), window)]
    solved = [one for one in solved if day_of(one.solved) <= case.day - wait]
    at_once = [one for one in solved if one.replies == 1]
    at_once = [one for one in at_once if one.reopened is None or day_of(one.reopened) > day_of(one.solved) + wait]
    return Found(share(len(at_once), len(solved)), len(solved))


# --- Outcomes and commercial -----------------------------------------------------------------------------------------


def objectives(case: Case, window: int, _: str) -> Found:
    counted = [row for row in case.known("accounts_objective") if _counts(case, row, window)]
    good = sum(row.status in ("achieved", "on_track") for row in counted)
    return Found(share(good, len(counted)), len(counted))


def _counts(case: Case, row: Row, window: int) -> bool:
    if row.status == "dropped" or (row.set_on is not None and row.set_on > case.day):
        return False
    first = case.day - window * DAY
    if row.status in ("achieved", "missed"):
        ended = row.achieved_on or row.due_on or day_of(row.received_at)
        if ended > first:
            return True
        return row.due_on is not None and first < row.due_on <= case.day
    return True


def arr(case: Case, _: int, __: str) -> Found:
    total, converted, left_out = case.arr(case.day)
    return Found(None if left_out and not converted else total, converted)


def arr_change(case: Case, window: int, _: str) -> Found:
    now, converted, left_out = case.arr(case.day)
    before = case.arr(case.day - window * DAY)[0]
    return Found(None if left_out and not converted else share(now - before, before), converted)


def to_renewal(case: Case, _: int, __: str) -> Found:
    waiting = [
        row
        for row in case.known("accounts_renewal")
        if row.outcome == "undecided" or (row.decided_on or min(row.due_on, day_of(row.received_at))) > case.day
    ]
    return Found(min(((row.due_on - case.day).days for row in waiting), default=None), len(waiting))


def overdue(case: Case, _: int, __: str) -> Found:
    total, unknown = 0.0, False
    for row in case.known("accounts_invoice"):
        paid = any(day is not None and day <= case.day for day in (row.paid_on, row.voided_on))
        if row.issued_on <= case.day and row.due_on < case.day and not paid:
            rate = case.rate(row.currency, case.day)
            unknown = unknown or rate is None
            total += float(row.amount) * (rate or 0)
    now, converted, left_out = case.arr(case.day)
    nothing = (unknown and not total) or (left_out and not converted)
    return Found(None if nothing else share(total, now), int(now))


def attribute(case: Case, _: int, name: str) -> Found:
    rows = ask(
        "select v.*, d.type, d.ranks from accounts_attributevalue v join accounts_attributedefinition d "
        "on d.id = v.definition_id where v.account_id = %s and d.name = %s and v.applied",
        case.account, name,
    )  # fmt: skip
    said = [row for row in rows if case.is_known(row) and row.occurred_at < case.ends and row.text is not None]
    if not said:
        return Found(None, 0)
    latest = max(said, key=lambda row: (row.occurred_at, row.id))
    value = latest.number
    if latest.type == "ranked":
        ranks = json.loads(latest.ranks)
        value = ranks.index(latest.text) + 1 if latest.text in ranks else None
    return Found(value, 1, day_of(latest.occurred_at))


TICKETS = ("tickets", "ticket-events?")
SAID = ("survey-responses",)
PEOPLE = ("stakeholders", "touchpoints", "survey-responses?", "usage?")

FORMULAS = {
    "license_utilization": Formula(adoption, "once seen", ("usage", "licenses"), 30),
    "weekly_adoption": Formula(adoption, "once seen", ("usage", "licenses"), 7),
    "daily_active_users": Formula(daily_users, "once seen", ("usage",), 7),
    "weekly_active_users": Formula(distinct_users, "once seen", ("usage",), 7),
    "monthly_active_users": Formula(distinct_users, "once seen", ("usage",), 30),
    "stickiness": Formula(stickiness, "once seen", ("usage",), 30),
    "feature_breadth": Formula(breadth, "once seen", ("usage",), 30),
    "days_since_last_use": Formula(last_use, "since the beginning", ("usage",), min_days=0),
    "usage_trend": Formula(trend, "once seen", ("usage",), 28, windows_needed=56),
    "stakeholder_engagement": Formula(engagement, "once seen", PEOPLE, 30),
    "touchpoints": Formula(touchpoints, "once seen", ("touchpoints",), 30),
    "days_since_touchpoint": Formula(last_touchpoint, "since the beginning", ("touchpoints",), min_days=0),
    "meeting_attendance": Formula(attendance, "missing", ("touchpoints",), 90),
    "champion": Formula(in_role("champion"), "once seen", ("stakeholders",), min_days=0),
    "executive_sponsor": Formula(in_role("executive_sponsor"), "once seen", ("stakeholders",), min_days=0),
    "pulse": Formula(pulse, "missing", ("pulses",), 90, opinion=True),
    "nps": Formula(nps, "missing", SAID, 180, min_n=3, opinion=True),
    "csat": Formula(good_answers("csat", 3 / 4), "missing", SAID, 90, min_n=3, opinion=True),
    "ces": Formula(good_answers("ces", 2 / 3), "missing", SAID, 90, min_n=3, opinion=True),
    "feedback_response_rate": Formula(response_rate, "missing", ("survey-requests", *SAID), 180, min_n=3),
    "ticket_volume": Formula(volume, "zero", TICKETS, 30),
    "open_tickets": Formula(open_tickets, "zero", TICKETS, min_days=0),
    "escalated_tickets": Formula(escalated, "zero", TICKETS, min_days=0),
    "oldest_open_ticket": Formula(oldest_open, "zero", TICKETS, min_days=0),
    "oldest_escalated_ticket": Formula(oldest_escalated, "zero", TICKETS, min_days=0),
    "first_response_time": Formula(first_response, "missing", TICKETS, 30),
    "resolution_time": Formula(resolution, "missing", TICKETS, 30),
    "first_contact_resolution": Formula(first_contact, "missing", TICKETS, 90),
    "objectives_on_track": Formula(objectives, "missing", ("objectives",), 90),
    "arr": Formula(arr, "zero", ("licenses",), min_days=0),
    "arr_change": Formula(arr_change, "zero", ("licenses",), 365, windows_needed=366),
    "days_to_renewal": Formula(to_renewal, "missing", ("renewals",), min_days=0),
    "overdue_invoices": Formula(overdue, "zero", ("invoices", "licenses"), min_days=0),
    "attribute": Formula(attribute, "missing", (), min_days=0, opinion=True),
}
