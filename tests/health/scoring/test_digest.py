"""Same inputs, same digest; other inputs, another."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pytest

from health.scoring.card import Band, Comparison, Guard, State
from health.scoring.digest import SIZE, Numbers, digest
from health.scoring.judge import Before, Bytes, Readings
from tests.health.scoring.cards import card_of, had, measure, reading

CARD = card_of(
    measure("a"), measure("b", slot=1), guards=[Guard(key="g", slot=0, comparison=Comparison.ABOVE, value=1)]
)


@dataclass(frozen=True)
class Inputs:
    identity: Numbers
    readings: Readings
    before: Before
    n: Numbers
    ages: Numbers
    override: Bytes

    def digest(self) -> bytes:
        (one,) = digest(self.identity, self.readings, self.before, n=self.n, ages=self.ages, override=self.override)
        return one


INPUTS = Inputs(
    np.array([[3, 7, 20_000]]),
    reading(45.5, State.NEVER),
    had(CARD, Band.YELLOW, guards=[True]),
    np.array([[50, -1]]),
    np.array([[0, -1]]),
    np.array([Band.UNKNOWN], dtype=np.int8),
)

OTHERS: dict[str, Callable[[], Inputs]] = {
    "version": lambda: replace(INPUTS, identity=np.array([[4, 7, 20_000]])),
    "moment": lambda: replace(INPUTS, identity=np.array([[3, 7, 20_001]])),
    "reading": lambda: replace(INPUTS, readings=reading(np.nextafter(45.5, 46), State.NEVER)),
    "reason": lambda: replace(INPUTS, readings=reading(45.5, State.NONE)),
    "a reading that does not count": lambda: replace(
        INPUTS, readings=Readings(np.array([[45.5, 3.0]]), INPUTS.readings.states)
    ),
    "n": lambda: replace(INPUTS, n=np.array([[51, -1]])),
    "age": lambda: replace(INPUTS, ages=np.array([[1, -1]])),
    "band before": lambda: replace(INPUTS, before=had(CARD, Band.RED, guards=[True])),
    "edge before": lambda: replace(INPUTS, before=had(CARD, Band.YELLOW, guards=[True], green=65)),
    "guard before": lambda: replace(INPUTS, before=had(CARD, Band.YELLOW, guards=[False])),
    "override": lambda: replace(INPUTS, override=np.array([Band.GREEN], dtype=np.int8)),
}


@pytest.mark.parametrize("what", OTHERS)
def test_another_input_has_another_digest(what: str) -> None:
    assert OTHERS[what]().digest() != INPUTS.digest()


def test_the_same_inputs_have_the_same_digest_in_whatever_type_and_order_of_memory() -> None:
    same = replace(
        INPUTS,
        readings=Readings(np.asfortranarray(INPUTS.readings.values), INPUTS.readings.states.astype(np.int32)),
        n=INPUTS.n.astype(np.int32),
    )
    assert same.digest() == INPUTS.digest()
    assert len(INPUTS.digest()) == SIZE


def test_zero_has_no_sign_and_one_not_a_number_is_like_another() -> None:
    states = INPUTS.readings.states
    odd = np.array([0x7FF8000000000001], dtype=np.uint64).view(np.float64)[0]
    one = replace(INPUTS, readings=Readings(np.array([[0.0, np.nan]]), states))
    other = replace(INPUTS, readings=Readings(np.array([[-0.0, odd]]), states))
    assert one.digest() == other.digest()


def test_a_digest_made_today_is_the_one_of_yesterday() -> None:
    """It is stored, so its bytes never change."""
    assert INPUTS.digest().hex() == "91d902b4ef4167df24d94c8e6c601125"


def test_the_digest_of_a_case_does_not_depend_on_the_others() -> None:
    twice = Readings(np.repeat(INPUTS.readings.values, 2, axis=0), np.repeat(INPUTS.readings.states, 2, axis=0))
    before = had(CARD, Band.YELLOW, guards=[True])
    guards = np.repeat(before.guards, 2, axis=0)
    both = Before(np.repeat(before.bands, 2), guards, np.repeat(before.green, 2), np.repeat(before.yellow, 2))
    found = digest(
        np.repeat(INPUTS.identity, 2, axis=0),
        twice,
        both,
        n=np.repeat(INPUTS.n, 2, axis=0),
        ages=np.repeat(INPUTS.ages, 2, axis=0),
        override=np.repeat(INPUTS.override, 2),
    )
    assert found == [INPUTS.digest(), INPUTS.digest()]
