"""Scorecards and their versions. A draft can be edited; what was published never changes again."""

from typing import Any, ClassVar

import pgtrigger
from django.db import models
from django.db.models import F, Q

from health.models.documents import Document, audited, never_changes_once_published
from health.scoring.card import Band, Comparison, Missing

# Parts of a version are written only while it is a draft. Locking the version makes that hold against a publication at
# the same moment.
PART_OF_A_DRAFT = """
    select state into found from health_scorecardversion
    where id = case when tg_op = 'DELETE' then old.version_id else new.version_id end for share;
    if found <> 'draft' or (tg_op = 'UPDATE' and old.version_id <> new.version_id) then
        raise exception 'A published version never changes: %.', tg_table_name using errcode = 'check_violation';
    end if;
    if tg_op = 'DELETE' then
        return old;
    end if;
    return new;
"""


def only_in_a_draft() -> pgtrigger.Trigger:
    return pgtrigger.Trigger(
        name="only_in_a_draft",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
        declare=[("found", "text")],
        func=PART_OF_A_DRAFT,
    )


@audited
class Scorecard(models.Model):
    """A named way to judge accounts. What it says is in its versions."""

    name = models.SlugField(max_length=60, unique=True)
    label = models.CharField(max_length=120)

    class Meta:
        ordering = ["label"]

    def __str__(self) -> str:
        return self.label


@audited
class ScorecardVersion(Document):
    scorecard = models.ForeignKey(Scorecard, on_delete=models.PROTECT, related_name="versions")
    green = models.DecimalField(
        max_digits=4, decimal_places=1, default=70, help_text="Green from this score. One decimal at most."
    )
    yellow = models.DecimalField(max_digits=4, decimal_places=1, default=40, help_text="Yellow from this score.")
    margin = models.DecimalField(
        max_digits=4,
        decimal_places=1,
        default=2,
        help_text="How far past an edge the score has to move for the band to change.",
    )
    min_coverage = models.DecimalField(
        max_digits=5,
        decimal_places=4,
        default=0.5,
        verbose_name="least coverage",
        help_text="With a smaller share of the weight freshly read, the band is unknown. 0.5 is half.",
    )

    class Meta(Document.Meta):
        verbose_name = "scorecard version"
        ordering = ["scorecard__label", "-number"]
        constraints = [
            *Document.Meta.constraints,
            models.UniqueConstraint(fields=["scorecard", "number"], name="one_scorecard_version_per_number"),
            models.UniqueConstraint(fields=["scorecard"], condition=Q(state="draft"), name="one_draft_per_scorecard"),
            models.UniqueConstraint(
                fields=["scorecard"], condition=Q(state="published"), name="one_published_version_per_scorecard"
            ),
            models.CheckConstraint(
                condition=Q(min_coverage__gte=0, min_coverage__lte=1), name="least_coverage_is_a_share"
            ),
        ]
        triggers: ClassVar[list[Any]] = [never_changes_once_published()]

    def __str__(self) -> str:
        return f"{self.scorecard} {self.number}"


@audited
class Group(models.Model):
    """Measures that are shown and weighted together."""

    version = models.ForeignKey(ScorecardVersion, on_delete=models.CASCADE, related_name="groups")
    key = models.SlugField(max_length=40)
    label = models.CharField(max_length=80)
    weight = models.FloatField(default=0, help_text="0: shown, not scored.")
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["version", "key"], name="one_group_per_key"),
            models.CheckConstraint(condition=Q(weight__gte=0), name="group_weight_is_not_negative"),
        ]
        triggers: ClassVar[list[Any]] = [only_in_a_draft()]

    def __str__(self) -> str:
        return self.label


class Reading(models.Model):
    """What measures and guards share: a metric over a window, and what makes a reading of it good enough.

    `slot` is the column of the reading in snapshots; it is given when the version is published.
    """

    metric = models.CharField(max_length=120)
    window = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Days. Blank: the usual one of the metric."
    )
    min_n = models.PositiveIntegerField(
        null=True, blank=True, verbose_name="least n", help_text="Blank: the usual one of the metric."
    )
    max_age_days = models.PositiveSmallIntegerField(
        null=True, blank=True, verbose_name="oldest, days", help_text="Blank: no opinion is too old."
    )
    slot = models.PositiveSmallIntegerField(null=True, editable=False)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        abstract = True

    @property
    def key(self) -> str:
        """What is read: the identity of a measure, whatever group it is in."""
        return self.metric if self.window is None else f"{self.metric}[{self.window}]"


