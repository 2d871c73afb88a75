"""Records that a source sends by itself, over the interface: taken in like a file's, and noted as heard."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db import transaction

from accounts.checking import columns_of
from accounts.ingest import ingest
from accounts.kinds import Kind
from accounts.models import Source
from accounts.rows import Delivery, Known, Receipt, Row
from accounts.sources import note_history, note_live
from accounts.unmatched import join_batch


def push(
    kind: Kind,
    source: Source,
    records: Sequence[Any],
    now: dt.datetime,
    *,
    all_or_none: bool = False,
    known: Known = "now",
) -> list[Row]:
    """Take in a batch of records. Returns one row for each, in order, with what became of it.

    `known` says when history would have been known: when it happened, or on a day.
    """
    with transaction.atomic():
        delivery = Delivery(kind, source, Receipt(now, known))
        rows = ingest(delivery, columns_of(records), len(records), all_or_none=all_or_none)
        rejected = sum(row.status == "rejected" for row in rows)
        if known != "now":
            note_history(source, kind, now, len(rows), rejected)
        elif rows:
            note_live(source, kind.name, now, len(rows), rejected)
        join_batch(delivery, rows)
    return rows
