"""What holds for every metric there is, and for every one to come."""

import re
from pathlib import Path

import numpy as np
import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Account
from health.metrics import catalog, declare
from health.metrics.cases import Cases
from health.metrics.declare import Above, Metric, Nothing
from health.metrics.read import Asked, Read, read
from health.scoring.card import State
from tests.health.metrics.facts import DAY, account, day, moment
from tests.health.metrics.world import OF_THE_YOUNG, RULES, all_connected, everything, facts_of, received

ROOT = Path(__file__).parents[3]
PROMISES = Path(__file__).with_name("promises.txt")
METRICS = declare.every()


def readings(cases: Cases, asked: list[Asked] | None = None) -> Read:
    return read(everything() if asked is None else asked, cases, RULES)


def on(found: Account, *days: str) -> Cases:
    return Cases([found.pk] * len(days or (DAY,)), [day(one) for one in days or (DAY,)])


def by_key(found: Read, case: int = 0) -> dict[str, tuple[State, float | None]]:
    """What one case reads: key → state, and the value where there is a reading."""
    return {
        metric.key: (State(state), None if State(state).is_missing else round(float(value), 6))
        for metric, state, value in zip(METRICS, found.states[case], found.values[case], strict=True)
    }


def same(one: Read, other: Read) -> None:
    np.testing.assert_array_equal(one.values, other.values)
    np.testing.assert_array_equal(one.states, other.states)
    np.testing.assert_array_equal(one.n, other.n)
    np.testing.assert_array_equal(one.ages, other.ages)


# Nothing, and zero


@pytest.mark.django_db
def test_in_an_empty_database_every_metric_says_why_there_is_no_reading() -> None:
    found = readings(Cases([1, 2], [day(DAY), day("2020-02-29")]))
    assert np.isnan(found.values).all()
    for case in (0, 1):
        for metric, (state, _) in zip(METRICS, by_key(found, case).values(), strict=True):
            assert state == (State.NOT_CONNECTED if metric.streams else State.NONE), metric.key


@pytest.mark.django_db
def test_without_cases_there_is_nothing_to_read() -> None:
    assert readings(Cases([], [])).values.shape == (0, len(METRICS))


@pytest.mark.django_db
def test_of_an_old_account_without_facts_nothing_means_what_is_declared() -> None:
    all_connected()
    found = by_key(readings(on(account())))
    for metric in METRICS:
        state, value = found[metric.key]
        if metric.nothing == Nothing.ZERO:
            assert (state, value) == (State.FRESH, 0) or (metric.parts and state == State.NOT_APPLICABLE), metric.key
        elif metric.nothing == Nothing.ZERO_ONCE_SEEN:
            assert (state, value) == (State.FRESH, metric.dead_value) or (
                metric.parts and state == State.NOT_APPLICABLE
            ), metric.key
        elif metric.nothing == Nothing.SINCE_THE_BEGINNING:
            assert (state, value) == (State.FRESH, (day(DAY) - day("2020-01-01")).days), metric.key
        else:
            assert state == (State.NEVER if metric.streams else State.NONE), metric.key


@pytest.mark.django_db
def test_of_an_account_of_three_days_nothing_is_a_dead_value_yet() -> None:
    all_connected()
    found = by_key(readings(on(account(since="2025-06-28"))))
    for metric in METRICS:
        if metric.nothing == Nothing.ZERO_ONCE_SEEN and metric.window:
            assert found[metric.key][0] == State.NEVER, metric.key
        if metric.nothing == Nothing.SINCE_THE_BEGINNING:
            assert found[metric.key] == (State.FRESH, 2), metric.key


@pytest.mark.django_db
def test_where_there_are_facts_of_every_kind_every_metric_is_read() -> None:
    all_connected()
    found = account()
    facts_of(found)
    for key, (state, value) in by_key(readings(on(found))).items():
        if key in OF_THE_YOUNG:
            continue
        assert state == State.FRESH, key
        assert value is not None
    other = account("Other")
    facts_of(other, turn=1)
    first, second = (by_key(readings(on(one))) for one in (found, other))
    alike = {
        metric.key for metric in METRICS if metric.above == Above.FACTS and first[metric.key] == second[metric.key]
    }
    assert alike <= {"feature_breadth"} | OF_THE_YOUNG, "the turns of the world should differ"


# Independence


@pytest.mark.django_db
def test_the_facts_of_another_account_change_nothing() -> None:
    all_connected()
    first = account()
    facts_of(first)
    before = readings(on(first, DAY, "2025-06-10"))
    facts_of(account("Other"), turn=1)
    same(readings(on(first, DAY, "2025-06-10")), before)


@pytest.mark.django_db
def test_cases_in_any_order_and_on_mixed_days_read_as_they_do_one_by_one() -> None:
    all_connected(through="2025-06-28")
    found = [account(name) for name in ("One", "Two", "None")]
    for turn in (0, 1):
        facts_of(found[turn], turn)
    received(found[1], "2025-06-12")
    cases = [
        (one.pk, day(on), known)
        for one in found
        for on, known in ((DAY, None), ("2025-06-11", None), ("2025-06-20", moment("2025-06-21")), (DAY, moment(DAY)))
    ]
    shuffled = np.random.default_rng(7).permutation(len(cases)).tolist()
    accounts, days, known_at = zip(*(cases[index] for index in shuffled), strict=True)
    together = readings(Cases(accounts, days, known_at))
    for position, index in enumerate(shuffled):
        one, on, known = cases[index]
        alone = readings(Cases([one], [on], [known]))
        assert by_key(together, position) == by_key(alone), (one, on, known)
        np.testing.assert_array_equal(together.n[position], alone.n[0])
        np.testing.assert_array_equal(together.ages[position], alone.ages[0])


