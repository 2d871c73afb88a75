"""What sources say of accounts: attributes with history, a dictionary of their names, and one master for each.

Of several sources that set one attribute of an account, one is its master: the one named in the dictionary, else the one
that set it first. The others' values are kept as seen and not applied.
"""

import datetime as dt
import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import F, Max
from rest_framework import serializers

from accounts.arrays import numbers_in
from accounts.cells import ABSENT, Bad
from accounts.fields import storable
from accounts.models import Account, AttributeDefinition, AttributeValue, Job, Source, User
from accounts.versions import Ending, close, mark_dirty

PREFIX = "attributes."
BUILT_IN = ("name", "owner", "parent", "region", "stage", "tier")
LONGEST_NAME, LONGEST_VALUE = 80, 10_000

YES, NO = {"true", "yes"}, {"false", "no"}


def spread(columns: Mapping[str, Sequence[Any]], size: int) -> dict[str, Sequence[Any]]:
    """The columns with the member `attributes`, an object, as one column for each of its names."""
    flat: dict[str, Any] = {name: values for name, values in columns.items() if name != "attributes"}
    for position, cell in enumerate(columns.get("attributes", ())):
        if cell is ABSENT:
            continue
        if not isinstance(cell, Mapping) or not cell:
            if cell != {}:
                wrong = flat.setdefault(PREFIX, [ABSENT] * size)
                wrong[position] = Bad("invalid", "Attributes are an object of names and values.")
            continue
        for name, value in cell.items():
            flat.setdefault(f"{PREFIX}{name}", [ABSENT] * size)[position] = value
    return flat


def checked(member: str, value: Any) -> str | None:
    """The value of a custom attribute as text; yes and no as such. Raises ValidationError."""
    name = member.removeprefix(PREFIX)
    if not name or len(name) > LONGEST_NAME or not storable(name) or name in BUILT_IN:
        raise serializers.ValidationError(
            f"An attribute's name has 1 to {LONGEST_NAME} characters and is none of {', '.join(BUILT_IN)}.", code="name"
        )
    if value is None:
        return None
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and not math.isfinite(value):
        raise serializers.ValidationError("A number has to be finite.", code="invalid")
    if not isinstance(value, str | int | float):
        raise serializers.ValidationError("A value is text, a number, true, false or null.", code="invalid")
    text = str(value)
    if len(text) > LONGEST_VALUE or not storable(text):
        raise serializers.ValidationError(
            f"A value has at most {LONGEST_VALUE:,} characters and no NUL.", code="max_length"
        )
    return text


def number_of(text: str | None) -> float | None:
    """The number that a value stands for: of `12.5` itself, of yes 1, of no 0, of other text none."""
    if text is None or len(text) > 40 or "_" in text:
        return None
    word = text.strip().lower()
    if word in YES:
        return 1.0
    if word in NO:
        return 0.0
    try:
        number = float(word)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def type_of(texts: Sequence[str]) -> str:
    """The type that all these values agree on."""
    words = {text.strip().lower() for text in texts}
    if words and words <= YES | NO:
        return AttributeDefinition.Type.YES_NO
    if words and all(number_of(word) is not None and word not in YES | NO for word in words):
        return AttributeDefinition.Type.NUMBER
    return AttributeDefinition.Type.TEXT


def definitions(values: Mapping[str, Sequence[str]]) -> dict[str, AttributeDefinition]:
    """The dictionary's entries for these names. A name seen for the first time is entered, to be accepted by a person."""
    known = {found.name: found for found in AttributeDefinition.objects.filter(name__in=list(values))}
    missing = [name for name in values if name not in known]
    if missing:
        AttributeDefinition.objects.bulk_create(
            [AttributeDefinition(name=name, type=type_of(values[name])) for name in missing], ignore_conflicts=True
        )
        known |= {found.name: found for found in AttributeDefinition.objects.filter(name__in=missing)}
    return known


@dataclass(slots=True)
class Held:
    """The current values of one attribute of one account, or until when there was one."""

    mine: AttributeValue | None = None
    applied: AttributeValue | None = None
    ended: dt.datetime | None = None


def current(account_ids: Sequence[int], source_id: int) -> dict[tuple[int, int], Held]:
    """(account, definition) → what is known of it now."""
    held: dict[tuple[int, int], Held] = {}
    for value in AttributeValue.objects.known().filter(account_id__in=numbers_in(account_ids)):
        entry = held.setdefault((value.account_id, value.definition_id), Held())
        if value.source_id == source_id:
            entry.mine = value
        if value.applied:
            entry.applied = value
    return held


def ended(account_ids: Sequence[int], source_id: int) -> dict[int, dt.datetime]:
    """Until when anything that this source said of these accounts was known. It cannot have been known again before."""
    if not account_ids:
        return {}
    ever = AttributeValue.objects.filter(account_id__in=account_ids, source_id=source_id)
    # What an undo took back for good was known for no time at all.
    ends = ever.exclude(superseded_at=F("received_at")).values("account_id").annotate(until=Max("superseded_at"))
    return dict(ends.values_list("account_id", "until"))


