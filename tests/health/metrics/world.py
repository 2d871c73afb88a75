"""Facts of every kind, in two turns, for tests that run over every metric."""

from typing import Any

from accounts import activity, kinds
from accounts.meanings import bits_of, publish
from accounts.models import Account, AccountStream, AttributeValue, FeatureDay, Origin, UserDay
from accounts.partitions import ensure_months
from health.metrics import declare
from health.metrics.read import Asked
from health.metrics.rules import Rules
from tests.health.metrics.contracts import attributed, invoice, objective, paying, renewal
from tests.health.metrics.facts import LONG_AGO, connected, day, moment
from tests.health.metrics.people import (
    answer,
    end_user,
    message,
    opt_out,
    pulse,
    reached,
    request,
    stakeholder,
    survey,
    touchpoint,
    tracked,
    used,
    used_feature,
    weekdays,
)
from tests.health.metrics.tickets import ticket

FEATURES = ("Reports", "Alerts")
# Metrics that are read of young accounts alone; those of this world are old.
OF_THE_YOUNG = {"week1_engagement"}
PATH = ("Alerted", "Reports", "Alerts", "people", 1)
RULES = Rules(core_features=FEATURES, goals=(PATH,), pairs=(PATH,), rates=(("EUR", day("2024-01-01"), 1.1),))


def everything(**asked: Any) -> list[Asked]:
    """Every metric, with an argument where it needs one."""
    return [
        Asked(metric=metric, argument="rating" if metric.needs_argument else None, **asked)
        for metric in declare.every()
    ]


def all_connected(through: str = "2030-01-01") -> None:
    """Every stream that some metric reads exists and is complete."""
    needed = {kind for metric in declare.every() for kind in metric.streams if not kind.endswith("?")}
    connected(*sorted(needed), through=through)


def facts_of(account: Account, turn: int = 0) -> None:
    """Facts from which every metric can be read on 30 June 2025. The two turns differ in all of them, and add up."""
    _money(account, turn)
    _use(account, turn)
    _people(account, turn)
    _voices(account, turn)
    _tickets(account, turn)
    _outreach(account, turn)


def _money(account: Account, turn: int) -> None:
    paying(account, 1000 + 500 * turn, "2022-01-01", seats=10 + 21 * turn)
    paying(account, 300, "2024-09-01" if turn else "2025-01-01", currency="EUR", seats=5)
    renewal(account, ("2025-09-28", "2025-12-31")[turn])
    invoice(account, 70 + 200 * turn, "2025-06-01")
    objective(account, ("on_track", "at_risk")[turn])
    objective(account, "achieved", achieved="2025-05-05")
    attributed(account, "rating", ("4", "9")[turn], ("2025-05-01", "2025-06-01")[turn])


def _use(account: Account, turn: int) -> None:
    publish([], FEATURES, RULES.sequences)
    for number in range(3 + 4 * turn):
        user = end_user(account, f"user {turn} {number}", first_seen_on=day("2025-05-05"))
        used(user, *weekdays("2025-05-05", "2025-06-30")[number : -1 - turn])
        if number:
            used(user, "2025-06-30")
        visits: dict[str, Any] = {
            "seconds": (600, 1200, *[1500] * turn), "session_pages": [2, *[1] * (1 + turn)], "logins": 1 + turn,
        }  # fmt: skip
        tracked(user, "2025-06-10", roles=bits_of("Reports") if number else 0, **visits)
        tracked(user, "2025-06-25", roles=bits_of("Alerts") if number > 1 + turn else 0, **visits)
    for number in range(1 + turn):
        used(end_user(account, f"gone {turn} {number}", first_seen_on=day("2025-05-05")), "2025-05-05")
    used(end_user(account, "Robot", internal=True), "2025-06-30")
    used_feature(account, FEATURES[turn], "2025-06-10", uses=2)
    used_feature(account, FEATURES[turn], "2025-06-24", "2025-06-25", uses=5, origin=Origin.TRACKED)
    used_feature(account, "rating", f"2025-06-1{turn}", uses=3 + turn)


def _people(account: Account, turn: int) -> None:
    champion = stakeholder(account, "champion")
    stakeholder(account, ("executive_sponsor", "admin")[turn])
    touchpoint(account, ("2025-06-20", "2025-06-11")[turn], champion)
    touchpoint(account, "2025-06-15", champion, status=("no_show", "canceled_by_customer")[turn])
    if turn:
        stakeholder(account, "decision_maker")
        touchpoint(account, "2025-06-03", kind="training")
    pulse(account, ("2025-06-25", "2025-06-01")[turn], 4 - turn)


def _voices(account: Account, turn: int) -> None:
    person = stakeholder(account, "user")
    for kind, values in (("nps", (10, 9, 3)), ("csat", (5, 4, 1)), ("ces", (7, 5, 2))):
        asked = survey(kind, f"{kind} {account.pk} {turn}")
        for value in (*values, *values[:turn]):
            answer(account, asked, "2025-06-12", value)
    annual = survey("nps", f"Annual {account.pk} {turn}")
    requested = request(account, annual, "2025-06-01", stakeholder_record=person.record)
    for _ in range(3 + turn):
        request(account, annual, "2025-06-01")
    answer(account, annual, "2025-06-03", 6 + 4 * turn, by=person, request_record=requested.record)


def _outreach(account: Account, turn: int) -> None:
    for number in range(4 + 3 * turn):
        message(account, f"2025-06-{10 + number}", *("opened", "clicked", "replied")[: number % 4])
    for _ in range(1 + turn):
        opt_out(account, "2025-06-12", ("email", "push")[turn])
    reached(account, "2025-06-14", 100 + 50 * turn, 3 - turn)


def _tickets(account: Account, turn: int) -> None:
    ticket(account, "2025-06-10 08:00", ("replied", "2025-06-10 10:00"), ("solved", "2025-06-10 12:00"))
    ticket(account, f"2025-06-0{3 + turn} 08:00", ("escalated", f"2025-06-0{8 + turn}"), ("replied", "2025-06-06"))
    if turn:
        ticket(account, "2025-06-29", ("escalated", "2025-06-30"))
        ticket(account, "2025-06-20", ("replied", "2025-06-21"), ("replied", "2025-06-22"), ("solved", "2025-06-23"))


def received(account: Account, at: str) -> None:
    """All that is known of the account was received at this moment."""
    ensure_months("accounts_userday", {day(at[:10])})
    for kind in kinds.every():
        if kind.model is not None and kind.belongs_to_account:
            of_account: dict[str, Any] = {"account": account}
            kind.model.objects.filter(**of_account).update(received_at=moment(at))
    AttributeValue.objects.filter(account=account).update(received_at=moment(at))
    AccountStream.objects.filter(account=account).update(first_received_at=moment(at))
    for rolled in (UserDay, FeatureDay):
        rolled.objects.filter(account=account).update(received_on=day(at[:10]))
    activity.derive_all(activity.USERS)
    activity.derive_all(activity.FEATURES)


__all__ = ["LONG_AGO", "RULES", "all_connected", "everything", "facts_of", "received"]
