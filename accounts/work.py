"""What users do about an account: tasks and notes, and the touchpoints and pulses that they log by hand.

Touchpoints and pulses are facts like those that sources send. They take the same way in, from Verdant itself as their source,
and so have both clocks, make the account dirty, and are taken back as a deletion.
"""

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction

from accounts import kinds, sources
from accounts.checking import columns_of
from accounts.ingest import ingest
from accounts.models import Account, ExternalId, Note, Pulse, Task, Touchpoint, User, Version
from accounts.models.people import Sees
from accounts.rows import Delivery, Receipt


class NotLogged(ValueError):
    """It cannot be logged or taken back; the message says why."""


# --- Tasks -----------------------------------------------------------------------------------------------------------


def add_task(
    account: Account,
    title: str,
    *,
    owner: User,
    author: User | None,
    now: dt.datetime,
    due_on: dt.date | None = None,
    details: str = "",
    reason: str = "",
) -> Task:
    """Something to do. `author` is None where no person asked for it; `reason` then says what did."""
    task: Task = Task.objects.create(
        account=account, title=title.strip(), details=details.strip(), reason=reason, owner=owner, author=author,
        due_on=due_on, created_at=now,
    )  # fmt: skip
    return task


def add_tasks(
    owners: Mapping[Account, User],
    title: str,
    *,
    author: User,
    now: dt.datetime,
    due_on: dt.date | None = None,
    details: str = "",
) -> list[Task]:
    """The same to do at each of these accounts, by somebody each."""
    given = {"title": title.strip(), "details": details.strip(), "author": author, "due_on": due_on, "created_at": now}
    return Task.objects.bulk_create([Task(account=account, owner=owner, **given) for account, owner in owners.items()])


def finish(task: Task, *, by: User, now: dt.datetime) -> None:
    """Note that it is done. Who was first did it."""
    Task.objects.filter(pk=task.pk, done_at=None).update(done_at=max(now, task.created_at), done_by=by)


def reopen(task: Task) -> None:
    Task.objects.filter(pk=task.pk).update(done_at=None, done_by=None)


def edit(task: Task, *, title: str, owner: User, due_on: dt.date | None, details: str = "") -> None:
    task.title, task.owner, task.due_on, task.details = title.strip(), owner, due_on, details.strip()
    task.save(update_fields=["title", "owner", "due_on", "details"])


# --- Notes -----------------------------------------------------------------------------------------------------------


def add_note(account: Account, text: str, *, author: User, now: dt.datetime) -> Note:
    note: Note = Note.objects.create(account=account, text=text.strip(), author=author, at=now)
    return note


# --- Touchpoints and pulses ------------------------------------------------------------------------------------------


def log_touchpoint(
    account: Account,
    *,
    at: dt.datetime,
    kind: str,
    status: str,
    now: dt.datetime,
    subject: str = "",
    notes: str = "",
    participants: Sequence[int] = (),
) -> Touchpoint:
    """Log what passed, or will pass, between the customer and us. `participants` are records of stakeholders."""
    payload = {"at": at, "kind": kind, "status": status, "subject": subject, "notes": notes,
               "participants": [_names("stakeholders", record) for record in participants]}  # fmt: skip
    touchpoint = _log("touchpoints", account, payload, now)
    assert isinstance(touchpoint, Touchpoint)
    return touchpoint


def set_pulse(account: Account, rating: int, *, author: User, now: dt.datetime, comment: str = "") -> Pulse:
    """Log what a user makes of the account, 1 (worst) to 5."""
    payload = {"at": now, "rating": rating, "comment": comment, "author": author.email}
    pulse = _log("pulses", account, payload, now)
    assert isinstance(pulse, Pulse)
    return pulse


def _log(kind_name: str, account: Account, payload: dict[str, Any], now: dt.datetime) -> Version:
    delivery = _delivery(kind_name, now)
    named = {"external_id": str(uuid.uuid4()), "account": _names("accounts", account.pk)}
    (row,) = ingest(delivery, columns_of([{**named, **payload}]), 1)
    if not row.applied:
        raise NotLogged(" ".join(problem.message for problem in row.problems) or "Something that it names is gone.")
    assert delivery.kind.model is not None
    logged: Version = delivery.kind.model.objects.known().get(record=row.record)
    return logged


def take_back(kind_name: str, account: Account, record: int, now: dt.datetime) -> None:
    """Delete a touchpoint or a pulse that was logged by hand. It was known for that while; no later score counts it."""
    delivery = _delivery(kind_name, now)
    own = ExternalId.objects.filter(
        kind=kind_name, source=delivery.source, record=record, account=account, deleted_at=None
    )
    named = own.first()
    if named is None:
        raise NotLogged("Only what was logged here can be taken back here, and only once.")
    with transaction.atomic():
        ingest(delivery, columns_of([{"external_id": named.external_id, "deleted": True}]), 1)
        sources.forget_delivery(delivery.source, delivery.kind, account.pk)


def _delivery(kind_name: str, now: dt.datetime) -> Delivery:
    return Delivery(kinds.get(kind_name), sources.own(), Receipt(now))


def _names(kind_name: str, record: int) -> dict[str, str]:
    """An id by which a source knows the record, as a payload refers to it."""
    known = ExternalId.objects.filter(kind=kind_name, record=record, deleted_at=None).select_related("source")
    named = known.order_by("source_id", "external_id").first()
    if named is None:
        raise NotLogged("No source knows it any more.")
    return {"source": named.source.name, "external_id": named.external_id}


# --- Who -------------------------------------------------------------------------------------------------------------


def seen_by(*accounts: Account) -> list[User]:
    """The users who may see all of these accounts, and so can be given a task about them."""
    owners = {account.owner_id for account in accounts}
    teams = {account.owner.team_id if account.owner else None for account in accounts}
    return [
        user
        for user in User.objects.filter(is_active=True).order_by("name", "email")
        if user.sees_every_account
        or owners <= {user.pk}
        or (user.scope == Sees.TEAM and user.team_id is not None and teams == {user.team_id})
    ]
