"""How scores look to other programs. Numbers are as they were scored, unrounded; `shown` is what pages print."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.models import Account
from health.changes import Changed
from health.explain import Explanation, GroupLine, MeasureLine
from health.guards import GuardLine
from health.metrics.declare import Metric
from health.models import Override, ScorecardVersion, Transition
from health.scoring.card import Band, State
from health.scoring.scale import Scale
from health.way import Step, Way

BANDS = [band.name.lower() for band in Band]
STATES = [state.name.lower() for state in State]


class BandField(serializers.ChoiceField):
    """A band by its name."""

    def __init__(self, **more: Any) -> None:
        super().__init__(choices=BANDS, **more)

    def to_representation(self, value: Any) -> str:
        return Band(value).name.lower()


class StateField(serializers.ChoiceField):
    def __init__(self, **more: Any) -> None:
        super().__init__(choices=STATES, **more)

    def to_representation(self, value: Any) -> str:
        return State(value).name.lower()


class AccountName(serializers.Serializer[Account]):
    id = serializers.UUIDField(source="public_id")
    name = serializers.CharField()


class ScaleAnchor(serializers.Serializer[Any]):
    value = serializers.FloatField()
    points = serializers.FloatField()


@extend_schema_field(ScaleAnchor(many=True))
class ScaleShape(serializers.Field[Scale, Any, Any, Any]):
    """Anchors: between two of them points lie on a line, outside they stay."""

    def to_representation(self, value: Scale) -> list[dict[str, float]]:
        return [{"value": at, "points": points} for at, points in zip(value.values, value.points, strict=True)]


class ScorecardName(serializers.Serializer[ScorecardVersion]):
    name = serializers.CharField(source="scorecard.name")
    label = serializers.CharField(source="scorecard.label")  # type: ignore[assignment] # a member like the others
    version = serializers.IntegerField(source="number")


class MeasureShape(serializers.Serializer[MeasureLine]):
    """One measure. `contribution` = `effective_weight` × `points`; all of them add up to the score."""

    key = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    unit = serializers.CharField(source="metric.unit", allow_blank=True)
    value = serializers.FloatField(
        allow_null=True, help_text="The reading. Where `state` says that it does not count, what was found."
    )
    shown = serializers.CharField(source="reading", help_text="The reading as pages print it.")
    n = serializers.IntegerField(help_text="How many facts it rests on.")
    age = serializers.IntegerField(help_text="Days since the newest of them, or since the last day that is complete.")
    state = StateField()
    reason = serializers.CharField(allow_blank=True, help_text="Why it does not count, or since when it is held.")
    scale = ScaleShape()
    points = serializers.FloatField(allow_null=True)
    weight = serializers.FloatField(source="nominal_share", help_text="As published, as a part of 1.")
    effective_weight = serializers.FloatField(
        source="share", help_text="With that of missing measures given to others."
    )
    contribution = serializers.FloatField(source="exact")
    required = serializers.BooleanField()  # type: ignore[assignment]


class GroupShape(serializers.Serializer[GroupLine]):
    label = serializers.CharField()  # type: ignore[assignment]
    points = serializers.FloatField(allow_null=True)
    measures = MeasureShape(many=True)


class GuardShape(serializers.Serializer[GuardLine]):
    """A rule that caps the band. It holds, it does not, or without a reading it was not judged."""

    rule = serializers.CharField(source="label")
    says = serializers.CharField()
    reading = serializers.CharField(allow_blank=True)
    holds = serializers.BooleanField()
    judged = serializers.SerializerMethodField()
    caps = serializers.BooleanField(source="changes", help_text="Whether the band is worse for it.")
    lifts = serializers.CharField(allow_blank=True, help_text="Where it lets go.")

    def get_judged(self, line: GuardLine) -> bool:
        return not line.not_judged


class StepShape(serializers.Serializer[Step]):
    act = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    says = serializers.CharField()
    gain = serializers.FloatField()
    score = serializers.FloatField(help_text="Where the score stands after it.")


class WayShape(serializers.Serializer[Way]):
    """What would have to be read for the next better band."""

    to = BandField()
    target = serializers.FloatField(help_text="Where the band begins for this account.")
    short = serializers.FloatField(allow_null=True, help_text="Points to there.")
    reaches = serializers.BooleanField()
    steps = StepShape(many=True)
    guards = serializers.ListField(child=serializers.CharField(), help_text="Those that would still cap the band.")
    to_be_read = serializers.ListField(child=serializers.CharField(), help_text="Measures that have to be read first.")


class OverrideShape(serializers.Serializer[Override]):
    band = BandField()
    reason = serializers.CharField()
    author = serializers.EmailField(source="author.email")
    set_at = serializers.DateTimeField()
    last_day = serializers.DateField()


class EdgesShape(serializers.Serializer[Any]):
    """Where bands begin: as published, and as they stood for this account, whose last band the margin keeps."""

    green = serializers.FloatField()
    yellow = serializers.FloatField()
    green_now = serializers.FloatField()
    yellow_now = serializers.FloatField()
    margin = serializers.FloatField()


class BandsShape(serializers.Serializer[Any]):
    """`scored` is what the score gives, `computed` what guards leave of it, `effective` what counts, overrides included."""

    scored = BandField()
    computed = BandField()
    effective = BandField()


class HealthShape(serializers.Serializer[Explanation]):
    """A score with everything that it was made of, so that it can be computed again by hand."""

    account = AccountName()
    day = serializers.DateField()
    as_known = serializers.SerializerMethodField()
    known_at = serializers.DateTimeField()
    settled = serializers.BooleanField(help_text="False: counted again in the coming night, with what comes late.")
    score = serializers.FloatField(allow_null=True)
    shown = serializers.FloatField(allow_null=True, help_text="The score as pages print it.")
    bands = BandsShape(source="*")
    edges = EdgesShape()
    coverage = serializers.FloatField(help_text="The share of the weight that is freshly read, 0 to 1.")
    coverage_needed = serializers.FloatField(source="inputs.card.min_coverage")
    scorecard = ScorecardName()
    settings_version = serializers.IntegerField(source="settings")
    digest = serializers.SerializerMethodField()
    verified = serializers.BooleanField(source="check.holds", help_text="Scored again just now, it gives the same.")
    groups = GroupShape(many=True)
    guards = GuardShape(many=True)
    override = OverrideShape(allow_null=True)
    path = WayShape(source="way")

    @extend_schema_field(serializers.ChoiceField(["then", "now"]))
    def get_as_known(self, explanation: Explanation) -> str:
        return str(self.context["as_known"])

    def get_digest(self, explanation: Explanation) -> str:
        """Of all that went in: the same inputs have the same digest."""
        return bytes(explanation.inputs.snapshot.digest).hex()


class DayShape(serializers.Serializer[Any]):
    """One scored day of an account."""

    day = serializers.DateField()
    score = serializers.FloatField(allow_null=True)
    bands = BandsShape(source="*")
    coverage = serializers.FloatField()
    settled = serializers.BooleanField()
    scorecard = ScorecardName(source="version")
    settings_version = serializers.IntegerField()


class HistoryShape(serializers.Serializer[Any]):
    account = AccountName()
    results = DayShape(many=True)


class EndShape(serializers.Serializer[Any]):
    day = serializers.DateField()
    shown = serializers.FloatField()
    band = BandField()


class PartShape(serializers.Serializer[Any]):
    """A part of the change. `key` is the measure, blank for what is none's alone."""

    label = serializers.CharField()  # type: ignore[assignment]
    detail = serializers.CharField(allow_blank=True)
    key = serializers.CharField(allow_blank=True)
    shown = serializers.FloatField()


