"""What was asked and answered."""

from health.evidence.shapes import Listing, Lists, name_of
from health.metrics.answers import ANSWERS, END_USER, KINDS, REQUESTS, STAKEHOLDER
from health.metrics.known import day_of


def _said(kind: str) -> Lists:
    """The latest answer of each person, as it counted."""
    who = (
        f"case f.person %% {KINDS} when {STAKEHOLDER} then {name_of('accounts_stakeholder', f'f.person / {KINDS}', 'named.name')} "
        f"when {END_USER} then {name_of('accounts_enduser', f'f.person / {KINDS}', 'named.name')} end"
    )
    comment = name_of("surveys_response", "f.record", "named.comment")

    def of_answers(window: int, argument: str | None) -> tuple[Listing, ...]:
        named = "(f.latest_of_survey and f.survey = %(argument)s or f.latest and f.about = %(argument)s)"
        return (Listing(
            title="Answers, the latest of each person", heads=("Day", "Answer", "Survey", "Person", "Comment"),
            facts=ANSWERS, reach=window, what=f"1, {day_of('f.at')}, f.value, f.survey, {who}, {comment}",
            tail=f"where f.kind = '{kind}' and {'f.latest' if argument is None else named} order by f.at desc, f.record",
        ),)  # fmt: skip

    return of_answers


def of_requests(window: int, argument: str | None) -> tuple[Listing, ...]:
    return (Listing(
        title="Requests delivered", heads=("Delivered", "Answered"), facts=REQUESTS, reach=window,
        what=f"1, {day_of('f.delivered_at')}, f.answered", tail="order by f.delivered_at desc",
    ),)  # fmt: skip


LISTINGS: dict[str, Lists] = {
    "nps": _said("nps"),
    "csat": _said("csat"),
    "ces": _said("ces"),
    "feedback_response_rate": of_requests,
}
