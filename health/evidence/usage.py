"""Who used the product, and what of it."""

from health.evidence.shapes import Listing, Lists, name_of
from health.metrics.licenses import IN_FORCE
from health.metrics.newcomers import FIRST_DAYS, FIRST_WEEK, came_back, seen_in
from health.metrics.rules import RECENT_AT_MOST
from health.metrics.shapes import Facts
from health.metrics.usage import FEATURE_DAYS, LAST, LAST_USE_REACH, LAST_USES, USER_DAYS

USER = name_of(
    "accounts_enduser",
    "f.end_user_record",
    "coalesce(nullif(named.name, ''), nullif(named.email, ''), named.external_id)",
)


def active_users(window: int, adds: bool = True) -> Listing:
    return Listing(
        title="Active users", heads=("User", "Days with use", "Last use"), facts=USER_DAYS, reach=window, adds=adds,
        what=f"1, {USER}, count(distinct f.day), max({LAST}) last",
        tail="group by f.end_user_record, c.known_at order by last desc, 2",
    )  # fmt: skip


def _seats() -> Listing:
    return Listing(
        title="Licenses in force", heads=("License", "Licenses", "From", "To"), facts=IN_FORCE, contract=True,
        what="case when bool_or(f.unlimited) over () then 0 else f.seats end, f.name, "
             "case when f.unlimited then 'unlimited' else f.seats::text end, f.starts_on, f.ends_on",
        tail="order by f.starts_on, f.record",
    )  # fmt: skip


def of_seats(window: int, argument: str | None) -> tuple[Listing, ...]:
    return active_users(window, adds=False), _seats()


def of_users(window: int, argument: str | None) -> tuple[Listing, ...]:
    return (active_users(window),)


def of_two_windows(window: int, argument: str | None) -> tuple[Listing, ...]:
    before, now = f"{LAST} <= c.day - {window}", f"{LAST} > c.day - {window}"
    return (Listing(
        title="Users in this window and in the one before", heads=("User", "Days before", "Days now", "Last use"),
        facts=USER_DAYS, reach=2 * window,
        what=f"(count(*) filter (where {before}) > 0)::int, {USER}, count(distinct f.day) filter (where {before}), "
             f"count(distinct f.day) filter (where {now}), max({LAST}) last",
        tail="group by f.end_user_record, c.known_at order by last desc, 2",
    ),)  # fmt: skip


# Days without any use count too.
WORKING_DAYS = Facts(
    "working days",
    f"""join generate_series(greatest(c.work_from, c.born), c.day, interval '1 day') g(at)
    on extract(isodow from g.at)::int = any(%(weekdays)s) and g.at::date <> all(%(holidays)s::date[])
left join (select c.i, f.day, f.end_user_record from cases c {USER_DAYS.sql} where f.grain = 1) f
    on f.i = c.i and f.day = g.at::date""",
    USER_DAYS.parameters,
)


def of_working_days(window: int, argument: str | None) -> tuple[Listing, ...]:
    return (Listing(
        title="Working days", heads=("Day", "Active users"), facts=WORKING_DAYS, reach=RECENT_AT_MOST,
        what="1, g.at::date, count(distinct f.end_user_record)", tail="group by g.at order by g.at desc",
    ),)  # fmt: skip


CORE = Facts(
    "core features",
    f"""join unnest(%(core)s::text[]) core(name) on true
left join (select c.i, f.day, f.uses, feature.name from cases c {FEATURE_DAYS.sql}) f on f.i = c.i and f.name = core.name""",
    FEATURE_DAYS.parameters,
)


def of_features(window: int, argument: str | None) -> tuple[Listing, ...]:
    return (Listing(
        title="Core features", heads=("Feature", "Days with use", "Uses", "Last use"), facts=CORE, reach=window,
        what="1, core.name, count(distinct f.day), coalesce(sum(f.uses), 0) uses, max(f.day)",
        tail="group by core.name order by uses desc, core.name",
    ),)  # fmt: skip


def of_last_use(window: int, argument: str | None) -> tuple[Listing, ...]:
    last = Listing(
        title="Last use", heads=("Day of the last use", "Life began"), facts=LAST_USES,
        what="1, greatest(f.by_day, f.by_week), c.born",
    )  # fmt: skip
    return last, active_users(LAST_USE_REACH, adds=False)


def _new_users(chance: int) -> Lists:
    def of_new_users(window: int, argument: str | None) -> tuple[Listing, ...]:
        return (Listing(
            title="New users", heads=("User", "First seen", "Active again", "In time"), facts=FIRST_DAYS,
            what=f"1, {USER}, f.first, f.next, coalesce({came_back(chance)}, false)",
            tail=f"where {seen_in(window, chance)} order by f.first desc, 2",
        ),)  # fmt: skip

    return of_new_users


def of_first_week(window: int, argument: str | None) -> tuple[Listing, ...]:
    return (Listing(
        title="Days of the first week", heads=("Day", "Times"), facts=FIRST_WEEK,
        what="sum(f.times), f.day, sum(f.times)", tail="group by f.day order by f.day",
    ),)  # fmt: skip


LISTINGS: dict[str, Lists] = {
    "license_utilization": of_seats,
    "weekly_adoption": of_seats,
    "daily_active_users": of_working_days,
    "weekly_active_users": of_users,
    "monthly_active_users": of_users,
    "stickiness": of_users,
    "feature_breadth": of_features,
    "days_since_last_use": of_last_use,
    "usage_trend": of_two_windows,
    "user_retention": of_two_windows,
    "user_churn": of_two_windows,
    "user_return_rate_7": _new_users(7),
    "user_return_rate_30": _new_users(30),
    "week1_engagement": of_first_week,
}