class ChangeShape(serializers.Serializer[Changed]):
    """The parts add up to the change, as printed."""

    first = EndShape()
    last = EndShape()
    shown = serializers.FloatField()
    parts = PartShape(many=True, source="lines")


class MoneyShape(serializers.Serializer[Any]):
    amount = serializers.DecimalField(max_digits=16, decimal_places=2)
    currency = serializers.CharField()


class PreviewShape(serializers.Serializer[Any]):
    """What the score would be with the facts since the last night."""

    at = serializers.DateTimeField()
    score = serializers.FloatField(allow_null=True)
    band = BandField()


class StandingShape(serializers.Serializer[Any]):
    """Where an account stands now. One that was never scored, and one that is no customer any more, have no score."""

    account = AccountName()
    owner = serializers.EmailField(allow_null=True)
    churned = serializers.BooleanField()
    day = serializers.DateField(allow_null=True)
    score = serializers.FloatField(allow_null=True)
    bands = BandsShape(allow_null=True)
    coverage = serializers.FloatField(allow_null=True)
    moved_7 = serializers.FloatField(allow_null=True, help_text="The movement in 7 days.")
    moved_30 = serializers.FloatField(allow_null=True)
    scorecard = ScorecardName(allow_null=True)
    arr = MoneyShape(allow_null=True, help_text="In the organization's currency.")
    renewal_on = serializers.DateField(allow_null=True)
    preview = PreviewShape(allow_null=True)


