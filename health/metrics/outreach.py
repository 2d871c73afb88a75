"""Outreach: whether what we send is read and answered, who has had enough of it, and what is said in public."""

from typing import Any

from health.metrics.adoption import OWN
from health.metrics.declare import MetricGroup, Nothing, metric
from health.metrics.sent import delivered, messages, opted_out, reached
from health.metrics.shapes import Shape, alone
from surveys.models import OptOut

OF_MESSAGES: dict[str, Any] = {
    "group": MetricGroup.ENGAGEMENT,
    "unit": "%",
    "nothing": Nothing.MISSING,
    "opinion": False,
    "streams": ("messages",),
    "window": 30,
    "high": 100.0,
    "argument": "channel or campaign",
    "reach": 15.0,
}


def _share(window: int, argument: str | None, *did: str) -> Shape:
    some, every = messages(window, argument, did), messages(window, argument)
    return Shape((some, every), alone(some), alone(every), times=100)


@metric(
    label="Message open rate",
    why="Who no longer opens what we send will not hear of the renewal either.",
    when="E-mail and in-app campaigns to people at accounts; with a channel or campaign, for that one alone.",
    scale="0:0, 20:40, 35:70, 60:100",
    scale_source=OWN,
    parts=("messages opened", "messages delivered"),
    **OF_MESSAGES,
)
def message_open_rate(window: int, argument: str | None = None) -> Shape:
    """E-mail and in-app messages delivered in the window and opened by the end of the day ÷ delivered × 100. One that was
    clicked or answered was opened, also where no opening was told."""
    return _share(window, argument, "opened", "clicked", "replied")


@metric(
    label="Message click rate",
    why="A click is interest; an opening may be a habit.",
    when="Campaigns that lead somewhere; with a channel or campaign, for that one alone.",
    scale="0:0, 1:40, 3:70, 8:100",
    scale_source=OWN,
    parts=("messages clicked", "messages delivered"),
    **OF_MESSAGES,
)
def message_click_rate(window: int, argument: str | None = None) -> Shape:
    """E-mail and in-app messages delivered in the window and clicked by the end of the day ÷ delivered × 100."""
    return _share(window, argument, "clicked")


@metric(
    label="Message response rate",
    why="Customers who answer are in a conversation; those who do not are an address.",
    when="Messages that ask for an answer; with a channel or campaign, for that one alone.",
    scale="0:0, 2:40, 8:70, 20:100",
    scale_source=OWN,
    parts=("messages answered", "messages delivered"),
    **OF_MESSAGES,
)
def message_response_rate(window: int, argument: str | None = None) -> Shape:
    """E-mail and in-app messages delivered in the window and answered by the end of the day ÷ delivered × 100."""
    return _share(window, argument, "replied")


@metric(
    label="Opt-out rate",
    group=MetricGroup.ENGAGEMENT,
    unit="%",
    why="People who had enough say so once; after that there is no way back to them.",
    when="Where messages and opt-outs are both told; with a channel, for that one alone.",
    scale="0:100, 0.5:70, 1:40, 3:0",
    scale_source="under 1 % is the usual mark for e-mail",
    nothing=Nothing.MISSING,
    opinion=False,
    streams=("messages", "opt-outs"),
    window=90,
    parts=("opt-outs", "messages delivered"),
    argument="channel",
    choices=("email", "push"),
    decimals=2,
)
def opt_out_rate(window: int, argument: str | None = None) -> Shape:
    """Opt-outs in the window ÷ messages delivered in it × 100, of all channels or of one."""
    gone, every = opted_out(window, argument), delivered(window, argument)
    return Shape((gone, every), alone(gone), alone(every), times=100)


@metric(
    label="Opt-outs",
    group=MetricGroup.ENGAGEMENT,
    unit="opt-outs",
    why="Each is a person who can no longer be reached.",
    when="Where opt-outs are told and messages are not; with a channel, for that one alone.",
    scale="0:100, 2:70, 5:40, 12:0",
    scale_source=OWN,
    nothing=Nothing.ZERO_ONCE_SEEN,
    streams=("opt-outs",),
    window=90,
    step=1.0,
    argument="channel",
    choices=tuple(OptOut.Channel.values),
    decimals=0,
)
def opt_outs(window: int, argument: str | None = None) -> Shape:
    """Opt-outs in the window, of all channels or of one."""
    gone = opted_out(window, argument)
    return Shape((gone,), alone(gone))


@metric(
    label="Social engagement rate",
    group=MetricGroup.ENGAGEMENT,
    unit="%",
    why="A customer whose people react to us in public stands by us.",
    when="Accounts with a community, a user group or a channel of their own; with a platform, for that one alone.",
    scale="0:0, 0.5:40, 2:70, 5:100",
    scale_source=OWN,
    nothing=Nothing.MISSING,
    opinion=False,
    streams=("reach",),
    window=30,
    parts=("interactions", "people reached"),
    argument="platform",
    decimals=2,
)
def social_engagement_rate(window: int, argument: str | None = None) -> Shape:
    """Interactions ÷ people reached × 100, over the days of the window, on all platforms or on one."""
    acted, every = reached(window, argument, "interactions"), reached(window, argument, "reach")
    return Shape((acted, every), alone(acted), alone(every), times=100)
