"""Facts about beginnings: end users who are new, and an account's first week."""

from health.metrics.known import KNOWN_ON, known
from health.metrics.shapes import Column, Facts
from health.metrics.usage import BY_OURSELVES, LAST, LAST_USE_REACH, OURSELVES

# Days from an account's beginning that are its first week, and for how long that is worth reading.
WEEK, READABLE = 7, 90

# Per end user the day on which we first saw them, as far back as use is looked at or as a source says; then the next on
# which they were active.
FIRST_DAYS = Facts(
    "first days of end users",
    f"""join lateral (
    select seen.end_user_record, seen.first, (select min(day) from unnest(seen.days) day where day > seen.first) as next
    from (
        select f.end_user_record, least(min(f.day), min(u.first_seen_on)) as first,
            array_agg(f.day) filter (where f.grain = 1) as days
        from accounts_userday f
        join accounts_enduser u on u.record = f.end_user_record and not u.internal and {known("u")}
        where f.account_id = c.account_id and f.events > 0 and {KNOWN_ON}
        and f.day <= %(last_day)s::date and f.day > %(first_day)s::date - {LAST_USE_REACH}
        and f.day <= c.day and f.day > c.day - {LAST_USE_REACH}
        group by f.end_user_record
    ) seen
    where seen.first >= c.born
) f on true""",
)

FIRST_WEEK = Facts(
    "the first weeks of accounts",
    f"""join lateral (
    select f.day, f.events as times from accounts_userday f
    where %(week1_event)s = '' and c.day - c.born < {READABLE} and f.account_id = c.account_id and {KNOWN_ON}
    and f.day between %(first_day)s::date - {READABLE} - 6 and %(last_day)s::date
    and f.day > c.born - 7 and {LAST} between c.born and least(c.born + {WEEK} - 1, c.day) and not {OURSELVES}
    union all
    select f.day, f.uses - {BY_OURSELVES} from accounts_featureday f
    join accounts_feature feature on feature.id = f.feature_id and feature.name = %(week1_event)s
    where c.day - c.born < {READABLE} and f.account_id = c.account_id and {KNOWN_ON}
    and f.day between %(first_day)s::date - {READABLE} - 6 and %(last_day)s::date
    and f.day > c.born - 7 and {LAST} between c.born and least(c.born + {WEEK} - 1, c.day)
) f on true""",
    lambda rules: {"week1_event": rules.week1_event},
)


def new_users(days: int, chance: int) -> Column:
    """End users first seen in the window, of whom `chance` days have passed since."""
    return Column(FIRST_DAYS, f"count(*) filter (where {seen_in(days, chance)})")


def returned(days: int, chance: int) -> Column:
    """Those of them who were active again within as many days."""
    return Column(FIRST_DAYS, f"count(*) filter (where {seen_in(days, chance)} and {came_back(chance)})")


def seen_in(days: int, chance: int) -> str:
    return f"f.first > c.day - {days} and f.first <= c.day - {chance}"


def came_back(chance: int) -> str:
    return f"f.next <= f.first + {chance}"


def first_week() -> Column:
    """How often the product, or the event that the settings name, was used in the account's first seven days."""
    return Column(FIRST_WEEK, "sum(f.times)")
