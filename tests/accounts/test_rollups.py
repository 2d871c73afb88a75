"""Roll-ups that grow with each delivery are what the counts say, whatever came in which order."""

import datetime as dt
import random
from typing import Any

import pytest

from accounts import undo, usage
from accounts.models import FeatureActivity, FeatureDay, UsageCount, UserActivity, UserDay
from tests.accounts.build import applied, company, day, job, noon, send

# Three days before the end of a block of bits.
FIRST = day("2024-05-02")
Rolled = list[tuple[Any, ...]]


@pytest.fixture
def people(db: None) -> None:
    company("A-1", "A-2")
    applied(send("end-users", *({"external_id": f"U-{n}", "account": f"A-{1 + n % 2}"} for n in range(4))))


def rolled() -> tuple[Rolled, ...]:
    rest = ("day", "grain", "received_on", "superseded_on", "receipt_assumed")
    bits = ("block", "days", "weeks", "changed_on")
    return (
        sorted(UserDay.objects.values_list("account_id", "end_user_record", *rest, "events"), key=repr),
        sorted(FeatureDay.objects.values_list("account_id", "feature_id", *rest, "uses"), key=repr),
        sorted(UserActivity.objects.values_list("account_id", "end_user_record", *bits), key=repr),
        sorted(FeatureActivity.objects.values_list("account_id", "feature_id", *bits), key=repr),
    )


def computed_anew() -> tuple[Rolled, ...]:
    UserDay.objects.all().delete()
    FeatureDay.objects.all().delete()
    UserActivity.objects.all().delete()
    FeatureActivity.objects.all().delete()
    days = UsageCount.objects.values("account_id", "end_user_record", "feature_id", "day", "grain")
    usage.rebuild([dict(day) for day in days])
    return rolled()


def some_usage(dice: random.Random) -> dict[str, Any]:
    who = {"end_user": f"U-{dice.randrange(4)}"} if dice.random() < 0.8 else {"account": f"A-{dice.randint(1, 2)}"}
    return {
        "external_id": f"C-{dice.randrange(30)}",
        **who,
        "event": dice.choice(["opened", "saved"]),
        "day": str(FIRST + dt.timedelta(days=dice.randrange(6))),
        "grain": dice.choice(["day", "week"]),
        "count": dice.randrange(5),
        "deleted": dice.random() < 0.2,
    }


@pytest.mark.usefixtures("people")
@pytest.mark.parametrize("seed", range(20))
def test_rollups_that_grew_are_those_computed_anew(seed: int) -> None:
    dice = random.Random(seed)
    imports = []
    for turn in range(6):
        at = noon("2024-04-05") + dt.timedelta(hours=dice.randrange(20) + 24 * turn)
        imports.append(job("usage", at=f"2024-04-{5 + turn:02}"))
        records = [some_usage(dice) for _ in range(dice.randrange(1, 25))]
        send("usage", *records, at=at, known=dice.choice(["now", "occurred", day("2024-04-04")]), job=imports[-1])
        if dice.random() < 0.3:
            undo.undo(imports.pop(), at + dt.timedelta(minutes=5))
        grown = rolled()
        assert grown == computed_anew()
