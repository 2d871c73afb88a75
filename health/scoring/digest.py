"""A digest of all that went into a snapshot: the same inputs have the same, whatever machine or day it is made on."""

import hashlib

import numpy as np
from numpy.typing import NDArray

from health.scoring.judge import Before, Bytes, Readings

Numbers = NDArray[np.int64]

SIZE = 16


def digest(
    identity: Numbers, readings: Readings, before: Before, *, n: Numbers, ages: Numbers, override: Bytes
) -> list[bytes]:
    """A digest of 16 bytes for each case.

    `identity`: cases × any numbers that say by what and when it was judged, such as version, settings, account, day and
    microsecond. `n` and `ages` (days): cases × slots, like the readings; −1 where there is none. `override`: the band in
    force, unknown where there is none. It is stored: what goes in, its order and its width never change.
    """
    widths = np.array([identity.shape[1], readings.values.shape[1], before.guards.shape[1]])
    # Any NaN is one NaN, and 0 has no sign.
    values = np.where(np.isnan(readings.values), np.nan, readings.values + 0.0)
    columns: list[tuple[NDArray[np.generic], str]] = [
        (np.broadcast_to(widths, (len(readings), 3)), "<i8"),
        (identity, "<i8"),
        (values, "<f8"),
        (readings.states, "<i2"),
        (n, "<i8"),
        (ages, "<i8"),
        (before.bands[:, None], "<i1"),
        (before.green[:, None], "<f8"),
        (before.yellow[:, None], "<f8"),
        (before.guards, "<i1"),
        (override[:, None], "<i1"),
    ]
    rows = np.concatenate([_as_bytes(numbers, kind) for numbers, kind in columns], axis=1)
    # Hashing is the one thing that is done case by case.
    return [hashlib.blake2b(row, digest_size=SIZE).digest() for row in rows]


def _as_bytes(numbers: NDArray[np.generic], kind: str) -> NDArray[np.uint8]:
    """cases × bytes: each row of numbers as its bytes in memory."""
    return np.ascontiguousarray(numbers, dtype=kind).view(np.uint8)
