"""Facts about what customers say: answers to surveys, and the requests that they answer.

The latest answer of a person counts: about each ticket or touchpoint where the answer is tied to one, else the latest at
all. Answers without a person count one each. What our own staff answered never counts.
"""

import numpy as np

from health.metrics.known import DAY_ENDS, KNOWN, day_of, days_back, its, known, number_of
from health.metrics.shapes import Column, Facts

# As good as the scale allows to say, and as easy: 4 of 5, 6 of 7; 5 of 7 is little effort.
SATISFIED = 3 / 4
LOW_EFFORT = 2 / 3
# Below this, two values on a scale are the same.
TINY = 1e-9

# A survey's scale is no fact of an account: before we knew the survey, its first version tells how to read an answer.
_SURVEYS = """surveys as materialized (
    select record, kind, name, minimum, maximum, high_is_good,
        case when row_number() over versions > 1 then received_at end as since, lead(received_at) over versions as until
    from surveys_survey window versions as (partition by record order by received_at)
)"""
# What parts persons known by one kind of record from those known by another.
STAKEHOLDER, END_USER, NOBODY, KINDS = 1, 2, 3, 4


def _said(columns: str = "", joined: str = "") -> str:
    """Every answer in reach, with how good it is from 0 to 1, and what it shares with those that replace it. A person is a
    number, of a record and its kind: answers are put in order by it."""
    stakeholder = "coalesce(answer.stakeholder_record, asked.stakeholder_record, who.stakeholder_record)"
    end_user = "coalesce(answer.end_user_record, asked.end_user_record)"
    return f"""select answer.record, answer.at, {day_of("answer.at")} as day, answer.value, survey.kind, survey.name as survey, {columns}
        case when survey.high_is_good then answer.value - survey.minimum else survey.maximum - answer.value end
            / (survey.maximum - survey.minimum) as good,
        answer.ticket_record, answer.touchpoint_record,
        coalesce(
            {stakeholder} * {KINDS} + {STAKEHOLDER}, {end_user} * {KINDS} + {END_USER}, answer.record * {KINDS} + {NOBODY}
        ) as person
    from surveys_response answer
    join surveys survey on survey.record = answer.survey_record
        and (survey.since is null or survey.since <= c.known_at) and (survey.until is null or survey.until > c.known_at)
    {its("surveys_request", "asked", "answer.request_record")}
    {its("accounts_enduser", "who", end_user)}
    {joined}
    where answer.account_id = c.account_id and answer.at >= {days_back("{reach}")} and answer.at < {DAY_ENDS}
    and {known("answer")} and who.internal is not true"""


def _latest(of: str) -> str:
    return f"""row_number() over (
        partition by said.{of}, said.ticket_record, said.touchpoint_record, said.person
        order by said.at desc, said.record desc
    ) = 1"""


LATEST = Facts(
    "answers",
    f"""join lateral (
    with {_SURVEYS} select said.*, {_latest("kind")} as latest from ({_said()}) said
) f on f.latest""",
)
# The same, for those who ask about one survey, or about what kind of encounter the answers are.
_ABOUT = _said(
    "case when answer.ticket_record is not null then 'ticket' else touchpoint.kind end as about,",
    its("accounts_touchpoint", "touchpoint", "answer.touchpoint_record"),
)
ANSWERS = Facts(
    "answers about something",
    f"""join lateral (
    with {_SURVEYS} select said.*, {_latest("kind")} as latest, {_latest("survey")} as latest_of_survey from ({_ABOUT}) said
) f on f.latest or f.latest_of_survey""",
)

# Only requests that were delivered long enough ago to have been answered; an answer counts once a request.
REQUESTS = Facts(
    "requests for answers",
    f"""join lateral (
    select f.delivered_at, exists (
        select from surveys_response answer where answer.account_id = f.account_id and answer.request_record = f.record
        and answer.at < {DAY_ENDS} and {known("answer")}
    ) as answered
    from surveys_request f
    {its("accounts_enduser", "who", "f.end_user_record")}
    where f.account_id = c.account_id and {KNOWN} and who.internal is not true
    and f.delivered_at >= {days_back("{reach}")} and {day_of("f.delivered_at")} <= c.day - %(response_days)s
) f on true""",
    lambda rules: {"response_days": rules.response_days},
)


def _in_window(days: int) -> str:
    """By days and not by moments: that is asked of every answer by every column."""
    return f"f.day > greatest(c.day - {days}, c.born - 1)"


def _facts(about: str | None) -> Facts:
    return LATEST if about is None else ANSWERS


def _counts(kind: str, days: int, about: str | None, which: str = "true") -> str:
    """The answers to surveys of a kind in the window, perhaps only those to one survey, or about tickets or touchpoints
    of one kind."""
    latest = (
        "f.latest"
        if about is None
        else "(f.latest_of_survey and f.survey = %(argument)s or f.latest and f.about = %(argument)s)"
    )
    return f"filter (where f.kind = '{kind}' and {latest} and {_in_window(days)} and {which})"


def answers(kind: str, days: int, about: str | None = None, which: str = "true") -> Column:
    """How many answers, one a person, of those for which `which` is true."""
    return Column(_facts(about), f"count(*) {_counts(kind, days, about, which)}", reach=days, argument=about)


def at_least(good: float) -> str:
    """Answers at least so good, from 0 to 1."""
    return f"f.good >= {good - TINY!r}"


def newest_answer(kind: str, days: int, about: str | None = None) -> Column:
    """The day of the newest answer, as its number; NaN where there is none."""
    newest = number_of(f"max(f.day) {_counts(kind, days, about)}")
    return Column(_facts(about), newest, reach=days, empty=np.nan, additive=False, argument=about)


def requests(days: int, which: str = "true") -> Column:
    """How many requests delivered in the window, and at least some days ago."""
    return Column(REQUESTS, f"count(*) filter (where f.delivered_at >= {days_back(days)} and {which})", reach=days)
