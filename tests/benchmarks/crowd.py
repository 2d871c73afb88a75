"""A crowd of accounts for the benchmarks of the night, made by PostgreSQL itself: what their facts would be after ingest.

To each account belong eleven end users, of whom some use the product on a day (about thirteen million days of users for a
hundred thousand accounts and ninety days), eight features used on some days (about seven million), a license, three
stakeholders, and some touchpoints, tickets, answers and invoices. Everything was received in the night after it happened.
"""

import datetime as dt
from typing import Any

from django.db import connection, transaction

from accounts import activity, calendar
from accounts.models import Source
from accounts.partitions import ensure_months
from health import configuration, scorecards
from health.models import Group, Scorecard, ScorecardVersion
from tests.health.judgment import add, line_up_of, noon

DAY = dt.date(2026, 6, 30)
DAYS = 90
USERS, FEATURES = 11, 8
CORE = tuple(f"feature {number}" for number in range(1, FEATURES + 1))
PUBLISHED = "2025-01-05"

# Group → measures; twelve of them, over usage, licenses, people, talk, tickets, answers and invoices.
MEASURES = {
    "adoption": ("license_utilization", "weekly_adoption", "stickiness", "feature_breadth", "days_since_last_use", "usage_trend"),
    "engagement": ("days_since_touchpoint", "stakeholder_engagement"),
    "sentiment": ("nps", "csat"),
    "support": ("open_tickets",),
    "commercial": ("overdue_invoices",),
}  # fmt: skip
KINDS = ("licenses", "invoices", "usage", "end-users", "stakeholders", "touchpoints", "pulses", "tickets",
         "ticket-events", "surveys", "survey-responses", "survey-requests")  # fmt: skip


def make(accounts: int, look_back: int = 0) -> None:
    """Make the crowd and what it is scored by, in an empty database, so that it can be scored as of so many days before as
    well. Account ids are 1 to `accounts`."""
    _configure()
    with transaction.atomic():
        source = Source.objects.create(name="warehouse")
        given: dict[str, Any] = {
            "accounts": accounts, "source": source.pk, "day": DAY, "days": DAYS + look_back, "users": USERS, "features": FEATURES,
            "kinds": list(KINDS), "zone": str(calendar.zone()),
        }  # fmt: skip
        for table in ("accounts_userday", "accounts_featureday"):
            ensure_months(table, {DAY - dt.timedelta(days=back) for back in range(DAYS + look_back)})
        with connection.cursor() as cursor:
            cursor.execute("select setseed(0.5)")
            for statement in _STATEMENTS:
                cursor.execute(statement, given)
        activity.derive_all(activity.USERS)
        activity.derive_all(activity.FEATURES)
    with connection.cursor() as cursor:
        cursor.execute("vacuum (analyze, freeze)")
    # What this backend still holds of making them belongs to nothing that is measured.
    connection.close()


def _configure() -> None:
    draft = configuration.begin(ScorecardVersion(scorecard=Scorecard.objects.create(name="crowd", label="Crowd")))
    for position, (key, metrics) in enumerate(MEASURES.items()):
        group = Group.objects.create(version=draft, key=key, label=key.title(), weight=20, position=position)
        for metric in metrics:
            add(group, metric)
    scorecards.publish(draft, author=None, note="The benchmark's.", now=noon(PUBLISHED))
    settings = configuration.new_settings()
    settings.document = settings.document | {"core_features": list(CORE)}
    settings.save()
    configuration.publish_settings(settings, author=None, note="The benchmark's.", now=noon(PUBLISHED))
    configuration.publish_line_up(line_up_of(("crowd", "")), author=None, note="Everybody.", now=noon(PUBLISHED))


_VERSION = "received_at, receipt_assumed, source_id, record"
# What happened `back` days before, received in the night after.
_NIGHT = "((%(day)s::date - back + 1)::timestamp + interval '1 hour') at time zone %(zone)s, false, %(source)s"
_AT = "((%(day)s::date - back)::timestamp + interval '15 hours') at time zone %(zone)s"
_LONG_AGO = "((%(day)s::date - 400)::timestamp + interval '1 hour') at time zone %(zone)s, false, %(source)s"


def _happened(days: int, since: int = 0) -> str:
    """Some day in the past for each row, `since` at least so many back."""
    # It mentions a column, or it would be one day for all of them.
    return f"cross join lateral (select {since} + floor(random() * {days})::int + 0 * a::int as back) happened"


