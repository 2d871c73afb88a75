"""What was worked out ahead of an account, and how it is worked out where that may say nothing any more.

Pages ask for ten such things of each account that they show or whose row says nothing, several times. Django takes longer to
write their SQL than PostgreSQL to find out about a hundred accounts, so it is written once.
"""

import datetime as dt
import re
from dataclasses import dataclass
from typing import Any, Final

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Expression, F, Field, Func, Subquery
from django.db.models.sql.compiler import SQLCompiler
from django.utils import timezone

from accounts import calendar
from accounts.models import Account

# Stands in SQL that is kept for the moment at which it runs.
MOMENT: Final = dt.datetime.max.replace(tzinfo=dt.UTC)

_ALIAS: Final = re.compile(r"\b([A-Z]+\d+)\b")


@dataclass(frozen=True)
class Written:
    """SQL of something about an account, in pieces between which its number stands, and parameters."""

    pieces: tuple[str, ...]
    given: tuple[Any, ...]


def written(expression: Expression | Subquery) -> Written:
    """The SQL of something that is worked out for each account."""
    sql, given = Account.objects.order_by().values_list(expression).query.sql_with_params()
    sql, begins, rest = sql.rpartition(f' FROM "{Account._meta.db_table}"')
    assert begins, "it is asked of accounts"
    assert not rest, "it joins nothing to the account itself"
    sql = sql.removeprefix("SELECT ").rpartition(" AS ")[0]
    # Django tells its aliases apart by letters, but not from those of SQL that it has not written.
    sql = _ALIAS.sub(r"kept_\1", sql)
    return Written(tuple(sql.split(f'"{Account._meta.db_table}"."id"')), given)


class Kept(Func):
    """What stands in a column of the list's row where that still says something, else what is worked out `now`."""

    def __init__(self, column: str, now: Written, output_field: "Field[Any, Any]") -> None:
        super().__init__(
            F("dirty_since"), F("list_row__until"), F(f"list_row__{column}"), F("pk"), output_field=output_field
        )
        self.now = now

    def as_sql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, *_: Any, **__: Any
    ) -> tuple[str, tuple[Any, ...]]:
        dirty, until, column, account = (compiler.compile(source)[0] for source in self.source_expressions)
        says = f"{dirty} is null and {until} > %s"
        moment = timezone.now()
        given = (moment if one == MOMENT else one for one in self.now.given)
        sql = f"case when {says} then {column} else {account.join(self.now.pieces)} end"
        return sql, (calendar.day_of(moment), *given)
