"""Who stands before and after an account in the list that it was opened from."""

from dataclasses import dataclass

from django.db import connection
from django.db.models import Count, F, Window
from django.db.models.functions import Lag, Lead, RowNumber

from accounts.models import Account, User
from health.columns import ordering
from health.listing import Choice, query_of


@dataclass(frozen=True)
class Neighbors:
    """Where an account stands in a list: its place, how many there are, and who comes before and after."""

    place: int
    total: int
    before: Account | None
    after: Account | None


def neighbors(account: Account, query: str, user: User) -> Neighbors | None:
    """The place of an account in the list that an address stands for. None where it is not in it. However long the list is,
    the database puts it in order and one row of it is read."""
    choice = Choice.of(query_of(query), user)
    order = ordering(choice.column, choice.descending)
    placed = choice.found.annotate(
        who=F("pk"),
        place=Window(RowNumber(), order_by=order),
        before=Window(Lag("pk"), order_by=order),
        after=Window(Lead("pk"), order_by=order),
        total=Window(Count("pk")),
    )
    sql, given = placed.order_by().values("who", "place", "total", "before", "after").query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(f"select place, total, before, after from ({sql}) placed where who = %s", [*given, account.pk])
        found = cursor.fetchone()
    if found is None:
        return None
    place, total, before, after = found
    near = Account.objects.in_bulk([pk for pk in (before, after) if pk])
    return Neighbors(place, total, near.get(before), near.get(after))
