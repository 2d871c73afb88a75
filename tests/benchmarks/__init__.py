"""How fast the things are whose speed was promised. Each module has a `run(quick=…, accounts=…)` that yields `Result`s.

What has a goal is measured beside its *anchor*, a small program that does the least that could be done, both in turn in the
same run: machines differ and are noisy, ratios much less so.
"""

import time
from collections.abc import Callable
from statistics import median
from typing import NamedTuple

ROUNDS = 5


class Result(NamedTuple):
    """One line of the table: what was done, how often, in how long, and what to compare that with."""

    what: str
    amount: int
    seconds: float
    note: str = ""


def in_turn(*sides: Callable[[], object], rounds: int, warm: int = 1) -> list[list[float]]:
    """Of each side the seconds of each round. All take their turn in every round; the first rounds do not count. A side that
    has to prepare something returns the seconds of what is measured."""
    seconds: list[list[float]] = [[] for _ in sides]
    for number in range(warm + rounds):
        for side, found in zip(sides, seconds, strict=True):
            began = time.perf_counter()
            told = side()
            whole = time.perf_counter() - began
            if number >= warm:
                found.append(told if isinstance(told, float) else whole)
    return seconds


def beside(own: list[float], anchor: list[float], goal: str) -> str:
    """Our seconds against the anchor's, as the ratio of the medians, with that of the luckiest and unluckiest round."""
    ratios = sorted(one / other for one, other in zip(own, anchor, strict=True))
    return f"{median(own) / median(anchor):.2f} × ({ratios[0]:.2f} to {ratios[-1]:.2f}); goal {goal}"