def is_applied(definition: AttributeDefinition, held: Held, source_id: int) -> bool:
    """Whether a value of this source applies: of the dictionary's master always, of others until another one does."""
    if definition.master_id == source_id:
        return True
    return held.applied is None or held.applied.source_id == source_id


def refresh(account_ids: Sequence[int], now: dt.datetime) -> None:
    """Bring the current values that account rows carry for pages up to the applied values."""
    accounts = list(Account.objects.filter(id__in=numbers_in(account_ids)))
    values: dict[int, dict[str, str]] = {account.pk: {} for account in accounts}
    found = AttributeValue.objects.known().filter(
        account_id__in=numbers_in(account_ids), applied=True, definition__name__in=BUILT_IN
    )
    for account_id, name, text in found.values_list("account_id", "definition__name", "text"):
        values[account_id][name] = text or ""
    emails = {own["owner"].lower() for own in values.values() if own.get("owner")}
    owners = dict(User.objects.filter(email__in=emails).values_list("email", "id"))
    for account in accounts:
        own = values[account.pk]
        account.name, account.stage = own.get("name", ""), own.get("stage", "")
        account.tier, account.region = own.get("tier", ""), own.get("region", "")
        account.owner_id = owners.get(own.get("owner", "").lower())
        account.parent_id = int(own["parent"]) if own.get("parent") else None
        account.updated_at = now
    Account.objects.bulk_update(
        accounts, ["name", "stage", "tier", "region", "owner", "parent", "updated_at"], batch_size=1000
    )


def claim_accounts(user: User, now: dt.datetime) -> int:
    """Give a new user the accounts whose owner attribute has long named their address. Returns how many."""
    owned = AttributeValue.objects.known().filter(applied=True, definition__name="owner", text__iexact=user.email)
    claimed = set(Account.objects.filter(id__in=owned.values("account_id"), owner=None).values_list("id", flat=True))
    mark_dirty(claimed, now)
    return int(Account.objects.filter(id__in=claimed, owner=None).update(owner=user))


def settle_masters(
    account_ids: Sequence[int],
    now: dt.datetime,
    job: Job | None = None,
    *,
    definition: AttributeDefinition | None = None,
) -> None:
    """Where a source's value was taken back, apply the value that is due now; of `definition` look anew who set it first."""
    values: dict[tuple[int, int], list[AttributeValue]] = defaultdict(list)
    found = AttributeValue.objects.known().filter(account_id__in=numbers_in(account_ids)).select_related("definition")
    for value in found.order_by("received_at", "id"):
        values[value.account_id, value.definition_id].append(value)
    setters = _setters(definition, account_ids) if definition else {}
    ends, added = [], []
    for (account_id, definition_id), said in values.items():
        anew = definition is not None and definition_id == definition.pk
        due = _due(said, setters[account_id] if anew else ())
        for value in said:
            if value.applied == (value is due):
                continue
            at = max(now, value.received_at)
            ends.append(Ending(value.pk, at))
            # Without a job of its own this stays a value of the import that brought it, and goes when that is undone.
            value.pk, value.job, value.received_at, value.receipt_assumed = None, job or value.job, at, False
            value.applied = value is due
            added.append(value)
    close(AttributeValue, ends, job.pk if job else None)
    AttributeValue.objects.bulk_create(added)
    refresh(account_ids, now)
    # All of them: what names a user may mean another one by now.
    mark_dirty(account_ids, now)


def _due(said: Sequence[AttributeValue], setters: Sequence[int]) -> AttributeValue:
    """Of one attribute's current values, first received first, the one that applies."""
    by_source = {value.source_id: value for value in said}
    for source_id in (said[0].definition.master_id, *setters):
        if source_id in by_source:
            return by_source[source_id]
    return next((value for value in said if value.applied), said[0])


def _setters(definition: AttributeDefinition, account_ids: Sequence[int]) -> dict[int, list[int]]:
    """Of each account the sources that set this attribute, the first one first."""
    ever = AttributeValue.objects.filter(definition=definition, account_id__in=account_ids)
    setters: dict[int, list[int]] = defaultdict(list)
    # What an undo took back for good was known for no time at all.
    for value in ever.exclude(superseded_at=F("received_at")).order_by("received_at", "id"):
        setters[value.account_id].append(value.source_id)
    return setters


def set_master(definition: AttributeDefinition, source: Source | None, now: dt.datetime) -> None:
    """Let one source's values of an attribute apply everywhere it has set it; None: whoever set it first."""
    with transaction.atomic():
        definition.master = source
        definition.save(update_fields=["master"])
        touched = AttributeValue.objects.known().filter(definition=definition).values_list("account_id", flat=True)
        settle_masters(sorted(set(touched)), now, definition=definition)
