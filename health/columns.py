"""The columns of the list of accounts."""

from dataclasses import dataclass

from django.db.models import F, OrderBy


@dataclass(frozen=True)
class Column:
    """A column: its head, its words in "Sorted by …", and what it is sorted by, if it can be, and `then` by. Those of a
    higher rank go first where room is short; some stand there only when they are asked for."""

    key: str
    label: str
    order: str = ""
    words: tuple[str, str] = ("", "")
    numeric: bool = False
    rank: int = 1
    descending_first: bool = False
    usual: bool = True
    then: str = ""

    @property
    def term(self) -> str:
        """The word of the glossary that it shows, if it is one."""
        return TERMS.get(self.key, "")


COLUMNS = (
    Column("name", "Account", "name", ("name", "name, backward")),
    Column("score", "Score", "score", ("score, worst first", "score, best first"), True),
    Column("band", "Band", "band_order", ("band and score, worst first", "band and score, best first"), then="score"),
    Column("family", "With all its parts", rank=2, usual=False),
    Column("course", "90 days", rank=3),
    Column("week", "7 d", "moved_7", ("7-day movement, worst first", "7-day movement, best first"), True, 2),
    Column("month", "30 d", "moved_30", ("30-day movement, worst first", "30-day movement, best first"), True, 2),
    Column("cause", "Main cause, 30 d", rank=3),
    Column("coverage", "Coverage", "coverage", ("coverage, least first", "coverage, most first"), True, 3, usual=False),
    Column("lost", "Lost on", "lost_on", ("loss, earliest first", "loss, newest first"), True, 1, True, usual=False),
    Column("lost_arr", "ARR lost", numeric=True, usual=False),
    Column("last", "Last score", rank=2, usual=False),
    Column("reason", "Reason", rank=2, usual=False),
    Column("stage", "Stage", "stage", ("stage", "stage, backward"), rank=3, usual=False),
    Column("tier", "Tier", "tier", ("tier", "tier, backward"), rank=3, usual=False),
    Column("region", "Region", "region", ("region", "region, backward"), rank=3, usual=False),
    Column("owner", "Owner", "owner_name", ("owner", "owner, backward"), rank=2),
    Column(
        "seats", "Licenses", "seats", ("licenses, fewest first", "licenses, most first"), True, 3, True, usual=False
    ),
    Column("arr", "ARR", "arr_converted", ("ARR, smallest first", "ARR, largest first"), True, 1, True),
    Column("renewal", "Renewal", "renewal_on", ("renewal, soonest first", "renewal, latest first"), True),
    Column(
        "touch", "Touch", "touched_at", ("last touchpoint, longest ago first", "last touchpoint, newest first"), True, 2
    ),
    Column("task", "Next task", rank=4),
)
BY_KEY = {column.key: column for column in COLUMNS}

TERMS = {
    **{key: key for key in ("score", "band", "coverage", "cause", "seats", "arr", "renewal")},
    **dict.fromkeys(("course", "week", "month"), "movement"),
    "family": "rollup",
    "lost": "churned",
    "lost_arr": "arr",
    "last": "score",
    "touch": "touchpoint",
}


def ordering(column: Column, descending: bool) -> tuple[OrderBy, ...]:
    """Sorted by one column; accounts without a value there come last either way."""
    said = [F(name) for name in (column.order, column.then) if name]
    by = [one.desc(nulls_last=True) if descending else one.asc(nulls_last=True) for one in said]
    return (*by, F("name").asc(), F("pk").asc())
