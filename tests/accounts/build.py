"""A small company for tests of what comes in: records sent at chosen moments, and everything that is known of them."""

import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Literal

from django.db import connection, models, transaction

from accounts import kinds, unmatched
from accounts.checking import columns_of
from accounts.ingest import ingest
from accounts.models import (
    Account,
    AccountStream,
    AttributeValue,
    ExternalId,
    Feature,
    FeatureDay,
    Job,
    Source,
    StreamSync,
    Unmatched,
    UserDay,
)
from accounts.rows import Delivery, Receipt, Row

UTC = dt.UTC
JOB_COLUMNS = {"id", "job_id", "occurred_at", "closed_by_id", "received_at", "superseded_at", "receipt_assumed"}
JOB_COLUMNS |= {"changed_in", "changed_at"}

Known = Literal["now", "occurred"] | dt.date
Fingerprint = dict[str, list[Any]]


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def noon(text: str) -> dt.datetime:
    """Twelve o'clock of a day such as 2024-06-03."""
    return dt.datetime.combine(day(text), dt.time(12), UTC)


def source(name: str = "crm") -> Source:
    return Source.objects.get_or_create(name=name)[0]


def job(kind: str, name: str = "crm", at: str = "2024-06-03") -> Job:
    """An import that has ended, to send records in and to take back."""
    return Job.objects.create(name=f"Import {kind}", source=source(name), kind=kind, started_at=noon(at), state="done")


def send(
    kind: str,
    *records: Any,
    by: str = "crm",
    at: str | dt.datetime = "2024-06-03",
    known: Known = "now",
    occurred: dt.date | None = None,
    job: Job | None = None,
    all_or_none: bool = False,
) -> list[Row]:
    """Send a batch of records, received at noon of a day; what waited for them is joined."""
    now = noon(at) if isinstance(at, str) else at
    delivery = Delivery(kinds.get(kind), source(by), Receipt(now, known, occurred), job)
    rows = ingest(delivery, columns_of(records), len(records), all_or_none=all_or_none)
    unmatched.join_waiting(now)
    return rows


def statuses(rows: Sequence[Row]) -> list[str]:
    return [str(row.status) for row in rows]


def problems(rows: Sequence[Row]) -> list[tuple[str, str]]:
    """The member and the code of every complaint, in order."""
    return [(problem.field, problem.code) for row in rows for problem in row.problems]


def applied(rows: Sequence[Row]) -> None:
    """Every record went in."""
    assert all(row.applied for row in rows), [(row.status, row.problems) for row in rows]


def account(external_id: str = "A-1", by: str = "crm") -> Account:
    known = ExternalId.objects.get(kind="accounts", source__name=by, external_id=external_id)
    found: Account = Account.objects.get(pk=known.record)
    return found


def company(*names: str, at: str = "2024-01-01") -> None:
    """Accounts with these ids from the CRM, known since then."""
    applied(send("accounts", *({"external_id": name, "name": f"{name} Ltd"} for name in names or ("A-1",)), at=at))


def record_of(kind: str, external_id: str, by: str = "crm") -> int:
    return ExternalId.objects.get(kind=kind, source__name=by, external_id=external_id).record


def known(kind: str, external_id: str, at: dt.datetime | None = None, by: str = "crm") -> Any:
    """The one version of a record that is known at a moment, or None."""
    model = kinds.get(kind).model
    assert model is not None
    versions = model.objects.known(at).filter(record=record_of(kind, external_id, by))
    assert len(versions) <= 1, "two versions of one record are known at one moment"
    return versions.first()


def attribute(name: str, external_id: str = "A-1", at: dt.datetime | None = None) -> str | None:
    """The applied value of an account's attribute that is known at a moment, or None."""
    values = AttributeValue.objects.known(at).filter(account=account(external_id), definition__name=name, applied=True)
    assert len(values) <= 1, "two values of one attribute apply at one moment"
    return values[0].text if values else None


