"""Fewer points for long lines, so that a drawing stays small and says the same."""

from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

MOST = 400

Values = Sequence[float | None]
Numbers = NDArray[np.float64]


def thinned(values: Values, keep: Iterable[int] = (), most: int = MOST) -> list[int]:
    """The places of at most `most` of the values. The ends, the lowest and the highest are among them, then those to keep
    and both sides of a gap, as far as they are not too many; then the lowest and highest of equal stretches."""
    if len(values) <= most:
        return list(range(len(values)))
    numbers = np.asarray([np.nan if value is None else value for value in values], dtype=np.float64)
    found = dict.fromkeys([0, len(values) - 1, *_extremes(numbers, 0, len(values))])
    _add_evenly(found, sorted(set(keep)), most)
    _add_evenly(found, _gaps(numbers), most)
    stretches = np.linspace(0, len(values), (most - len(found)) // 2 + 1).astype(int).tolist()
    for start, end in pairwise(stretches):
        found.update(dict.fromkeys(_extremes(numbers, start, end)))
    return sorted(found)


def _extremes(numbers: Numbers, start: int, end: int) -> list[int]:
    part = numbers[start:end]
    if not np.isfinite(part).any():
        return []
    return [start + int(np.nanargmin(part)), start + int(np.nanargmax(part))]


def _gaps(numbers: Numbers) -> list[int]:
    """Both sides of where the line breaks off or begins again."""
    missing = np.isnan(numbers)
    before = np.flatnonzero(missing[1:] != missing[:-1])
    return sorted({*before.tolist(), *(before + 1).tolist()})


def _add_evenly(found: dict[int, None], places: Sequence[int], most: int) -> None:
    """Add the places, or, where there is no room for all, every so many of them."""
    new = [place for place in places if place not in found]
    room = most - len(found)
    chosen = new if len(new) <= room else [new[number * len(new) // room] for number in range(room)]
    found.update(dict.fromkeys(chosen))
