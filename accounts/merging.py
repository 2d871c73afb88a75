"""Merging two accounts that turned out to be one, and taking that back.

That the two are one is learned on a day, like everything else. So facts move as new versions (`accounts/handover.py`): from
that moment on, and in every reading with what is known now, they are the survivor's on whatever day they happened; read as
known before, each account still has what it had. Scores are not made anew: those of the loser stay under it, as what was
thought of it, and the survivor's next ones have it all. The survivor is marked as changed.

- Records, with their ids, and the days of use move. So do notes and open tasks; what has been done stays where it was done.
- An attribute moves where its source says nothing of the survivor; else the survivor's stands. Parent and status never do.
- Children move. A survivor that is a child of the loser comes in its place, beneath the loser's own parent.
- A person whom a source knows at both stays two end users, as whoever moves from account to account: of a while in which
  they were active at both, they count as two.
- The loser is gone for every list and score, keeps its name and attributes, and names its survivor.

Within 30 days it can be undone. What moved goes back as it is known by then; what is new since then stays where it came to.
What an undo could not tell from the facts, because it is kept without history, is noted with the merge.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from django.db import connection
from django.db.models import F

from accounts import attributes, handover, kinds
from accounts.handover import LearnedThatDay, Way, facts_of_accounts
from accounts.models import (
    Account,
    AccountStream,
    AttributeValue,
    ExternalId,
    Merge,
    Note,
    Origin,
    Task,
    User,
    UserDay,
)
from accounts.versions import MERGES, Ending, close, mark_dirty

UNDO_WITHIN = dt.timedelta(days=30)

Counts = dict[str, int]


class NotMerged(ValueError):
    """Two accounts cannot be merged, or a merge cannot be undone; the message says why, `code` in one word."""

    def __init__(self, code: str, message: str, into: Account | None = None) -> None:
        super().__init__(message)
        self.code, self.into = code, into


# --- Merging ---------------------------------------------------------------------------------------------------------


def merge(loser: Account, survivor: Account, *, by: User | None, now: dt.datetime) -> Merge:
    """Let everything of `loser` be of `survivor`. Runs in the caller's transaction. Raises NotMerged."""
    loser, survivor = _have_alone(loser, survivor)
    check(loser, survivor)
    made = Merge(loser=loser, survivor=survivor, at=now, by=by)
    way = Way(loser.pk, survivor.pk, now)
    made.noted = _note(loser, survivor, way)
    made.counts = {kind.name: handover.records(model, way) for kind, model in facts_of_accounts()}
    for kind, model in facts_of_accounts():
        handover.ids(kind, model, way)
    handover.memberships(way)
    learned = handover.usage_days(way)
    made.noted |= {"days": asdict(learned), "attributes": handover.attributes(way)}
    made.counts |= {name: len(made.noted[name]) for name in ("ids", "attributes", "tasks", "notes", "children")}
    named = handover.parents(way, loser.parent_id)
    _rename(ExternalId.objects.filter(kind="accounts", record=loser.pk), survivor)
    Account.objects.filter(pk=loser.pk).update(merged_into=survivor, deleted_at=now, updated_at=now)
    attributes.refresh(named if not made.noted["attributes"] else [survivor.pk, *named], now)
    Account.objects.filter(pk=survivor.pk).update(updated_at=now)
    mark_dirty([survivor.pk, *named], now)
    made.counts = {name: count for name, count in made.counts.items() if count}
    made.save()
    return made


def check(loser: Account, survivor: Account) -> None:
    """Raises NotMerged where the two cannot be merged."""
    if loser.pk == survivor.pk:
        raise NotMerged("itself", "An account cannot be merged into itself.")
    for account in (loser, survivor):
        if account.merged_into_id is not None:
            raise NotMerged("merged", f"{account} has been merged into {account.merged_into} already.", follow(account))
        if account.deleted_at is not None or account.visitors_of_id is not None:
            raise NotMerged("gone", f"{account} is no account that there is.")
    if loser.demo != survivor.demo:
        raise NotMerged("demo", "One of the two is made up for the demonstration.")
    above = _above(survivor)
    if loser.pk in above and survivor.parent_id != loser.pk:
        raise NotMerged(
            "circle", f"{survivor} lies further beneath {loser}: what is between them would lie beneath itself."
        )