_STATEMENTS = (
    """insert into accounts_account (id, public_id, name, stage, tier, region, created_at, updated_at, dirty_since)
    select a, gen_random_uuid(), 'Account ' || a, '', '', '', now() - interval '400 days', now(), null
    from generate_series(1, %(accounts)s) a""",
    """insert into accounts_stream (kind, source_id) select unnest(%(kinds)s::text[]), %(source)s""",
    """insert into accounts_streamsync (received_at, receipt_assumed, at, complete_from, complete_through, rows, rejected,
        source_id, stream_id)
    select (%(day)s::date - back + 1)::timestamp at time zone %(zone)s + interval '1 hour', false,
        (%(day)s::date - back + 1)::timestamp at time zone %(zone)s + interval '1 hour',
        (%(day)s::date - 800)::timestamp at time zone %(zone)s,
        (%(day)s::date - back + 1)::timestamp at time zone %(zone)s, 1000, 0, %(source)s, id
    from accounts_stream cross join generate_series(0, %(days)s - 60) back""",
    """insert into accounts_accountstream (first_received_at, account_id, stream_id)
    select (%(day)s::date - 400)::timestamp at time zone %(zone)s, a, id
    from generate_series(1, %(accounts)s) a cross join accounts_stream""",
    """insert into accounts_feature (id, name, core) select f, 'feature ' || f, true from generate_series(1, %(features)s) f""",
    f"""insert into accounts_license ({_VERSION}, name, starts_on, ends_on, seats, unlimited, amount, currency, interval, account_id)
    select {_LONG_AGO}, a, 'Platform', %(day)s::date - 380, %(day)s::date + 200, 10 + a %% 20, false, 12000, 'USD', 'year', a
    from generate_series(1, %(accounts)s) a""",
    f"""insert into accounts_enduser ({_VERSION}, external_id, name, email, internal, attributes, account_id, stakeholder_record)
    select {_LONG_AGO}, (a - 1) * %(users)s + u, a || '-' || u, '', '', false, '{{}}', a,
        case when u = 1 then a * 3 end
    from generate_series(1, %(accounts)s) a cross join generate_series(1, %(users)s) u""",
    f"""insert into accounts_stakeholder ({_VERSION}, name, email, title, role, account_id)
    select {_LONG_AGO}, a * 3 + s, 'Person ' || s, '', '', (array['champion', 'decision_maker', 'user'])[s + 1], a
    from generate_series(1, %(accounts)s) a cross join generate_series(0, 2) s""",
    """insert into accounts_userday (account_id, day, end_user_record, grain, received_on, events, receipt_assumed)
    select a, %(day)s::date - back, (a - 1) * %(users)s + u, 1, %(day)s::date - back + 1, 1 + (a + u + back) %% 9, false
    from generate_series(1, %(accounts)s) a cross join generate_series(%(days)s - 1, 0, -1) back
    cross join generate_series(1, %(users)s) u where random() < 0.132""",
    """insert into accounts_featureday (account_id, day, feature_id, grain, received_on, uses, receipt_assumed)
    select a, %(day)s::date - back, f, 1, %(day)s::date - back + 1, 1 + (a + f + back) %% 9, false
    from generate_series(1, %(accounts)s) a cross join generate_series(%(days)s - 1, 0, -1) back
    cross join generate_series(1, %(features)s) f where random() < 0.0975""",
    f"""insert into accounts_touchpoint ({_VERSION}, at, kind, status, direction, reason, subject, notes, participants, account_id)
    select {_NIGHT}, a * 4 + t, {_AT}, (array['call', 'meeting', 'email', 'training'])[1 + t], 'held', '', '', '', '', array[a * 3], a
    from generate_series(1, %(accounts)s) a cross join generate_series(0, 3) t
    {_happened(120)}""",
    f"""insert into surveys_survey ({_VERSION}, name, kind, question, minimum, maximum, high_is_good)
    select {_LONG_AGO}, s, kind, kind, '', low, high, true from (values (1, 'nps', 0, 10), (2, 'csat', 1, 5)) said(s, kind, low, high)""",
    f"""insert into surveys_response ({_VERSION}, survey_record, end_user_record, at, value, comment, account_id)
    select {_NIGHT}, a * 8 + r, 1 + r %% 2, (a - 1) * %(users)s + 1 + r, {_AT}, case r %% 2 when 0 then floor(random() * 11) else 1 + floor(random() * 5) end, '', a
    from generate_series(1, %(accounts)s) a cross join generate_series(0, 7) r
    {_happened(150)}""",
    f"""insert into support_ticket ({_VERSION}, subject, status, priority, category, escalated, opened_at, account_id)
    select {_NIGHT}, a * 3 + t, 'Ticket', case when t = 0 then 'open' else 'solved' end, 'normal', '', false, {_AT}, a
    from generate_series(1, %(accounts)s) a cross join generate_series(0, 2) t
    {_happened(300, since=5)}""",
    f"""insert into support_ticketevent ({_VERSION}, ticket_record, kind, at, value, derived, account_id)
    select received_at, false, %(source)s, record * 3 + e, record, (array['opened', 'replied', 'solved'])[1 + e],
        opened_at + e * interval '1 day', '', false, account_id
    from support_ticket cross join generate_series(0, 2) e where e < 2 or status = 'solved'""",
    f"""insert into accounts_invoice ({_VERSION}, number, issued_on, due_on, paid_on, amount, currency, account_id)
    select {_NIGHT}, a * 4 + i, a || '-' || i, %(day)s::date - back, %(day)s::date - back + 30,
        case when random() < 0.9 then %(day)s::date - back + 20 end, 3000, 'USD', a
    from generate_series(1, %(accounts)s) a cross join generate_series(0, 3) i
    {_happened(300, since=60)}""",
)
