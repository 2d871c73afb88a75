"""Shares of a score as the admin shows them."""

from hypothesis import given
from hypothesis import strategies as st

from health.admin.contents import apportioned, shared_out
from health.models import Group, Measure
from health.scorecards import Parts

weights = st.floats(0, 1000).map(lambda weight: round(weight, 3))


@st.composite
def parts(draw: st.DrawFn) -> Parts:
    groups: list[Group] = []
    measures: list[Measure] = []
    for number, weight in enumerate(draw(st.lists(weights, max_size=8)), 1):
        groups.append(Group(pk=number, weight=weight))
        for inside in draw(st.lists(weights, max_size=8)):
            measures.append(Measure(pk=len(measures) + 1, group_id=number, weight=inside))
    return Parts(tuple(groups), tuple(measures), ())


@given(st.lists(weights, max_size=30), st.integers(0, 1000))
def test_what_is_shared_out_adds_up_and_is_less_than_one_off(shares: list[float], whole: int) -> None:
    found = apportioned(shares, whole)
    total = sum(shares)
    assert sum(found) == (whole if total else 0)
    for share, shown in zip(shares, found, strict=True):
        assert abs(shown - (share * whole / total if total else 0)) < 1


@given(parts())
def test_measures_add_up_to_their_group_and_groups_to_the_whole(parts: Parts) -> None:
    of_groups = [sum(tenths for _, tenths in measures) for _, measures in shared_out(parts)]
    assert sum(of_groups) in {0, 1000}
    for (group, measures), tenths in zip(shared_out(parts), of_groups, strict=True):
        assert tenths == 0 or (group.weight > 0 and any(measure.weight > 0 for measure, _ in measures))


def test_thirds_are_not_all_rounded_down() -> None:
    assert apportioned([100 / 3] * 3, 500) == [167, 167, 166]
