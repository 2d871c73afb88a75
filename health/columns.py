"""The columns of the list of accounts."""

from dataclasses import dataclass

from django.db.models import F, OrderBy, QuerySet

from accounts.models import Account


@dataclass(frozen=True)
class Column:
    """A column: its head, its words in "Sorted by …", and what it is sorted by, if it can be, and by what `then`. Those of a higher rank go
    first where room is short; some stand there only when they are asked for."""

    key: str
    label: str
    order: str = ""
    then: str = ""
    words: tuple[str, str] = ("", "")
    numeric: bool = False
    rank: int = 1
    descending_first: bool = False
    usual: bool = True

    @property
    def term(self) -> str:
        """The word of the glossary that it shows, if it is one."""
        return TERMS.get(self.key, "")


COLUMNS = (
    Column("name", "Account", "name", words=("name", "name, backward")),
    Column("score", "Score", "score", words=("score, worst first", "score, best first"), numeric=True),
    Column(
        "band", "Band", "band_order", words=("band and score, worst first", "band and score, best first"), then="score"
    ),
    Column("family", "With all its parts", rank=2, usual=False),
    Column("course", "90 days", rank=3),
    Column(
        "week",
        "7 d",
        "moved_7",
        words=("7-day movement, worst first", "7-day movement, best first"),
        numeric=True,
        rank=2,
    ),
    Column(
        "month",
        "30 d",
        "moved_30",
        words=("30-day movement, worst first", "30-day movement, best first"),
        numeric=True,
        rank=2,
    ),
    Column("cause", "Main cause, 30 d", rank=3),
    Column(
        "coverage",
        "Coverage",
        "coverage",
        words=("coverage, least first", "coverage, most first"),
        numeric=True,
        rank=3,
        usual=False,
    ),
    Column("stage", "Stage", "stage", words=("stage", "stage, backward"), rank=3, usual=False),
    Column("tier", "Tier", "tier", words=("tier", "tier, backward"), rank=3, usual=False),
    Column("region", "Region", "region", words=("region", "region, backward"), rank=3, usual=False),
    Column("owner", "Owner", "owner_name", words=("owner", "owner, backward"), rank=2),
    Column(
        "seats",
        "Seats",
        "seats",
        words=("seats, fewest first", "seats, most first"),
        numeric=True,
        rank=3,
        descending_first=True,
        usual=False,
    ),
    Column(
        "arr",
        "ARR",
        "arr_converted",
        words=("ARR, smallest first", "ARR, largest first"),
        numeric=True,
        descending_first=True,
    ),
    Column("renewal", "Renewal", "renewal_on", words=("renewal, soonest first", "renewal, latest first"), numeric=True),
    Column(
        "touch",
        "Touch",
        "touched_at",
        words=("last touchpoint, longest ago first", "last touchpoint, newest first"),
        numeric=True,
        rank=2,
    ),
    Column("task", "Next task", rank=3),
)
BY_KEY = {column.key: column for column in COLUMNS}

TERMS = {
    **{key: key for key in ("score", "band", "coverage", "cause", "seats", "arr", "renewal")},
    **dict.fromkeys(("course", "week", "month"), "movement"),
    "family": "rollup",
    "touch": "touchpoint",
}


def in_order(accounts: QuerySet[Account], column: Column, descending: bool) -> QuerySet[Account]:
    """Sorted by one column; accounts without a value there come last either way."""
    return accounts.order_by(*ordering(column, descending))


def ordering(column: Column, descending: bool) -> tuple[OrderBy, ...]:
    said = [F(name) for name in (column.order, column.then) if name]
    by = [one.desc(nulls_last=True) if descending else one.asc(nulls_last=True) for one in said]
    return (*by, F("name").asc(), F("pk").asc())
