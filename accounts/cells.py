"""What a cell of a foreign file can turn into besides text: nothing, a complaint, or a record to be looked up."""

import enum
from dataclasses import dataclass
from typing import Final, Literal


class Absent(enum.Enum):
    """The one value that means "not sent": the record keeps what it has. To clear a member is `None`."""

    ABSENT = "absent"

    def __repr__(self) -> str:
        return "ABSENT"

    def __bool__(self) -> Literal[False]:
        return False


ABSENT: Final = Absent.ABSENT


@dataclass(frozen=True, slots=True)
class Bad:
    """A cell that cannot be used. Its row is rejected with this code and message."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class LookUp:
    """A value to be taken from another record: member `take` of the `kind` known as `external_id`.

    Without a source, the id is one of the source that is being imported.
    """

    kind: str
    source: str | None
    external_id: str
    take: str


def shown(text: str) -> str:
    """A cell for a message: in quotes, on one line, and not too long."""
    return repr(text if len(text) <= 60 else text[:59] + "…")
