"""Who stands before and after an account in the list that it was opened from."""

from dataclasses import dataclass

from django.db import connection

from accounts.models import Account, User
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
    accounts, by, given = choice.found.in_order(*choice.order)
    with connection.cursor() as cursor:
        cursor.execute(
            "select place, total, before, after from ("
            "select who, row_number() over way as place, count(*) over () as total, lag(who) over way as before, "
            f"lead(who) over way as after from ({accounts}) found window way as (order by {by})"
            ") placed where who = %s",
            [*given, account.pk],
        )
        found = cursor.fetchone()
    if found is None:
        return None
    place, total, before, after = found
    near = Account.objects.in_bulk([pk for pk in (before, after) if pk])
    return Neighbors(place, total, near.get(before), near.get(after))