class PortfolioShape(serializers.Serializer[Any]):
    results = StandingShape(many=True)
    next = serializers.URLField(allow_null=True)


class TransitionShape(serializers.Serializer[Transition]):
    account = AccountName()
    day = serializers.DateField()
    kind = serializers.ChoiceField(Transition.Kind.values)
    before = BandField()
    after = BandField()


class TransitionsShape(serializers.Serializer[Any]):
    results = TransitionShape(many=True)
    next = serializers.URLField(allow_null=True)


class MetricShape(serializers.Serializer[Metric]):
    """A metric of the catalog. Its key is a promise: never reused, never redefined."""

    key = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    group = serializers.CharField()
    unit = serializers.CharField(allow_blank=True)
    formula = serializers.CharField()
    why = serializers.CharField()
    when = serializers.CharField()
    window = serializers.IntegerField(allow_null=True, help_text="Days, unless a measure says otherwise.")
    scale = ScaleShape()
    scale_source = serializers.CharField()
    nothing = serializers.CharField(help_text="What it means that there is nothing to read.")
    above = serializers.CharField(help_text="How it is read for many accounts together.")
    moves = serializers.CharField(help_text="Whether somebody can move it: yes, time, no.")
    argument = serializers.CharField(allow_null=True, help_text="What `key:…` names.")
    argument_needed = serializers.BooleanField(source="needs_argument")
    streams = serializers.ListField(child=serializers.CharField(), help_text="Kinds of records that it reads.")
    min_n = serializers.IntegerField()


class MetricsShape(serializers.Serializer[Any]):
    results = MetricShape(many=True)


class PublishedMeasure(serializers.Serializer[Any]):
    metric = serializers.CharField()
    window = serializers.IntegerField(allow_null=True)
    weight = serializers.FloatField()
    scale = serializers.CharField()
    missing = serializers.CharField()
    points_when_missing = serializers.FloatField(allow_null=True)
    min_n = serializers.IntegerField(allow_null=True)
    max_age_days = serializers.IntegerField(allow_null=True)
    min_days = serializers.IntegerField(allow_null=True)


class PublishedGroup(serializers.Serializer[Any]):
    key = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    weight = serializers.FloatField()
    measures = PublishedMeasure(many=True)


class PublishedGuard(serializers.Serializer[Any]):
    metric = serializers.CharField()
    window = serializers.IntegerField(allow_null=True)
    comparison = serializers.CharField()
    value = serializers.FloatField(allow_null=True)
    release = serializers.FloatField(allow_null=True)
    cap = BandField()


class ScorecardShape(serializers.Serializer[Any]):
    """A scorecard in the version that is published."""

    name = serializers.CharField(source="version.scorecard.name")
    label = serializers.CharField(source="version.scorecard.label")  # type: ignore[assignment]
    version = serializers.IntegerField(source="version.number")
    published_at = serializers.DateTimeField(source="version.published_at")
    note = serializers.CharField(source="version.note", allow_blank=True)
    green = serializers.FloatField(source="version.green")
    yellow = serializers.FloatField(source="version.yellow")
    margin = serializers.FloatField(source="version.margin")
    min_coverage = serializers.FloatField(source="version.min_coverage")
    groups = PublishedGroup(many=True)
    guards = PublishedGuard(many=True)


class ScorecardsShape(serializers.Serializer[Any]):
    results = ScorecardName(many=True)
