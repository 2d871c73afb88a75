"""What we sent, who had enough of it, and what was reached in public."""

from health.evidence.shapes import Listing, Lists, name_of
from health.metrics.known import DAY_ENDS, day_of
from health.metrics.sent import MESSAGES, OPT_OUTS, REACH, READ_BY

WHO = (
    f"coalesce({name_of('accounts_stakeholder', 'f.stakeholder_record', 'named.name')}, "
    f"{name_of('accounts_enduser', 'f.end_user_record', 'named.name')})"
)
_BY_READ = ", ".join(f"'{channel}'" for channel in READ_BY)


def of_messages(window: int, argument: str | None) -> tuple[Listing, ...]:
    which = (
        f"f.channel in ({_BY_READ})" if argument is None else "(f.channel = %(argument)s or f.campaign = %(argument)s)"
    )
    return (Listing(
        title="Messages delivered", heads=("Delivered", "Channel", "Campaign", "To", "Opened", "Clicked", "Answered"),
        facts=MESSAGES, reach=window,
        what=f"1, {day_of('f.delivered_at')}, f.channel, f.campaign, {WHO}, "
             f"least(f.opened_at, f.clicked_at, f.replied_at) < {DAY_ENDS}, f.clicked_at < {DAY_ENDS}, "
             f"f.replied_at < {DAY_ENDS}",
        tail=f"where {which} order by f.delivered_at desc, f.record desc",
    ),)  # fmt: skip


def _opt_outs(window: int, argument: str | None, adds: bool) -> Listing:
    return Listing(
        title="Opt-outs", heads=("Day", "Channel", "Who"), facts=OPT_OUTS, reach=window, adds=adds,
        what=f"1, {day_of('f.at')}, f.channel, {WHO}",
        tail=f"where {'true' if argument is None else 'f.channel = %(argument)s'} order by f.at desc, f.record desc",
    )  # fmt: skip


def of_opt_outs(window: int, argument: str | None) -> tuple[Listing, ...]:
    return (_opt_outs(window, argument, adds=True),)


def of_opt_outs_and_messages(window: int, argument: str | None) -> tuple[Listing, ...]:
    return _opt_outs(window, argument, adds=False), Listing(
        title="Messages delivered", heads=("Day", "Channel", "Messages"), facts=MESSAGES, reach=window,
        what=f"count(*), {day_of('f.delivered_at')}, f.channel, count(*)",
        tail=f"where {'true' if argument is None else 'f.channel = %(argument)s'} group by 2, 3 order by 2 desc, 3",
    )  # fmt: skip


def of_reach(window: int, argument: str | None) -> tuple[Listing, ...]:
    return (Listing(
        title="Reach by day", heads=("Day", "Platform", "Reached", "Interactions"), facts=REACH, reach=window,
        what="f.reach, f.day, f.platform, f.reach, f.interactions",
        tail=f"where {'true' if argument is None else 'f.platform = %(argument)s'} order by f.day desc, f.platform",
    ),)  # fmt: skip


LISTINGS: dict[str, Lists] = {
    "message_open_rate": of_messages,
    "message_click_rate": of_messages,
    "message_response_rate": of_messages,
    "opt_out_rate": of_opt_outs_and_messages,
    "opt_outs": of_opt_outs,
    "social_engagement_rate": of_reach,
}
