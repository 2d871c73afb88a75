"""Which events came after which: sequences of two roles, as arithmetic on arrays."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
# Before and after everything; far from where numbers end.
NEVER = np.iinfo(np.int64).min // 4
NOT_YET = np.iinfo(np.int64).max


@dataclass(frozen=True, slots=True)
class Sequences:
    """Sequences by the bits of their roles: what `begins` and later `ends` has `bit` as well."""

    begins: Ints
    ends: Ints
    bit: Ints

    @classmethod
    def none(cls) -> "Sequences":
        nothing = np.zeros(0, dtype=np.int64)
        return cls(nothing, nothing, nothing)

    @property
    def members(self) -> int:
        """The bits of all roles that begin or end a sequence."""
        return int(np.bitwise_or.reduce(self.begins | self.ends, initial=0))


def completed(sequences: Sequences, roles: Ints, at: Ints, group: Ints, before: Ints) -> Ints:
    """Of each group of events the bits of the sequences that these complete. `before` are the roles of what came before all
    of them, one for each group."""
    found = np.zeros(len(before), dtype=np.int64)
    for begins, ends, bit in zip(sequences.begins, sequences.ends, sequences.bit, strict=True):
        begun = np.where(before & begins != 0, NEVER, NOT_YET)
        first = roles & begins != 0
        np.minimum.at(begun, group[first], at[first])
        done = (roles & ends != 0) & (at > begun[group])
        found[group[done]] |= bit
    return found
