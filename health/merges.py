"""Merging accounts with what was thought of them: scores, bands and alerts stay under the loser, where nobody is told of them
any more; an override in force ends.

`REFERS` names whatever refers to an account, and what becomes of it. A test fails where a model refers to accounts that is not
named here.
"""

import datetime as dt
import enum
from collections.abc import Mapping
from typing import Final

from django.db import transaction

from accounts import merging
from accounts.models import Account, Merge, User
from health import listrows
from health.models import Alert, Override


class Becomes(enum.Enum):
    MOVES = "is the survivor's from now on, and was the loser's"
    ADDS_UP = "is added to what the survivor has"
    FILLS = "is the survivor's where it has none"
    POINTS_ON = "names the survivor from now on"
    ENDS = "stays under the loser, and ends"
    STAYS = "stays under the loser"


REFERS: Final[Mapping[str, Becomes]] = {
    # What is recorded: kinds of record move by the registry (`accounts/kinds.py`).
    **dict.fromkeys(
        (
            "accounts.EndUser.account", "accounts.Invoice.account", "accounts.License.account", "accounts.Message.account",
            "accounts.Objective.account", "accounts.Pulse.account", "accounts.Reach.account", "accounts.Renewal.account",
            "accounts.Stakeholder.account", "accounts.Touchpoint.account", "accounts.UsageCount.account",
            "support.Ticket.account", "support.TicketEvent.account", "surveys.OptOut.account", "surveys.Request.account",
            "surveys.Response.account",
            "accounts.UserDay.account", "accounts.UserActivity.account",
            "accounts.ExternalId.account", "accounts.EventMembership.account", "accounts.Note.account",
        ),
        Becomes.MOVES,
    ),
    "accounts.Task.account": Becomes.MOVES,  # while it is open; what is done stays
    "accounts.FeatureDay.account": Becomes.ADDS_UP,
    "accounts.FeatureActivity.account": Becomes.ADDS_UP,
    "accounts.AttributeValue.account": Becomes.FILLS,
    "accounts.AccountStream.account": Becomes.FILLS,
    "accounts.Account.parent": Becomes.POINTS_ON,
    # What was thought of it.
    "health.Override.account": Becomes.ENDS,
    "health.Alert.account": Becomes.ENDS,
    "health.Snapshot.account": Becomes.STAYS,
    "health.Latest.account": Becomes.STAYS,
    "health.ListRow.account": Becomes.STAYS,
    "health.Transition.account": Becomes.STAYS,
    # What was merged into the loser was so, and leads on.
    "accounts.Account.merged_into": Becomes.STAYS,
    "accounts.Merge.loser": Becomes.STAYS,
    "accounts.Merge.survivor": Becomes.STAYS,
}  # fmt: skip


@transaction.atomic
def merge(loser: Account, survivor: Account, *, by: User | None, now: dt.datetime) -> Merge:
    """Let everything of `loser` be of `survivor`. Raises NotMerged."""
    made = merging.merge(loser, survivor, by=by, now=now)
    for name, model in _ENDING.items():
        current = model._default_manager.filter(account=loser, ended_at=None)
        made.noted[name] = sorted(current.values_list("pk", flat=True))
        current.update(ended_at=now)
    made.save(update_fields=["noted"])
    listrows.make([loser.pk, survivor.pk])
    return made


@transaction.atomic
def undo(made: Merge, *, by: User | None, now: dt.datetime) -> Merge:
    """Let the two be two again. Raises NotMerged."""
    undone = merging.undo(made, by=by, now=now)
    for name, model in _ENDING.items():
        model._default_manager.filter(account=undone.loser_id, pk__in=undone.noted[name]).update(ended_at=None)
    listrows.make([undone.loser_id, undone.survivor_id])
    return undone


_ENDING: Final = {"overrides": Override, "alerts": Alert}


# --- Beforehand ------------------------------------------------------------------------------------------------------

_LABELS: Final = {
    "tasks": "Open tasks", "children": "Accounts beneath it", "ids": "Ids outside", "days": "Tracked days of users",
    "usage": "Counts of use",
}  # fmt: skip


def preview(loser: Account) -> list[tuple[str, int]]:
    """What would move, by its label: only what there is."""
    return [
        (_LABELS.get(name) or name.replace("-", " ").capitalize(), count)
        for name, count in merging.contents(loser).items()
    ]
