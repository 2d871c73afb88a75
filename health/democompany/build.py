"""Making the company: configuration as it was published, facts through the doors, days scored, and what its CSMs do."""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import islice

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from accounts import calendar, kinds, sources, work
from accounts.checking import columns_of
from accounts.ingest import ingest
from accounts.models import (
    Account,
    AttributeDefinition,
    Role,
    Source,
    Stream,
    StreamSync,
    Task,
    Team,
    User,
)
from accounts.rows import Delivery, Receipt
from health import backfill, configuration, listrows, overrides, ready_made, scorecards
from health.democompany import contracts, people, talk, tickets, usage
from health.democompany.plans import CSMS, HORIZON, Plan, plans
from health.democompany.words import FEATURES, TASKS
from health.models import Alert, Measure, SavedView, Scorecard
from health.scoring.card import Band

Say = Callable[[str], None]
AT_ONCE = 20_000
NEW_VERSION_AGO = 124
SOURCES = {
    "demo-crm": ("CRM", ("accounts", "stakeholders", "touchpoints", "pulses", "objectives", "renewals")),
    "demo-billing": ("Billing", ("products", "licenses", "invoices")),
    "demo-product": ("Product", ("end-users", "usage")),
    "demo-helpdesk": ("Help desk", ("tickets", "ticket-events")),
    "demo-surveys": ("Surveys", ("surveys", "survey-requests", "survey-responses")),
}


class NotEmpty(Exception):
    """There is something already that the company would be mixed with; the message says what."""


def build(today: dt.date, say: Say = lambda words: None, *, scored: int = HORIZON - 1) -> None:
    """Make the company as it is in the morning of `today`, with its last days scored: as many as `scored` says, all unless
    told. Raises NotEmpty."""
    if Account.objects.exists():
        raise NotEmpty("There are accounts already. The demo company is made in an empty installation only.")
    everyone = plans(today)
    with transaction.atomic():
        users = _users()
        _configure(today, users)
        told: Counter[tuple[str, str]] = Counter()
        for kind, source, records in _deliveries(everyone, today):
            told[source, kind] += _deliver(kind, source, records)
            say(f"{kind} told")
        _late_answers(everyone)
        _complete(today, told)
        Account.objects.update(demo=True, dirty_since=None)
        listrows.make(list(Account.objects.values_list("pk", flat=True)))
    with connection.cursor() as cursor:
        # Autovacuum comes too late for a company that was not there a minute ago.
        cursor.execute("analyze")
    _override(everyone, users)
    _score(today, scored, say)
    _work(everyone, users)


def now_of(today: dt.date) -> dt.datetime:
    """The moment at which the company is made: a little after its night."""
    return calendar.start_of(today) + dt.timedelta(hours=settings.NIGHT_HOUR, minutes=14)


def latest_day(now: dt.datetime) -> dt.date:
    """Today, or before its night has come, yesterday."""
    today = calendar.day_of(now)
    return today if now_of(today) <= now else today - dt.timedelta(days=1)


# --- People and configuration ----------------------------------------------------------------------------------------


def _users() -> dict[str, User]:
    found = {}
    for key, (email, name, team) in CSMS.items():
        own, _ = Team.objects.get_or_create(name=team)
        user, is_new = User.objects.get_or_create(email=email, defaults={"name": name, "role": Role.CSM})
        if is_new:
            user.set_unusable_password()
        user.team = own
        user.save()
        found[key] = user
    return found


def _configure(today: dt.date, users: dict[str, User]) -> None:
    """What counted when: the ready-made scorecards from the beginning, a second version of one since four months."""
    since = calendar.start_of(today - dt.timedelta(days=HORIZON + 5))
    AttributeDefinition.objects.get_or_create(
        name="industry", defaults={"label": "Industry", "type": "text", "accepted": True}
    )
    AttributeDefinition.objects.get_or_create(
        name="notice_given", defaults={"label": "Notice given", "type": "yes_no", "accepted": True}
    )
    AttributeDefinition.objects.filter(name="owner").update(master=sources.own())
    draft = configuration.new_settings()
    rates = [
        ["EUR", (today - dt.timedelta(days=800)).isoformat(), 1.09],
        ["EUR", today.replace(month=1, day=1).isoformat(), 1.12],
    ]
    draft.document = draft.document | {"core_features": list(FEATURES), "currency": "USD", "rates": rates}
    draft.save()
    configuration.publish_settings(draft, author=None, note="Core features and exchange rates.", now=since)
    ready_made.publish_ready_made(since)
    second = scorecards.new_draft(Scorecard.objects.get(name="high-touch"))
    for group in second.groups.all():
        group.weight = {"adoption": 35, "commercial": 5}.get(group.key, group.weight)
        group.save()
    Measure.objects.filter(version=second, metric="license_utilization").update(scale="0:0, 35:40, 60:70, 90:100")
    scorecards.publish(
        second, author=None, now=calendar.start_of(today - dt.timedelta(days=NEW_VERSION_AGO)) + dt.timedelta(hours=15),
        note="Adoption counts for more: whoever left last year had stopped using the product long before complaining.",
    )  # fmt: skip


