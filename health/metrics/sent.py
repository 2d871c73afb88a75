"""Facts about what we sent, and what people did with it."""

from health.metrics.known import DAY_ENDS, KNOWN, days_back
from health.metrics.shapes import Column, Facts

# People are reached by these in a way that can be opened, clicked and answered.
READ_BY = ("email", "in_app")
MESSAGES = Facts(
    "messages",
    f"""join accounts_message f on f.account_id = c.account_id
    and f.delivered_at >= {days_back("{reach}")} and f.delivered_at < {DAY_ENDS} and {KNOWN}""",
)
OPT_OUTS = Facts(
    "opt-outs",
    f"""join surveys_optout f on f.account_id = c.account_id
    and f.at >= {days_back("{reach}")} and f.at < {DAY_ENDS} and {KNOWN}""",
)
REACH = Facts(
    "reach",
    f"""join accounts_reach f on f.account_id = c.account_id
    and f.day between greatest(c.day - {{reach}} + 1, c.born) and c.day and {KNOWN}""",
)


def messages(days: int, argument: str | None, did: tuple[str, ...] = ()) -> Column:
    """E-mail and in-app messages delivered in the window, all, or those by which something of `did` was done by the end of
    the day. `argument`: of a channel or a campaign."""
    inside = f"f.delivered_at >= {days_back(days)}"
    by = ", ".join(f"'{channel}'" for channel in READ_BY)
    which = f"f.channel in ({by})" if argument is None else "(f.channel = %(argument)s or f.campaign = %(argument)s)"
    done = f" and least({', '.join(f'f.{what}_at' for what in did)}) < {DAY_ENDS}" if did else ""
    return Column(MESSAGES, f"count(*) filter (where {inside} and {which}{done})", reach=days, argument=argument)


def delivered(days: int, channel: str | None) -> Column:
    """Messages delivered in the window, by a channel or by any."""
    which = "" if channel is None else " and f.channel = %(argument)s"
    return Column(
        MESSAGES, f"count(*) filter (where f.delivered_at >= {days_back(days)}{which})", reach=days, argument=channel
    )


def opted_out(days: int, channel: str | None) -> Column:
    """Opt-outs of the window, of a channel or of any."""
    which = "" if channel is None else " and f.channel = %(argument)s"
    return Column(OPT_OUTS, f"count(*) filter (where f.at >= {days_back(days)}{which})", reach=days, argument=channel)


def reached(days: int, platform: str | None, what: str) -> Column:
    """The sum of `what`, people reached or interactions, over the days of the window, on a platform or on all."""
    which = "" if platform is None else " and f.platform = %(argument)s"
    inside = f"filter (where f.day > c.day - {days}{which})"
    return Column(REACH, f"coalesce(sum(f.{what}) {inside}, 0)", reach=days, argument=platform)
