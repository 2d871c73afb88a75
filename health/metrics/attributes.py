"""Attributes: whatever else an outside system says of an account, as a metric."""

import numpy as np

from health.metrics.declare import Above, MetricGroup, Nothing, metric
from health.metrics.known import DAY_ENDS, known
from health.metrics.shapes import Column, Facts, Shape, alone
from health.scoring.path import Moves

# Of what applies, the value of the day: the one that is known, or, if that came later, the one that it followed. What an
# undone import brought was never true.
ATTRIBUTES = Facts(
    "attributes",
    f"""join lateral (
    select distinct on (f.definition_id) f.definition_id, f.text, f.number, f.occurred_at
    from accounts_attributevalue latest
    join accounts_attributevalue f on f.account_id = latest.account_id and f.definition_id = latest.definition_id
        and f.source_id = latest.source_id and (
            f.id = latest.id
            or f.superseded_at > f.received_at and f.superseded_at <= latest.received_at
            and not exists (select from accounts_job job where job.id = f.job_id and job.state = 'undone')
        )
    where latest.account_id = c.account_id and latest.applied and {known("latest")} and f.occurred_at < {DAY_ENDS}
    order by f.definition_id, f.occurred_at desc, f.received_at desc, f.id desc
) f on true
join accounts_attributedefinition definition on definition.id = f.definition_id and f.text is not null""",
)
_NUMBER = """case
    when definition.type in ('number', 'yes_no') then f.number
    when definition.type = 'ranked' then (
        select rank.position from jsonb_array_elements_text(definition.ranks) with ordinality rank(value, position)
        where rank.value = f.text limit 1
    ) end"""
_NAMED = "definition.name = %(argument)s"


@metric(
    label="Attribute",
    group=MetricGroup.OUTCOMES,
    unit="",
    why="What only your own systems know can matter most.",
    when="A custom attribute that is a number, a yes or no, or a ranked choice; give it a scale of its own.",
    scale="0:0, 100:100",
    scale_source="a placeholder: what an attribute's numbers mean, only you know",
    nothing=Nothing.MISSING,
    streams=(),
    above=Above.MEDIAN,
    moves=Moves.NO,
    low=-np.inf,
    argument="name",
    needs_argument=True,
    min_days=0,
)
def attribute(argument: str) -> Shape:
    """The attribute's value on the day: a number as it is, yes as 1 and no as 0, of a ranked choice its place in the
    dictionary's ranks, the lowest being 1."""
    number = Column(
        ATTRIBUTES, f"max({_NUMBER}) filter (where {_NAMED})", empty=np.nan, additive=False, argument=argument
    )
    count = Column(ATTRIBUTES, f"count(*) filter (where {_NAMED})", argument=argument)
    age = Column(
        ATTRIBUTES,
        f"max(c.day - (f.occurred_at at time zone %(zone)s)::date) filter (where {_NAMED})",
        additive=False,
        argument=argument,
    )
    return Shape((number, count, age), alone(number), n=alone(count), newest=alone(age))