# --- Facts -----------------------------------------------------------------------------------------------------------


def _deliveries(everyone: list[Plan], today: dt.date) -> Iterator[tuple[str, str, Iterable[people.Record]]]:
    """Kind, source and records, in an order in which nothing has to wait."""

    def of_all(records: Callable[[Plan], Iterable[people.Record]]) -> Iterator[people.Record]:
        return (record for plan in everyone for record in records(plan))

    parents_first = sorted(everyone, key=lambda plan: plan.parent is not None)
    yield "accounts", "demo-crm", (record for plan in parents_first for record in people.accounts(plan))
    yield "products", "demo-billing", contracts.products(today)
    yield "licenses", "demo-billing", of_all(contracts.licenses)
    yield "renewals", "demo-crm", of_all(contracts.renewals)
    yield "invoices", "demo-billing", of_all(contracts.invoices)
    yield "stakeholders", "demo-crm", of_all(people.stakeholders)
    yield "end-users", "demo-product", of_all(people.end_users)
    yield "usage", "demo-product", of_all(usage.counts)
    yield "touchpoints", "demo-crm", of_all(talk.touchpoints)
    yield "pulses", "demo-crm", of_all(talk.pulses)
    yield "objectives", "demo-crm", of_all(contracts.objectives)
    yield "tickets", "demo-helpdesk", of_all(tickets.tickets)
    yield "ticket-events", "demo-helpdesk", of_all(tickets.events)
    yield "surveys", "demo-surveys", talk.surveys(today)
    yield "survey-requests", "demo-surveys", of_all(talk.requests)
    yield "survey-responses", "demo-surveys", of_all(talk.responses)
    yield "survey-responses", "demo-surveys", _after_tickets(everyone)


def _after_tickets(everyone: list[Plan]) -> Iterator[people.Record]:
    for plan in everyone:
        for number, course in enumerate(tickets.courses(plan)):
            if course.solved is not None and course.solved.date() > plan.day(plan.first_ago - 2):
                answer = talk.satisfaction(plan, course.id, (plan.today - course.solved.date()).days, number)
                if answer is not None:
                    yield answer


def _deliver(
    kind_name: str, source_name: str, records: Iterable[people.Record], late: dt.timedelta | None = None
) -> int:
    """Let records come in, each known when it happened, or a while later. Returns how many came."""
    source, _ = Source.objects.get_or_create(
        name=source_name, defaults={"label": f"{SOURCES[source_name][0]} (demo)", "time_zone": "UTC"}
    )
    delivery = Delivery(kinds.get(kind_name), source, Receipt(timezone.now(), "occurred"))
    rest, came = iter(records), 0
    while batch := list(islice(rest, AT_ONCE)):
        known = [] if late is None else [record["at"] + late for record in batch]
        rows = ingest(delivery, columns_of(list(map(_plain, batch))), len(batch), known_at=known)
        wrong = next((row for row in rows if not row.applied), None)
        if wrong is not None:
            raise AssertionError(f"{kind_name} {wrong.external_id}: {wrong.status} {wrong.problems} {wrong.waits_for}")
        came += len(batch)
    return came


def _plain(record: people.Record) -> people.Record:
    """Days and moments as text, as they come from outside."""
    return {
        name: value.isoformat() if isinstance(value, dt.date | dt.datetime) else value for name, value in record.items()
    }


def _late_answers(everyone: list[Plan]) -> None:
    """Two bad answers of last month arrive a week late: the score of the days between did not know them."""
    for plan in everyone:
        if plan.story == "late_data":
            person = {"end_user": {"source": "demo-product", "external_id": people.user_id(plan, 1)}}
            records: list[people.Record] = [
                {
                    "external_id": f"{plan.key}-late{number}", "account": people.of_crm(plan.key), "survey": "nps",
                    "at": people.at(plan.day(16 + number), 10), "value": value, "comment": comment, **person,
                }
                for number, (value, comment) in enumerate(((3, "Two sites wait for the export since Monday."), (4, "")))
            ]  # fmt: skip
            for number, record in enumerate(records):
                record["end_user"] = {"source": "demo-product", "external_id": people.user_id(plan, 20 + number)}
            _deliver("survey-responses", "demo-surveys", records, late=dt.timedelta(days=9))


