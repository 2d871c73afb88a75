"""Shares of a score as the admin shows them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from health import scorecards
from health.admin.contents import shared_out
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


@given(parts())
def test_measures_add_up_to_their_group_and_groups_to_the_whole(parts: Parts) -> None:
    shared, exact = shared_out(parts), scorecards.shares(parts)
    of_groups = [sum(share for _, share in measures) for _, measures in shared]
    assert sum(of_groups) == pytest.approx(100 if any(exact.values()) else 0)
    for _, measures in shared:
        assert all(abs(share - exact[measure.pk]) < 0.2 and share == round(share, 1) for measure, share in measures)
        assert all(share == 0 for measure, share in measures if not exact[measure.pk])


def test_thirds_are_not_all_rounded_down() -> None:
    group = Group(pk=1, weight=1)
    thirds = [Measure(pk=number, group_id=1, weight=1) for number in (1, 2, 3)]
    ((_, shared),) = shared_out(Parts((group,), tuple(thirds), ()))
    assert [share for _, share in shared] == [33.4, 33.3, 33.3]
