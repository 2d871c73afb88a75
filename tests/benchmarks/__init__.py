"""How fast the things are whose speed was promised. Each module has a `run(quick=…)` that yields `Result`s."""

from typing import NamedTuple


class Result(NamedTuple):
    """One line of the table: what was done, how often, in how long, and what to compare that with."""

    what: str
    amount: int
    seconds: float
    note: str = ""
