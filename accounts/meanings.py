"""What events mean, as the settings in force say: which roles they have, which are a login, which count as use."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from accounts.columns import fetch
from accounts.models import Event, EventMeaning
from accounts.sessions import Bools, Ints

# What all events of a type mean goes by such a name.
ANY = {f"any {kind.label}": kind for kind in (Event.Type.TRACK, Event.Type.PAGE, Event.Type.SCREEN)}


@dataclass(frozen=True, slots=True)
class Meant:
    """Of each event: the bits of its roles, and whether it is a login, counts as use, or counts as nothing."""

    roles: Ints
    login: Bools
    use: Bools
    ignored: Bools


@dataclass(frozen=True, slots=True)
class Meanings:
    """Meanings by feature, in the order of their numbers, and by type."""

    features: Ints
    by_feature: Meant
    by_type: Meant

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


_MEANINGS = """
select feature.id, meaning.roles, meaning.login::int::int2, meaning.use::int::int2, meaning.ignored::int::int2
from accounts_eventmeaning meaning join accounts_feature feature on feature.name = meaning.name
order by feature.id
"""
