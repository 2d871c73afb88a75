"""Keeping the bitmaps of active days up to the roll-ups that they are derived from."""

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from typing import Any, NamedTuple

from django.db import connection

from accounts import arrays
from accounts.models.activity import BLOCK_DAYS

Key = tuple[int, dt.date, int, int]  # account, day, end user or feature, grain


class Bitmaps(NamedTuple):
    """A table of bitmaps, by whom it counts, and the roll-up that it is derived from with the sum there."""

    name: str
    who: str
    rolled_up: str
    amount: str


USERS = Bitmaps("accounts_useractivity", "end_user_record", "accounts_userday", "events")
FEATURES = Bitmaps("accounts_featureactivity", "feature_id", "accounts_featureday", "uses")


def mark(bitmaps: Bitmaps, added: Iterable[tuple[Key, dt.date, int]]) -> None:
    """Set the bits of keys to which something was added, each on the day on which that was learned."""
    rows = list(added)
    if not rows:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            _MARK.format_map(bitmaps._asdict()),
            [
                arrays.plain(account for (account, _, _, _), _, _ in rows),
                arrays.plain(day + dt.timedelta(days=grain - 1) for (_, day, _, grain), _, _ in rows),
                arrays.plain(who for (_, _, who, _), _, _ in rows),
                arrays.plain(grain for (_, _, _, grain), _, _ in rows),
                arrays.plain(learned_on for _, learned_on, _ in rows),
                arrays.plain(amount > 0 for _, _, amount in rows),
            ],
        )


def anew(bitmaps: Bitmaps, keys: Collection[Key]) -> None:
    """Derive the blocks of these keys anew from what is rolled up."""
    blocks = {(account, _block(day, grain), who) for account, day, who, grain in keys}
    if not blocks:
        return
    first, last = (end(block for _, block, _ in blocks) for end in (min, max))
    given: dict[str, Any] = {
        "accounts": arrays.plain(account for account, _, _ in blocks),
        "blocks": arrays.plain(block for _, block, _ in blocks),
        "whos": arrays.plain(who for _, _, who in blocks),
        # Constants, by which whole months are left out.
        "first": _DAY_ZERO + dt.timedelta(days=first * BLOCK_DAYS - 6),
        "last": _DAY_ZERO + dt.timedelta(days=last * BLOCK_DAYS + BLOCK_DAYS - 1),
    }
    with connection.cursor() as cursor:
        cursor.execute(_FORGET.format_map(bitmaps._asdict()), given)
        cursor.execute(_DERIVE.format_map(bitmaps._asdict()), given)


def anew_of(bitmaps: Bitmaps, accounts: Sequence[int]) -> None:
    """Derive the blocks of these accounts anew."""
    with connection.cursor() as cursor:
        cursor.execute(f"delete from {bitmaps.name} where account_id = any(%s)", [list(accounts)])
        cursor.execute(_DERIVE_OF.format_map(bitmaps._asdict()), [list(accounts)])


def derive_all(bitmaps: Bitmaps) -> None:
    """Derive every block anew."""
    with connection.cursor() as cursor:
        cursor.execute(f"truncate {bitmaps.name}")
        cursor.execute(_DERIVE_ALL.format_map(bitmaps._asdict()))


_DAY_ZERO = dt.date.min


def _block(day: dt.date, grain: int) -> int:
    return ((day - _DAY_ZERO).days + grain - 1) // BLOCK_DAYS


_BLOCK = f"(on_day - date '0001-01-01') / {BLOCK_DAYS}"
_BIT = f"1::bigint << ((on_day - date '0001-01-01') %% {BLOCK_DAYS})"
_BITS = f"""coalesce(bit_or({_BIT}) filter (where holds and grain = 1), 0) as days,
    coalesce(bit_or({_BIT}) filter (where holds and grain = 7), 0) as weeks"""

# What another batch marked meanwhile is as true.
_MERGE = """on conflict (account_id, block, {who}) do update set
    days = kept.days | excluded.days, weeks = kept.weeks | excluded.weeks,
    changed_on = greatest(kept.changed_on, excluded.changed_on)
"""

_MARK = f"""
insert into {{name}} as kept (account_id, block, {{who}}, days, weeks, changed_on)
select account_id, {_BLOCK} as block, who, {_BITS}, max(learned_on)
from unnest(%s::bigint[], %s::date[], %s::bigint[], %s::int2[], %s::date[], %s::bool[])
    added(account_id, on_day, who, grain, learned_on, holds)
group by 1, 2, 3 order by 1, 2, 3
{_MERGE}"""

_TOUCHED = "unnest(%(accounts)s::bigint[], %(blocks)s::int[], %(whos)s::bigint[]) touched(account_id, block, who)"

_FORGET = f"""
delete from {{name}} gone using {_TOUCHED}
where gone.account_id = touched.account_id and gone.block = touched.block and gone.{{who}} = touched.who
"""

_ROLLED_UP = """rolled.grain, rolled.day + rolled.grain - 1 as on_day,
        rolled.superseded_on is null and rolled.{amount} > 0 as holds,
        greatest(rolled.received_on, rolled.superseded_on) as learned_on"""

# What is known no longer has no bit, but was learned of all the same.
_DERIVE = f"""
insert into {{name}} as kept (account_id, block, {{who}}, days, weeks, changed_on)
select account_id, block, who, {_BITS}, max(learned_on)
from {_TOUCHED}
cross join lateral (
    select {_ROLLED_UP} from {{rolled_up}} rolled
    where rolled.account_id = touched.account_id and rolled.{{who}} = touched.who
    and rolled.day between date '0001-01-01' + touched.block * {BLOCK_DAYS} - 6
        and date '0001-01-01' + touched.block * {BLOCK_DAYS} + {BLOCK_DAYS} - 1
    and rolled.day between %(first)s and %(last)s
    offset 0
) found
where {_BLOCK} = block
group by account_id, block, who order by account_id, block, who
{_MERGE}"""

_DERIVE_OF = f"""
insert into {{name}} (account_id, block, {{who}}, days, weeks, changed_on)
select account_id, {_BLOCK} as block, who, {_BITS}, max(learned_on)
from (select account_id, {{who}} as who, {_ROLLED_UP} from {{rolled_up}} rolled where account_id = any(%s)) found
group by 1, 2, 3 order by 1, 2, 3
"""

# `%%` is for statements with parameters; this one has none.
_DERIVE_ALL = _DERIVE_OF.replace(" where account_id = any(%s)", "").replace("%%", "%")
