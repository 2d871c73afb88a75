"""What events mean, as the settings in force say: which roles they have, which are a login, which count as use.

The settings are published into tables here, from which the roller reads. What is rolled up keeps the meaning that it had then,
as long as its day is not made anew. A role, a core feature and a sequence of two of them have a bit of `UserDay.roles`; no other ever gets it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from accounts.columns import fetch
from accounts.models import Event, EventMeaning, EventRole, EventSequence
from accounts.sequences import Ints, Sequences
from accounts.sessions import Bools

# Roles that decide what counts; they have no bits.
LOGIN, BACKGROUND, IGNORED = "login", "background", "ignored"
MOST_ROLES = 60
# What all events of a type mean goes by such a name.
ANY = {f"any {kind.label}": kind for kind in (Event.Type.TRACK, Event.Type.PAGE, Event.Type.SCREEN)}


Pairs = Sequence[tuple[str, str]]


# Stands between the roles of a sequence, and in no role.
AFTERWARDS = " → "


def sequence(begins: str, ends: str) -> str:
    """The name of what is done by who did one thing and later another."""
    return f"{begins}{AFTERWARDS}{ends}"


def roles_in(pairs: Pairs, core: Sequence[str]) -> list[str]:
    """The roles and core features that need a bit, in the order in which they are named."""
    roles = [role for _, role in pairs if role not in {LOGIN, BACKGROUND, IGNORED}]
    return list(dict.fromkeys([*roles, *core]))


def named_in(pairs: Pairs, core: Sequence[str], sequences: Pairs) -> list[str]:
    """All that needs a bit: roles, core features, and sequences of two of them."""
    return [*roles_in(pairs, core), *dict.fromkeys(sequence(*one) for one in sequences)]


def refusals(pairs: Pairs, core: Sequence[str], sequences: Pairs = ()) -> list[str]:
    """Why these cannot be published: bits are given for good, and there are sixty."""
    known = set(EventRole.objects.values_list("name", flat=True))
    new = [name for name in named_in(pairs, core, sequences) if name not in known]
    over = new[max(MOST_ROLES - len(known), 0) :]
    if not over:
        return []
    return [
        f"{MOST_ROLES} event roles, core features and goals have been named so far; there is no room for “{over[0]}”."
    ]


def publish(pairs: Pairs, core: Sequence[str], sequences: Pairs = ()) -> None:
    """Let events mean this from now on. The caller has seen to it that there is room, and owns the transaction."""
    bits = dict(EventRole.objects.values_list("name", "bit"))
    new = [name for name in named_in(pairs, core, sequences) if name not in bits]
    bits |= {name: bit for bit, name in enumerate(new, len(bits))}
    EventRole.objects.bulk_create(EventRole(bit=bits[name], name=name) for name in new)
    meant: dict[str, EventMeaning] = {}
    for name, role in [*pairs, *((feature, feature) for feature in core)]:
        one = meant.setdefault(name, EventMeaning(name=name))
        if role in bits:
            one.roles |= 1 << bits[role]
        one.login |= role == LOGIN
        one.use &= role != BACKGROUND
        one.ignored |= role == IGNORED
    EventMeaning.objects.all().delete()
    EventMeaning.objects.bulk_create(meant.values())
    EventSequence.objects.all().delete()
    EventSequence.objects.bulk_create(
        EventSequence(begins=1 << bits[begins], ends=1 << bits[ends], bit=1 << bits[sequence(begins, ends)])
        for begins, ends in dict.fromkeys(sequences)
    )


def bits_of(*names: str) -> int:
    """The bits of roles and core features, as they stand in `UserDay.roles`; nothing for those that were never named."""
    return sum(1 << bit for bit in EventRole.objects.filter(name__in=names).values_list("bit", flat=True))


@dataclass(frozen=True, slots=True)
class Meant:
    """Of each event: the bits of its roles, and whether it is a login, counts as use, or counts as nothing."""

    roles: Ints
    login: Bools
    use: Bools
    ignored: Bools


@dataclass(frozen=True, slots=True)
class Meanings:
    """Meanings by feature, in the order of their numbers, and by type; and what is told of events that follow others."""

    features: Ints
    by_feature: Meant
    by_type: Meant
    sequences: Sequences

    @classmethod
    def in_force(cls) -> "Meanings":
        features, roles, login, use, ignored = fetch(_MEANINGS, {}, ("int8", "int8", "int2", "int2", "int2"))
        types: dict[int, tuple[Any, ...]] = dict.fromkeys(range(max(Event.Type) + 1), (0, False, True, False))
        for name, *said in EventMeaning.objects.filter(name__in=ANY).values_list(
            "name", "roles", "login", "use", "ignored"
        ):
            types[ANY[name]] = tuple(said)
        columns = [np.asarray(column) for column in zip(*types.values(), strict=True)]
        return cls(
            features.astype(np.int64),
            Meant(roles.astype(np.int64), login > 0, use > 0, ignored > 0),
            Meant(columns[0].astype(np.int64), *(column.astype(np.bool_) for column in columns[1:])),
            Sequences(*(one.astype(np.int64) for one in fetch(_SEQUENCES, {}, ("int8", "int8", "int8")))),
        )

    def of(self, feature: Ints, kind: Ints) -> Meant:
        """What events of these features and types mean: what their name says, and what their type says."""
        of_type = Meant(*(getattr(self.by_type, name)[kind] for name in ("roles", "login", "use", "ignored")))
        if not len(self.features):
            return of_type
        place = np.minimum(np.searchsorted(self.features, feature), len(self.features) - 1)
        found = self.features[place] == feature
        named = self.by_feature
        return Meant(
            of_type.roles | np.where(found, named.roles[place], 0),
            of_type.login | (found & named.login[place]),
            of_type.use & (~found | named.use[place]),
            of_type.ignored | (found & named.ignored[place]),
        )


_SEQUENCES = "select begins, ends, bit from accounts_eventsequence order by bit"

_MEANINGS = """
select feature.id, meaning.roles, meaning.login::int::int2, meaning.use::int::int2, meaning.ignored::int::int2
from accounts_eventmeaning meaning join accounts_feature feature on feature.name = meaning.name
order by feature.id
"""
