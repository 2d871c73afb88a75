"""Facts about sequences: who did one thing, and then another. The settings name them as goals and as pairs.

Of people it is told by the day, and within a day by a bit that the roller sets where the end came after the beginning. A
session has that bit of its own.
"""

from typing import Any

from accounts.meanings import sequence
from health.metrics.rules import SESSIONS, Rules
from health.metrics.shapes import Column, Facts
from health.metrics.tracked import OF_CASE

GOAL, PAIR = "goal", "pair"


def _named(rules: Rules) -> dict[str, Any]:
    every = [(GOAL, *one) for one in rules.goals] + [(PAIR, *one) for one in rules.pairs]
    columns: list[list[Any]] = [list(column) for column in zip(*every, strict=True)] or [[] for _ in range(6)]
    kinds, names, begins, ends, by, days = columns
    return {
        "path_kinds": kinds,
        "path_names": names,
        "path_begins": begins,
        "path_ends": ends,
        "path_wholes": [sequence(*pair) for pair in zip(begins, ends, strict=True)],
        "path_sessions": [one == SESSIONS for one in by],
        "path_days": days,
    }


_MASK = "coalesce((select 1::bigint << role.bit::int from accounts_eventrole role where role.name = {name}), 0)"
PATHS = Facts(
    "goals and pairs",
    f"""join (
    select kind, name, by_session, days, {_MASK.format(name="begins")} as begins, {_MASK.format(name="ends")} as ends,
        {_MASK.format(name="whole")} as whole
    from unnest(%(path_kinds)s::text[], %(path_names)s::text[], %(path_begins)s::text[], %(path_ends)s::text[],
        %(path_wholes)s::text[], %(path_sessions)s::bool[], %(path_days)s::int[]
    ) named(kind, name, begins, ends, whole, by_session, days)
) g on true
join lateral (
    select f.end_user_record, f.day, 0 as session_day, 0 as nth, f.roles & g.begins <> 0 as begun,
        f.roles & g.whole <> 0 or coalesce(
            max(f.day) filter (where f.roles & g.ends <> 0) over (partition by f.end_user_record) > f.day, false
        ) as done
    from accounts_userday f where not g.by_session and {OF_CASE}
    union all
    select f.end_user_record, f.day, f.day - date '0001-01-01', session.nth, session.roles & g.begins <> 0,
        session.roles & g.whole <> 0
    from accounts_userday f cross join lateral unnest(f.session_roles) with ordinality session(roles, nth)
    where g.by_session and {OF_CASE}
) f on f.begun and f.day <= c.day - g.days""",
    _named,
)
# A person counts once, and so does each session.
_ONCE = "(g.name, f.end_user_record, f.session_day, f.nth)"


def of_path(kind: str, name: str | None) -> str:
    return f"g.kind = '{kind}'" + ("" if name is None else " and g.name = %(argument)s")


def begun(days: int, kind: str, name: str | None) -> Column:
    """People, or sessions, that began a path in the window, and have had the days that it takes."""
    return _count(days, of_path(kind, name), name)


def done(days: int, kind: str, name: str | None) -> Column:
    """Those of them that reached its end afterwards."""
    return _count(days, f"{of_path(kind, name)} and f.done", name)


def _count(days: int, which: str, name: str | None) -> Column:
    inside = f"f.day > c.day - {days} and {which}"
    return Column(PATHS, f"count(distinct {_ONCE}) filter (where {inside})", reach=days, argument=name)


# --- Sessions and their pages ----------------------------------------------------------------------------------------

VISITS = Facts(
    "sessions and their pages",
    f"""join accounts_userday f on {OF_CASE}
    cross join lateral unnest(f.session_pages, f.session_landings, f.session_seconds) with ordinality
        visit(pages, landing, seconds, nth)
    left join accounts_feature page on page.id = visit.landing""",
)


def on_page(page: str | None) -> str:
    """That a session began on a page: by its name, or by that of the event that it is."""
    names = "%(argument)s, 'Viewed ' || %(argument)s || ' Page', 'Viewed ' || %(argument)s || ' Screen'"
    return "true" if page is None else f"page.name in ({names})"


def visits(days: int, page: str | None) -> Column:
    """Sessions that began in the window, on that page or on any."""
    return _visits(days, on_page(page), page)


def bounced(days: int, page: str | None) -> Column:
    """Those of them in which no other page was seen."""
    return _visits(days, f"{on_page(page)} and visit.pages = 1", page)


def _visits(days: int, which: str, page: str | None) -> Column:
    return Column(VISITS, f"count(*) filter (where f.day > c.day - {days} and {which})", reach=days, argument=page)
