"""The predicates that make a fact count for a case, said once."""

# A version of a record, or a row that was only added, under the alias `f`.
KNOWN = "f.received_at <= c.known_at and (f.superseded_at is null or f.superseded_at > c.known_at)"

# A roll-up, whose knowing clock counts in days.
KNOWN_ON = "f.received_on <= c.known_on and (f.superseded_on is null or f.superseded_on > c.known_on)"


def known(alias: str) -> str:
    """KNOWN for facts of another alias."""
    return KNOWN.replace("f.", f"{alias}.")


def its(table: str, alias: str, record: str) -> str:
    """Join the version of the record that a fact points to, as known then. It is looked up fact by fact: joined as a table,
    the whole of it is read again for every case."""
    version = f"select {alias}.* from {table} {alias} where {alias}.record = {record} and {known(alias)} limit 1"
    return f"left join lateral ({version}) {alias} on true"


# The end of the case's day, exclusive.
DAY_ENDS = "((c.day + 1)::timestamp at time zone %(zone)s)"


def days_back(days: int | str) -> str:
    """The beginning of a window of so many days that ends on the case's day, cut to the account's life.

    In the SQL of facts, of as many as their furthest column looks back: `days_back("{reach}")`.
    """
    return f"(greatest(c.day - {days} + 1, c.born)::timestamp at time zone %(zone)s)"


def day_of(moment: str) -> str:
    """The organization's day of a moment."""
    return f"({moment} at time zone %(zone)s)::date"


def number_of(day: str) -> str:
    """A day as Python numbers it, `date.toordinal`."""
    return f"{day} - date '0001-01-01' + 1"