@contextmanager
def taken_back() -> Iterator[None]:
    """A transaction that leaves nothing behind, for one example of many in one test."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def count_every_table() -> dict[str, int]:
    counts = {}
    with connection.cursor() as cursor:
        for table in sorted(connection.introspection.table_names(cursor)):
            cursor.execute(f'select count(*) from "{table}"')
            counts[table] = cursor.fetchone()[0]
    return counts


def everything_known(at: dt.datetime | None = None) -> Fingerprint:
    """All that is known at a moment, with outside ids in the place of numbers, so that two histories can be compared."""
    names = _Names()
    found: Fingerprint = {}
    for kind in kinds.every():
        if kind.model is not None:
            found[kind.name] = _rows(kind.model.objects.known(at), names, kind)
    found["attributes"] = _rows(AttributeValue.objects.known(at), names, None)
    on = at.date() if at else None
    found["user days"] = _rolled(UserDay.objects.known(on), names, "events")
    found["feature days"] = _rolled(FeatureDay.objects.known(on), names, "uses")
    if at is None:
        found["accounts"] = sorted(
            (names["accounts", row.pk], row.name, row.stage, row.tier, row.region, str(row.owner), str(row.parent))
            for row in Account.objects.existing().select_related("owner", "parent")
        )
        found["ids"] = sorted(
            ExternalId.objects.filter(deleted_at=None).values_list("kind", "source__name", "external_id")
        )
        found["waiting"] = sorted(Unmatched.objects.values_list("kind", "source__name", "external_id"))
        found["streams"] = sorted(StreamSync.objects.known().values_list("stream__kind", "rows"))
        found["streams of accounts"] = sorted(
            (names["accounts", account_id], kind, first)
            for account_id, kind, first in AccountStream.objects.values_list(
                "account_id", "stream__kind", "first_received_at"
            )
        )
    return {name: rows for name, rows in found.items() if rows}


class _Names(dict[tuple[str, int], str]):
    """(kind, number) → the outside id by which it is known. Numbers differ from run to run, outside ids do not."""

    def __init__(self) -> None:
        ids = ExternalId.objects.order_by("-source__name", "-external_id")
        super().__init__(
            ((row.kind, row.record), f"{row.source.name}:{row.external_id}") for row in ids.select_related()
        )
        self.features = dict(Feature.objects.values_list("id", "name"))

    def __missing__(self, key: tuple[str, int]) -> str:
        return f"one of the {key[0]}"

    def put(self, kind: kinds.Kind | None, column: str, value: Any) -> Any:
        if column == "participants":
            return sorted(self["stakeholders", number] for number in value)
        if value is not None and column == "feature_id":
            return self.features[value]
        named = _kind_of(kind, column)
        return self[named, value] if named and value is not None else value


def _kind_of(kind: kinds.Kind | None, column: str) -> str | None:
    """The kind whose records a column numbers."""
    if column == "account_id":
        return "accounts"
    if kind is None:
        return None
    numbered = {kind.columns[member]: reference.kind for member, reference in kind.references.items()}
    return {**numbered, "record": kind.name}.get(column)


def _rows(known: models.QuerySet[Any], names: _Names, kind: kinds.Kind | None) -> list[Any]:
    spelled = {"source_id": "source__name", "definition_id": "definition__name"}
    columns = [field.attname for field in known.model._meta.concrete_fields if field.attname not in JOB_COLUMNS]
    rows = []
    for version in known.values(*(spelled.get(column, column) for column in columns)):
        row = {column: names.put(kind, column, value) for column, value in version.items()}
        if row.get("definition__name") == "parent" and row["text"]:
            row |= {"text": names["accounts", int(row["text"])], "number": None}
        rows.append(sorted(row.items()))
    return sorted(rows, key=repr)


def _rolled(known: models.QuerySet[Any], names: _Names, amount: str) -> list[Any]:
    who = "end_user_record" if amount == "events" else "feature_id"
    return sorted(
        (
            names["accounts", account_id],
            str(when),
            names["end-users", number] if amount == "events" else names.features[number],
            grain,
            total,
        )
        for account_id, when, number, grain, total in known.values_list("account_id", "day", who, "grain", amount)
    )
