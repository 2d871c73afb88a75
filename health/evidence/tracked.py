"""What client libraries tell of users: logins, sessions and features."""

from health.evidence.shapes import Listing, Lists
from health.evidence.usage import USER, active_users
from health.metrics.features import FEATURE_USES, USERS_OF_FEATURES, USES, named, of_feature
from health.metrics.paths import GOAL, PAIR, PATHS, VISITS, of_path, on_page
from health.metrics.tracked import LOGINS, SESSIONS, TRACKED_DAYS


def _users(title: str, counts: str, window: int) -> Listing:
    return Listing(
        title=title, facts=TRACKED_DAYS, reach=window,
        heads=("User", "Days with use", "Logins", "Of them sessions", "Active minutes", "Last use"),
        what=f"{counts}, {USER}, count(*) filter (where f.events > 0), sum({LOGINS}), "
             "sum(f.sessions) filter (where f.logins is null), round(sum(f.active_seconds) / 60.0, 1), max(f.day) last",
        tail="group by f.end_user_record, c.known_at order by last desc, 2",
    )  # fmt: skip


def of_logins(window: int, argument: str | None) -> tuple[Listing, ...]:
    return (_users("Logins of users", f"sum({LOGINS})", window),)


def of_tracked_users(window: int, argument: str | None) -> tuple[Listing, ...]:
    return (_users("Active users", "(count(*) filter (where f.events > 0) > 0)::int", window),)


def of_sessions(window: int, argument: str | None) -> tuple[Listing, ...]:
    return (Listing(
        title="Sessions", heads=("Day", "User", "Minutes"), facts=SESSIONS, reach=window,
        what=f"1, f.day, {USER}, round(session.seconds / 60.0, 1)", tail="order by f.day desc, 3, session.nth",
    ),)  # fmt: skip


def _uses(window: int, argument: str | None, adds: bool) -> Listing:
    return Listing(
        title="Uses by day", heads=("Day", "Event", "Times"), facts=FEATURE_USES, reach=window, adds=adds,
        what=f"sum({USES}), f.day, feature.name, sum({USES})",
        tail=f"where {named('feature.name', argument)} group by f.day, feature.name order by f.day desc, feature.name",
    )  # fmt: skip


def of_uses_and_logins(window: int, argument: str | None) -> tuple[Listing, ...]:
    return _uses(window, argument, adds=False), *of_logins(window, argument)


def of_known_users(window: int, argument: str | None) -> tuple[Listing, ...]:
    did = f"filter (where {of_feature(argument)})"
    return (Listing(
        title="Known users", heads=("User", "Days with use of it", "Last use of it"), facts=USERS_OF_FEATURES, reach=window,
        what=f"1, {USER}, count(distinct f.last) {did}, max(f.last) {did} last",
        tail="where f.there group by f.end_user_record, c.known_at order by last desc nulls last, 2",
    ),)  # fmt: skip


def of_users_of_it(window: int, argument: str | None) -> tuple[Listing, ...]:
    users = Listing(
        title="Users of it", heads=("User", "Days with use of it", "Last use of it"), facts=USERS_OF_FEATURES, reach=window,
        what=f"1, {USER}, count(distinct f.last), max(f.last) last",
        tail=f"where {of_feature(argument)} group by f.end_user_record, c.known_at order by last desc, 2",
    )  # fmt: skip
    return users, _uses(window, argument, adds=False)


def of_uses(window: int, argument: str | None) -> tuple[Listing, ...]:
    return (_uses(window, argument, adds=True),)


def of_uses_and_users(window: int, argument: str | None) -> tuple[Listing, ...]:
    return active_users(window), _uses(window, argument, adds=False)


def of_visits(window: int, argument: str | None) -> tuple[Listing, ...]:
    return (Listing(
        title="Sessions", heads=("Day", "User", "First page", "Pages", "Minutes"), facts=VISITS, reach=window,
        what=f"1, f.day, {USER}, page.name, visit.pages, round(visit.seconds / 60.0, 1)",
        tail=f"where {on_page(argument)} order by f.day desc, 3, visit.nth",
    ),)  # fmt: skip


def _paths(kind: str, title: str, heads: tuple[str, ...]) -> Lists:
    def of_paths(window: int, argument: str | None) -> tuple[Listing, ...]:
        return (Listing(
            title=title, heads=heads, facts=PATHS, reach=window,
            what=f"1, g.name, {USER}, min(f.day) first, bool_or(f.done)",
            tail=f"where {of_path(kind, argument)} "
                 "group by g.name, f.end_user_record, f.session_day, f.nth, c.known_at order by first desc, 2, 3, f.nth",
        ),)  # fmt: skip

    return of_paths


LISTINGS: dict[str, Lists] = {
    "time_per_login": of_logins,
    "session_duration": of_sessions,
    "time_in_product": of_tracked_users,
    "logins_per_user": of_tracked_users,
    "feature_adoption": of_uses_and_logins,
    "feature_usage": of_known_users,
    "feature_uses_per_user": of_users_of_it,
    "event_count": of_uses,
    "event_count_per_user": of_uses_and_users,
    "bounce_rate": of_visits,
    "conversion_rate": _paths(GOAL, "Exposed to goals", ("Goal", "User", "First exposed", "Reached")),
    "abandonment_rate": _paths(PAIR, "Begun", ("Pair", "User", "First begun", "Finished")),
}