def follow(account: Account) -> Account:
    """The account that a merged one is by now, however often that was merged on."""
    while account.merged_into is not None:
        account = account.merged_into
    return account


def _have_alone(*accounts: Account) -> list[Account]:
    """These accounts as they are now, with nobody who writes facts meanwhile. Locks are taken in one order: that of who rolls
    up events, that of whoever writes facts, the accounts by number."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtextextended('roll up events', 0))")
        cursor.execute(f"select {MERGES}")
    held = Account.objects.select_for_update(no_key=True).filter(pk__in={account.pk for account in accounts})
    found = {account.pk: account for account in held.order_by("pk")}
    if missing := [account for account in accounts if account.pk not in found]:
        raise NotMerged("gone", f"{missing[0]} is no account that there is.")
    return [found[account.pk] for account in accounts]


def _above(account: Account) -> set[int]:
    with connection.cursor() as cursor:
        cursor.execute(_ABOVE, [account.pk])
        return {number for (number,) in cursor.fetchall()}


_ABOVE = """
with recursive above(id) as (
    select parent_id from accounts_account where id = %s
    union select account.parent_id from accounts_account account join above on above.id = account.id
) select id from above where id is not null
"""


def _note(loser: Account, survivor: Account, way: Way) -> dict[str, Any]:
    """What is moved without history, and how it was."""
    ids = ExternalId.objects.filter(kind="accounts", record=loser.pk).order_by("source_id", "external_id")
    noted: dict[str, Any] = {
        "ids": [[source, name, _hex(digest)] for source, name, digest in ids.values_list("source_id", "external_id", "digest")],
        "streams": _take_streams(way),
        "tasks": _move(Task.objects.open().filter(account=loser), survivor),
        "notes": _move(Note.objects.filter(account=loser), survivor),
        "children": _adopt(Account.objects.filter(parent=loser).exclude(pk=survivor.pk), survivor),
        "parent": loser.parent_id,
        "was_child": survivor.parent_id == loser.pk,
    }  # fmt: skip
    if noted["was_child"]:
        Account.objects.filter(pk=survivor.pk).update(parent=loser.parent_id)
    return noted


def _hex(digest: bytes | memoryview | None) -> str | None:
    return None if digest is None else bytes(digest).hex()


def _move(rows: Any, account: Account) -> list[int]:
    moved = sorted(rows.values_list("pk", flat=True))
    rows.model.objects.filter(pk__in=moved).update(account=account)
    return moved


def _adopt(children: Any, parent: Account) -> list[int]:
    adopted = sorted(children.values_list("pk", flat=True))
    Account.objects.filter(pk__in=adopted).update(parent=parent)
    return adopted


def _take_streams(way: Way) -> list[int]:
    """Let streams that delivered for the one have delivered for the other, from now on: then they were not yet its own."""
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into accounts_accountstream (account_id, stream_id, first_received_at) "
            "select %(target)s, stream_id, greatest(%(at)s, first_received_at) from accounts_accountstream "
            "where account_id = %(origin)s on conflict do nothing returning id",
            way.given(),
        )
        return [number for (number,) in cursor.fetchall()]


def _rename(ids: Any, account: Account) -> None:
    ids.update(record=account.pk, account=account)


# --- Undoing ---------------------------------------------------------------------------------------------------------


def undo(merge: Merge, *, by: User | None, now: dt.datetime) -> Merge:
    """Let the two be two again. Runs in the caller's transaction. Raises NotMerged."""
    loser, survivor = _have_alone(merge.loser, merge.survivor)
    merge = Merge.objects.select_for_update().get(pk=merge.pk)
    check_undo(merge, survivor, now)
    way = Way(survivor.pk, loser.pk, now, since=merge.at)
    Account.objects.filter(pk=loser.pk).update(merged_into=None, deleted_at=None, updated_at=now)
    for _, model in facts_of_accounts():
        handover.records(model, way)
    for kind, model in facts_of_accounts():
        handover.ids(kind, model, way)
    handover.memberships(way)
    handover.usage_days(way, LearnedThatDay(**merge.noted["days"]))
    named = handover.parents(way, merge.noted["parent"])
    _restore(merge, loser, survivor)
    if merge.noted["attributes"]:
        _forget_attributes(merge, now)
    attributes.refresh(named, now)
    Account.objects.filter(pk=survivor.pk).update(updated_at=now)
    mark_dirty([loser.pk, survivor.pk, *named], now)
    merge.undone_at, merge.undone_by = now, by
    merge.save(update_fields=["undone_at", "undone_by"])
    return merge