@pytest.mark.django_db
def test_asked_alone_a_metric_reads_as_it_does_among_all() -> None:
    all_connected()
    found = account()
    facts_of(found)
    together = by_key(readings(on(found)))
    for one in everything():
        alone = readings(on(found), [one])
        if one.metric.key in OF_THE_YOUNG:
            continue
        assert alone.states[0, 0] == State.FRESH
        assert round(float(alone.values[0, 0]), 6) == together[one.metric.key][1], one.metric.key


@pytest.mark.django_db
def test_two_reads_give_the_same() -> None:
    all_connected()
    found = account()
    facts_of(found)
    same(readings(on(found, DAY, "2025-05-05")), readings(on(found, DAY, "2025-05-05")))


# Two clocks


@pytest.mark.django_db
def test_facts_received_later_are_invisible_as_known_then_and_visible_now() -> None:
    all_connected()
    found, twin, empty = account(), account("Twin"), account("Empty")
    for one in (found, twin):
        facts_of(one)
    received(found, "2025-07-05")

    def known(one: Account, at: str | None) -> dict[str, tuple[State, float | None]]:
        return by_key(readings(Cases.on([one.pk], day(DAY), None if at is None else moment(at))))

    assert known(found, "2025-07-04 23:00") == known(empty, "2025-07-04 23:00")
    # When an objective ended on no stated day, and an attribute began, are as they were.
    assert known(found, "2025-07-05 13:00") == known(twin, "2025-07-05 13:00") == known(twin, None)
    assert known(found, None) == known(twin, None)


@pytest.mark.django_db
def test_what_occurs_after_the_day_is_not_seen_on_it() -> None:
    all_connected()
    found = account()
    before = by_key(readings(on(found, "2021-12-31")))
    facts_of(found)
    undated = {"champion", "executive_sponsor", "stakeholder_engagement", "days_to_renewal", "objectives_on_track"}
    after = by_key(readings(on(found, "2021-12-31")))
    for key in before.keys() - undated:
        missing = State.NEVER, State.NONE
        assert before[key] == after[key] or {before[key][0], after[key][0]} <= set(missing), key


# Queries


def queries(cases: Cases, asked: list[Asked]) -> int:
    with CaptureQueriesContext(connection) as captured:
        readings(cases, asked)
    return len(captured)


@pytest.mark.django_db
def test_the_number_of_queries_grows_neither_with_cases_nor_with_metrics_over_the_same_facts() -> None:
    all_connected()
    found = [account(f"Account {number}") for number in range(8)]
    for number, each in enumerate(found):
        facts_of(each, number % 2)
    asked = everything()
    days = [day(DAY), day("2025-06-12"), day("2025-03-01")]
    one = Cases([found[0].pk] * 3, days)
    for_one = queries(one, asked)
    accounts = [each.pk for each in found for _ in range(3)]
    assert queries(Cases(accounts, days * len(found)), asked) == for_one
    windows = [each for each in asked if each.metric.window and each.metric.key != "arr_change"]
    shorter = [Asked(metric=each.metric, argument=each.argument, window=21) for each in windows]
    assert queries(one, [*asked, *shorter]) == for_one
    facts = {column.facts for each in asked for column in each.shape().columns}
    # Where bitmaps cannot tell, the rollups are asked as well. Lives; streams, their deliveries, and who is heard of.
    assert for_one <= len(facts) + sum(each.bitmaps is not None for each in facts) + 4


# Declarations


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.key)
def test_every_declaration_is_complete(metric: Metric) -> None:
    assert re.fullmatch(r"[a-z][a-z0-9_]*", metric.key)
    assert metric.label[0].isupper()
    for sentence in (metric.formula, metric.why, metric.when):
        assert not sentence[0].islower(), sentence
        assert sentence.endswith("."), sentence
    assert metric.scale_source
    assert metric.unit or metric.needs_argument or metric.above == Above.SHARE
    assert metric.low < metric.high
    assert metric.scale.best(metric.low, metric.high, metric.step) == 100, "no reading gives all points"
    assert metric.window is None or metric.window > 0
    assert metric.window is not None or not (metric.needs_both_windows or metric.needs_start)
    assert (
        metric.min_days == 0 or metric.window is not None or metric.nothing in (Nothing.MISSING, Nothing.ZERO_ONCE_SEEN)
    )
    assert (metric.unit == "%") <= (metric.parts is not None), "a ratio names its parts"
    assert metric.needs_argument <= (metric.argument is not None)


def test_keys_are_promises() -> None:
    """None disappears or changes silently: a new definition is a new key. `manage.py metrics --promises` writes the file."""
    assert catalog.promises() == PROMISES.read_text().splitlines()


def test_the_readme_lists_every_metric(capsys: pytest.CaptureFixture[str]) -> None:
    """`manage.py metrics` prints the table."""
    inside = re.search(r"<!-- metrics -->\n(.*)\n<!-- /metrics -->", (ROOT / "README.md").read_text(), re.DOTALL)
    assert inside
    assert inside[1].strip() == catalog.markdown()
    call_command("metrics")
    assert capsys.readouterr().out.strip() == catalog.markdown()


def test_an_unknown_metric_and_a_needless_argument_are_refused() -> None:
    with pytest.raises(LookupError, match="no metric"):
        declare.get("happiness")
    with pytest.raises(LookupError, match="takes no"):
        declare.get("arr:big")
    assert declare.get("attribute:size: m") == (declare.get("attribute:x")[0], "size: m")
