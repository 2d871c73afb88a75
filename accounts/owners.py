"""Who owns an account, as assigned by hand: Verdant's own word on the attribute *owner*, with history like a source's.

An assignment is a job, so that it is known who made it and it can be taken back. Where another source is the master of an
account's owner, an assignment would change nothing, so that account is left as it is.
"""

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import QuerySet

from accounts import account_writer, attributes, kinds, sources
from accounts.attributes import Held
from accounts.ingest import hold_stream
from accounts.models import Account, Job, Source, User
from accounts.models.people import Role, Sees
from accounts.rows import Delivery, Entry, Receipt, Row
from accounts.undo import undo

KIND = "accounts"
UNDO_WITHIN = dt.timedelta(days=1)


@dataclass(frozen=True)
class Assignment:
    """What became of it: the job, None where nothing changed; how many were theirs already; and how many have their owner
    from another source, by its name."""

    job: Job | None
    changed: int
    already: int
    elsewhere: Mapping[str, int]


def may_assign(user: User) -> bool:
    """A CSM works a book; who gets which is for managers and admins to say."""
    return user.is_active and user.role != Role.CSM


def candidates(user: User) -> QuerySet[User]:
    """To whom `user` can assign an account: those whose accounts they see as well."""
    active = User.objects.filter(is_active=True).order_by("name", "email")
    if user.sees_every_account:
        return active
    if user.scope == Sees.TEAM and user.team_id is not None:
        return active.filter(team=user.team_id)
    return active.filter(pk=user.pk)


def assign(accounts: Sequence[Account], owner: User, *, by: User, now: dt.datetime) -> Assignment:
    """Make `owner` the owner of these accounts from now on, in the same queries for any number of them."""
    source, kind = sources.own(), kinds.get(KIND)
    others = [account.pk for account in accounts if account.owner_id != owner.pk]
    with transaction.atomic():
        hold_stream(Delivery(kind, source, Receipt(now)))
        definition = attributes.definitions({"owner": [owner.email]})["owner"]
        held = attributes.current(others, source.pk)
        of = {pk: held.get((pk, definition.pk), Held()) for pk in others}
        ours = [pk for pk in others if attributes.is_applied(definition, of[pk], source.pk)]
        job = _write(ours, owner, source, by, now) if ours else None
    masters = Counter(found.source_id for pk in set(others) - set(ours) if (found := of[pk].applied))
    names = Source.objects.in_bulk(masters)
    elsewhere = {str(names[number]): count for number, count in masters.items()}
    return Assignment(job, len(ours), len(accounts) - len(others), elsewhere)


def _write(accounts: Sequence[int], owner: User, source: Source, by: User, now: dt.datetime) -> Job:
    job: Job = Job.objects.create(
        name=f"Owner: {owner}", kind=KIND, source=source, requested_by=by, state=Job.State.DONE, started_at=now,
        finished_at=now, counts={"updated": len(accounts)},
    )  # fmt: skip
    rows = [
        Row(position, "", None, False, {"owner": owner.email}, entry=Entry(pk, pk, None, None, False))
        for position, pk in enumerate(accounts)
    ]
    account_writer.write(Delivery(kinds.get(KIND), source, Receipt(now), job), rows)
    return job


def assignments(by: User, now: dt.datetime) -> QuerySet[Job]:
    """Those that somebody made lately and can take back."""
    return Job.objects.filter(
        source__name=sources.OWN, kind=KIND, requested_by=by, state=Job.State.DONE, started_at__gt=now - UNDO_WITHIN
    )


def take_back(job: Job, now: dt.datetime) -> None:
    """Let the accounts belong to whom they belonged to before. Raises CannotUndo where somebody assigned one of them since."""
    undo(job, now)