def check_undo(merge: Merge, survivor: Account, now: dt.datetime) -> None:
    """Raises NotMerged where the merge cannot be undone (any more)."""
    if merge.undone_at is not None:
        raise NotMerged("undone", "That merge has been undone already.")
    if now > merge.at + UNDO_WITHIN:
        raise NotMerged("too_late", f"A merge can be undone for {UNDO_WITHIN.days} days.")
    if survivor.merged_into is not None:
        into = survivor.merged_into
        raise NotMerged("merged", f"{survivor} has been merged into {into} since. Undo that first.", into)


def _restore(merge: Merge, loser: Account, survivor: Account) -> None:
    """Put back what was moved without history, where it is still where the merge put it."""
    noted = merge.noted
    for model in (Task, Note):
        rows = model.objects.filter(account=survivor, pk__in=noted["tasks" if model is Task else "notes"])
        rows.update(account=loser)
    Account.objects.filter(pk__in=noted["children"], parent=survivor).update(parent=loser)
    if noted["was_child"]:
        Account.objects.filter(pk=survivor.pk, parent=noted["parent"]).update(parent=loser)
    for source, name, digest in noted["ids"]:
        known = ExternalId.objects.filter(kind="accounts", source=source, external_id=name, record=survivor.pk)
        _rename(known, loser)
        # What it was told as since then was told of the survivor: its next payload is compared with the state.
        then = None if digest is None else bytes.fromhex(digest)
        ExternalId.objects.filter(kind="accounts", source=source, external_id=name).exclude(digest=then).update(
            digest=None, source_updated_at=None
        )
    for entry in AccountStream.objects.filter(pk__in=noted["streams"]).select_related("stream"):
        if not _has_delivered(entry):
            entry.delete()


def _has_delivered(entry: AccountStream) -> bool:
    model = kinds.get(entry.stream.kind).model
    assert model is not None
    if model.objects.known().filter(account=entry.account_id, source=entry.stream.source_id).exists():
        return True
    tracked = UserDay.objects.known().filter(account=entry.account_id, origin=Origin.TRACKED)
    return entry.stream.kind == "usage" and bool(tracked.exists())


def _forget_attributes(merge: Merge, now: dt.datetime) -> None:
    """Let the survivor be said no more what was taken over, unless its source has said something else since."""
    taken = AttributeValue.objects.known().filter(pk__in=merge.noted["attributes"])
    close(AttributeValue, [Ending(pk, max(now, at)) for pk, at in taken.values_list("pk", "received_at")], None)
    attributes.settle_masters([merge.survivor_id], now)


def open_merges(survivor: Account, now: dt.datetime) -> Any:
    """The merges into an account that can still be undone, the latest first."""
    found = Merge.objects.filter(survivor=survivor, undone_at=None, at__gte=now - UNDO_WITHIN)
    return found.select_related("loser", "by").annotate(until=F("at") + UNDO_WITHIN)


# --- Beforehand ------------------------------------------------------------------------------------------------------


def contents(loser: Account) -> Mapping[str, int]:
    """What would move, by kind: only what there is. By one query."""
    counted = {kind.name: _COUNT.format(table=model._meta.db_table) for kind, model in facts_of_accounts()}
    counted |= {
        "tasks": "select count(*) from accounts_task where account_id = %(origin)s and done_at is null",
        "notes": "select count(*) from accounts_note where account_id = %(origin)s",
        "children": "select count(*) from accounts_account where parent_id = %(origin)s and deleted_at is null",
        "days": f"select count(*) from accounts_userday where account_id = %(origin)s and origin = {Origin.TRACKED} "
        "and superseded_on is null",
        "ids": "select count(*) from accounts_externalid where kind = 'accounts' and record = %(origin)s",
    }
    with connection.cursor() as cursor:
        cursor.execute(f"select {', '.join(f'({query})' for query in counted.values())}", {"origin": loser.pk})
        found = dict(zip(counted, cursor.fetchone(), strict=True))
    return {name: count for name, count in found.items() if count}


_COUNT = "select count(*) from {table} where account_id = %(origin)s and superseded_at is null"