def _complete(today: dt.date, told: Counter[tuple[str, str]]) -> None:
    """Every night each stream told all of the day before; but for the week in which the help desk's connection was broken."""
    StreamSync.objects.filter(source__name__in=SOURCES).delete()
    syncs = []
    for stream in Stream.objects.filter(source__name__in=SOURCES).select_related("source"):
        rows = told[stream.source.name, stream.kind]
        for ago in range(HORIZON + 1, 0, -1):
            if stream.source.name == "demo-helpdesk" and tickets.MENDED < ago <= tickets.BROKE:
                continue
            day = today - dt.timedelta(days=ago)
            ran = calendar.end_of(day) + dt.timedelta(minutes=40)
            syncs.append(
                StreamSync(
                    stream=stream,
                    source=stream.source,
                    at=ran,
                    received_at=ran,
                    complete_through=calendar.end_of(day),
                    # As if the same number had come each night.
                    rows=rows * ago // (HORIZON + 1) - rows * (ago - 1) // (HORIZON + 1),
                )
            )
    StreamSync.objects.bulk_create(syncs, batch_size=2000)


# --- Judgment --------------------------------------------------------------------------------------------------------


def _override(everyone: list[Plan], users: dict[str, User]) -> None:
    """One override ended in summer, one stands, and one ends in two days."""
    said = (
        ("Harborline Clinics", 150, 120, Band.YELLOW, "New leadership since the merger; nobody knows yet who decides."),
        (
            "Stonebridge Dental",
            12,
            -18,
            Band.GREEN,
            "Renewed by word of mouth; paper follows. The planners changed teams.",
        ),
        ("Fenwick & Sable", 26, -2, Band.RED, "Their CFO announced a vendor review for the end of the month."),
    )
    by_name = {plan.name: plan for plan in everyone}
    for name, ago, until, band, reason in said:
        plan = by_name[name]
        overrides.override(
            Account.objects.get(name=name), band=band, reason=reason, last_day=plan.day(until),
            author=users[plan.csm], now=people.at(plan.day(ago), 9.25),
        )  # fmt: skip


def _score(today: dt.date, days: int, say: Say) -> None:
    first, last = today - dt.timedelta(days=days), today - dt.timedelta(days=1)

    def progress(day: dt.date, scored: int) -> None:
        done = (day - first).days + 1
        if done % 60 == 0 or day == last:
            say(f"{done} of {(last - first).days + 1} days scored")

    backfill.backfill(first, last, now_of(today), progress=progress)


# --- What the CSMs do ------------------------------------------------------------------------------------------------


# Finished tasks were set so many days ago.
SET_AGO = 32


def _work(everyone: list[Plan], users: dict[str, User]) -> None:
    now = now_of(everyone[0].today)
    accounts = {plan.name: Account.objects.get(name=plan.name) for plan in everyone}
    due = {"champion_left": -1, "stopped": 0, "failing": 0, "angry": 2, "fading": -1, "unknown": -1, "rising": -4,
           "overdue": 1, "notice": 3, "stalled": -2, "outgrowing": -6}  # fmt: skip
    for plan in everyone:
        dice, owner = plan.dice("tasks"), users[plan.csm]
        if plan.story in due:
            title = {"champion_left": TASKS[1], "angry": TASKS[5], "outgrowing": TASKS[6], "unknown": TASKS[3],
                     "failing": "Executive escalation call", "stopped": "Call their COO: nobody logs in"}.get(
                         plan.story, dice.choice(TASKS))  # fmt: skip
            _task(accounts[plan.name], title, owner, plan.day(due[plan.story]), people.at(plan.day(6), 15))
        elif 0 < plan.renews <= 60:
            _task(accounts[plan.name], TASKS[0], owner, plan.day(-plan.renews // 3), people.at(plan.day(10), 15))
        if dice.random() < 0.4 and plan.age > SET_AGO and plan.ended is None:
            done = _task(accounts[plan.name], dice.choice(TASKS), owner, plan.day(20), people.at(plan.day(SET_AGO), 10))
            work.finish(done, by=owner, now=people.at(plan.day(21), 14))
        if plan.story in ("champion_left", "failing", "divergent", "outgrowing", "notice"):
            work.add_note(accounts[plan.name], _NOTES[plan.story], author=owner, now=people.at(plan.day(9), 16))
    _views(users, now)
    Alert.objects.filter(raised_at__lt=now - dt.timedelta(days=2)).update(seen_at=now)


_NOTES = {
    "champion_left": "Their champion moved to another company; a successor is not named yet.",
    "failing": "The new CFO asked for the contract and its notice period.",
    "divergent": "They use little because half the clinics are being rebuilt until spring.",
    "outgrowing": "All seats are taken. They put new hires on a waiting list.",
    "notice": "Notice came by letter. The door is open for a smaller package.",
}


def _task(account: Account, title: str, owner: User, due_on: dt.date, set_at: dt.datetime) -> Task:
    return work.add_task(account, title, owner=owner, author=owner, due_on=due_on, now=set_at)


def _views(users: dict[str, User], now: dt.datetime) -> None:
    SavedView.objects.create(
        owner=users["dana"], name="Before the QBR", query="tier=enterprise&sort=renewal", shared=False, created_at=now
    )
    SavedView.objects.create(
        owner=users["marco"], name="Enterprise, red or yellow", query="tier=enterprise&band=red&band=yellow", shared=True,
        created_at=now,
    )  # fmt: skip
