"""Who is scored: customers. An account is prospect, customer, churned or archived by its dated status.

Without a status it is a customer while a license is in force or in its grace, churned from the day after, and none yet
before its first. One of which no license was ever known is taken for a customer from the day of its first mention, since
nothing says that it is not.
"""

import enum
from collections.abc import Sequence
from itertools import groupby

import numpy as np

from accounts.models import Account
from health.metrics.attributes import ATTRIBUTES
from health.metrics.cases import Cases
from health.metrics.known import DAY_ENDS, KNOWN
from health.metrics.licenses import IN_FORCE
from health.metrics.read import summed
from health.metrics.rules import Rules
from health.metrics.shapes import Column, Facts

IN_FORCE_NOW = Column(IN_FORCE, "count(*)")
_LICENSES = Facts("licenses known", f"join accounts_license f on f.account_id = c.account_id and {KNOWN}")
LICENSES = Column(_LICENSES, "count(*)")
LICENSES_BEGUN = Column(_LICENSES, "count(*) filter (where f.starts_on <= c.day)")
_MENTION = Facts(
    "first mention of the account",
    f"""join lateral (
    select least(account.created_at, (
        select min(mention.first_received_at) from accounts_accountstream mention where mention.account_id = c.account_id
    )) as at from accounts_account account where account.id = c.account_id
) f on f.at < {DAY_ENDS}""",
)
MENTIONED = Column(_MENTION, "count(*)")
_STATUS = Facts("status of the account", f"{ATTRIBUTES.sql} and definition.name = 'status'")


def _says(*words: str) -> Column:
    listed = ", ".join(f"'{word}'" for word in words)
    return Column(_STATUS, f"count(*) filter (where lower(trim(f.text)) in ({listed}))")


SAYS_CUSTOMER, SAYS_CHURNED, SAYS_OTHER = _says("customer"), _says("churned"), _says("prospect", "archived")


class Life(enum.Enum):
    CUSTOMER = "customer"
    CHURNED = "churned"
    OTHER = "other"


# What says where an account stands: the first of these that holds.
_SIGNS = (
    (SAYS_CUSTOMER, Life.CUSTOMER),
    (SAYS_CHURNED, Life.CHURNED),
    (SAYS_OTHER, Life.OTHER),
    (IN_FORCE_NOW, Life.CUSTOMER),
    (LICENSES_BEGUN, Life.CHURNED),
    (LICENSES, Life.OTHER),
    (MENTIONED, Life.CUSTOMER),
)


def lives(cases: Cases, rules: Rules) -> list[Life]:
    """Where each account stands on its day."""
    found = [Life.OTHER] * len(cases)
    open_cases = list(range(len(cases)))
    # Most are told by their licenses; the rest is asked of the few that are left.
    for _, signs in groupby(_SIGNS, lambda sign: sign[0].facts):
        if not open_cases:
            break
        some, lives_of = cases.of(open_cases), dict(signs)
        said = summed(lives_of, some, list(some.days), rules)
        for column, life in reversed(lives_of.items()):
            for position in np.flatnonzero(said[column]).tolist():
                found[open_cases[position]] = life
        told = np.any([said[column] != 0 for column in lives_of], axis=0)
        open_cases = [open_cases[position] for position in np.flatnonzero(~told).tolist()]
    return found


def all_accounts(first: int = 0, last: int | None = None) -> Sequence[int]:
    """The existing accounts with ids in a range, in order."""
    found = Account.objects.existing().filter(id__gte=first)
    if last is not None:
        found = found.filter(id__lte=last)
    ids: Sequence[int] = list(found.order_by("id").values_list("id", flat=True))
    return ids
