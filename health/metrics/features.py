"""Facts about features, each a named event: how often it was used, and by whom.

Days of features tell how often. By whom is told by counts of end users, and of what is tracked by the bit that a core
feature or a role has from when on the settings name it.
"""

from health.metrics.known import KNOWN, KNOWN_ON, known
from health.metrics.rules import Rules
from health.metrics.shapes import Column, Facts
from health.metrics.tracked import TRACKED
from health.metrics.usage import BY_OURSELVES, IN_REACH, LAST


def _core(rules: Rules) -> dict[str, list[str]]:
    return {"core": list(rules.core_features)}


FEATURE_USES = Facts(
    "uses of features",
    f"""join accounts_featureday f on f.account_id = c.account_id and {IN_REACH} and {KNOWN_ON}
    join accounts_feature feature on feature.id = f.feature_id""",
    _core,
)
# Without what our own people did.
USES = f"f.uses - {BY_OURSELVES}"

# Everybody who is known, each with every use; `there`: not deactivated.
USERS_OF_FEATURES = Facts(
    "end users and the features that they used",
    f"""join lateral (
    with used as materialized (
        select f.end_user_record, {LAST} as last, f.count, feature.name, 0::bigint as roles
        from accounts_usagecount f join accounts_feature feature on feature.id = f.feature_id
        where f.account_id = c.account_id and f.end_user_record is not null and f.count > 0 and {IN_REACH} and {KNOWN}
        union all
        select f.end_user_record, f.day, 0, null, f.roles from accounts_userday f
        where f.account_id = c.account_id and f.origin = {TRACKED} and {IN_REACH} and {KNOWN_ON}
    )
    select u.record as end_user_record, (u.deactivated_on is null or u.deactivated_on > c.day) as there,
        used.last, used.count, used.name, used.roles
    from accounts_enduser u left join used on used.end_user_record = u.record
    where u.account_id = c.account_id and not u.internal and {known("u")}
    and (u.first_seen_on is null or u.first_seen_on <= c.day)
) f on true""",
    _core,
)


def named(name: str, feature: str | None) -> str:
    """That `name`, an expression, is the feature that is asked for, or one of the core features."""
    return f"{name} = any(%(core)s::text[])" if feature is None else f"{name} = %(argument)s"


def of_feature(feature: str | None) -> str:
    """That a use by an end user is one of that feature."""
    bits = f"select bit_or(1::bigint << role.bit::int) from accounts_eventrole role where {named('role.name', feature)}"
    return f"({named('f.name', feature)} or (f.roles & ({bits})) <> 0)"


def uses(days: int, feature: str | None, where: str = "true") -> Column:
    """How often a feature, or any of the core features, was used in the window."""
    inside = f"{LAST} > c.day - {days} and {named('feature.name', feature)} and {where}"
    return Column(FEATURE_USES, f"sum({USES}) filter (where {inside})", reach=days, argument=feature)


def uses_tracked(days: int, feature: str | None) -> Column:
    """The same of what is tracked and has a bit, by which it is told of end users."""
    return uses(
        days, feature, f"f.origin = {TRACKED} and feature.name in (select role.name from accounts_eventrole role)"
    )


def uses_counted(days: int, feature: str | None) -> Column:
    """How often end users used a feature in the window, by what is counted of each."""
    inside = f"f.last > c.day - {days} and {named('f.name', feature)}"
    return Column(USERS_OF_FEATURES, f"sum(f.count) filter (where {inside})", reach=days, argument=feature)


def users_of(days: int, feature: str | None, *, there: bool) -> Column:
    """Distinct end users who used a feature in the window; only those that are not deactivated where `there`."""
    inside = f"f.last > c.day - {days} and {of_feature(feature)}" + (" and f.there" if there else "")
    return Column(
        USERS_OF_FEATURES,
        f"count(distinct f.end_user_record) filter (where {inside})",
        reach=days,
        argument=feature,
    )


def known_users() -> Column:
    """End users who are neither internal nor deactivated."""
    return Column(USERS_OF_FEATURES, "count(distinct f.end_user_record) filter (where f.there)")