@audited
class Measure(Reading):
    """A metric that counts, put on 0–100 points by its scale."""

    class MissingRule(models.TextChoices):
        IGNORE = Missing.IGNORE.value, "Others take its weight"
        COUNT = Missing.COUNT.value, "Silence counts as points"
        REQUIRE = Missing.REQUIRE.value, "Band is unknown"

    version = models.ForeignKey(ScorecardVersion, on_delete=models.CASCADE, related_name="measures")
    group = models.ForeignKey(Group, on_delete=models.RESTRICT, related_name="measures")
    weight = models.FloatField(default=1, help_text="Within its group. 0: shown, not scored.")
    scale = models.CharField(max_length=255, help_text="value:points, as in 0:0, 40:40, 70:70, 100:100.")
    missing = models.CharField(
        max_length=10, choices=MissingRule.choices, default=MissingRule.IGNORE, verbose_name="without a reading"
    )
    points_when_missing = models.FloatField(null=True, blank=True, verbose_name="points of silence")
    min_days = models.PositiveSmallIntegerField(
        null=True, blank=True, verbose_name="youngest, days", help_text="Blank: as the settings say."
    )

    class Meta:
        ordering = ["group__position", "group", "position", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["version", "metric", "window"],
                nulls_distinct=False,
                deferrable=models.Deferrable.DEFERRED,
                name="one_measure_per_metric_and_window",
            ),
            models.CheckConstraint(condition=Q(weight__gte=0), name="measure_weight_is_not_negative"),
            models.CheckConstraint(
                condition=Q(points_when_missing__isnull=True) | Q(points_when_missing__range=(0, 100)),
                name="points_of_silence_are_points",
            ),
        ]
        triggers: ClassVar[list[Any]] = [only_in_a_draft()]

    def __str__(self) -> str:
        return self.key


@audited
class Guard(Reading):
    """When the reading compares so with the value, the band is at most `cap`."""

    class Compares(models.TextChoices):
        BELOW = Comparison.BELOW.value, "<"
        AT_MOST = Comparison.AT_MOST.value, "≤"
        EQUAL = Comparison.EQUAL.value, "="
        AT_LEAST = Comparison.AT_LEAST.value, "≥"
        ABOVE = Comparison.ABOVE.value, ">"
        MISSING = Comparison.MISSING.value, "is missing"

    class Cap(models.IntegerChoices):
        RED = Band.RED.value, "at most red"
        YELLOW = Band.YELLOW.value, "at most yellow"

    version = models.ForeignKey(ScorecardVersion, on_delete=models.CASCADE, related_name="guards")
    comparison = models.CharField(max_length=10, choices=Compares.choices, default=Compares.ABOVE)
    value = models.FloatField(null=True, blank=True)
    release = models.FloatField(
        null=True, blank=True, verbose_name="lets go at", help_text="Blank: at the value itself."
    )
    cap = models.PositiveSmallIntegerField(choices=Cap.choices, default=Cap.YELLOW, verbose_name="the band is")

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(comparison="is missing", value__isnull=True, release__isnull=True)
                | (~Q(comparison="is missing") & Q(value__isnull=False)),
                name="a_guard_compares_with_a_value",
            ),
            models.CheckConstraint(
                condition=Q(release__isnull=True)
                | Q(comparison__in=["<", "<="], release__gte=F("value"))
                | Q(comparison__in=[">", ">="], release__lte=F("value")),
                name="a_guard_lets_go_on_the_far_side",
            ),
        ]
        triggers: ClassVar[list[Any]] = [only_in_a_draft()]

    def __str__(self) -> str:
        compared = self.comparison if self.value is None else f"{self.get_comparison_display()} {self.value:g}"
        released = "" if self.release is None else f", until {self.release:g}"
        return f"{self.key} {compared}{released}: {self.get_cap_display()}"
