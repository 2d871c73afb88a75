"""Everything else that decides a score: the settings, and the line-up that says which scorecard an account gets."""

from typing import Any, ClassVar

import pgtrigger
from django.db import models
from django.db.models import Q

from health.models.documents import Document, audited, never_changes_once_published
from health.models.scorecards import Scorecard

PART_OF_A_DRAFT = """
    select state into found from health_lineup
    where id = case when tg_op = 'DELETE' then old.line_up_id else new.line_up_id end for share;
    if found <> 'draft' or (tg_op = 'UPDATE' and old.line_up_id <> new.line_up_id) then
        raise exception 'A published version never changes: %.', tg_table_name using errcode = 'check_violation';
    end if;
    if tg_op = 'DELETE' then
        return old;
    end if;
    return new;
"""


def _promises(noun: str) -> list[Any]:
    return [
        *Document.Meta.constraints,
        models.UniqueConstraint(fields=["number"], name=f"one_{noun}_per_number"),
        models.UniqueConstraint(fields=["state"], condition=Q(state="draft"), name=f"one_draft_of_the_{noun}"),
        models.UniqueConstraint(fields=["state"], condition=Q(state="published"), name=f"one_published_{noun}"),
    ]


@audited
class Settings(Document):
    """Everything besides a scorecard that can move a reading; `health.rules` says what the document holds."""

    document = models.JSONField(default=dict)

    class Meta(Document.Meta):
        verbose_name = verbose_name_plural = "settings"
        ordering = ["-number"]
        constraints = _promises("settings")
        triggers: ClassVar[list[Any]] = [never_changes_once_published()]

    def __str__(self) -> str:
        return f"Settings {self.number}"


@audited
class LineUp(Document):
    """The order in which scorecards are offered: an account gets the first one whose segment it is in."""

    class Meta(Document.Meta):
        verbose_name = "line-up"
        ordering = ["-number"]
        constraints = _promises("line_up")
        triggers: ClassVar[list[Any]] = [never_changes_once_published()]

    def __str__(self) -> str:
        return f"Line-up {self.number}"


@audited
class LineUpEntry(models.Model):
    """One scorecard of a line-up with the segment it is for. The last one has none: it takes everybody else."""

    line_up = models.ForeignKey(LineUp, on_delete=models.CASCADE, related_name="entries")
    scorecard = models.ForeignKey(Scorecard, on_delete=models.PROTECT, related_name="+")
    segment = models.CharField(
        max_length=500, blank=True, help_text="As in: tier in enterprise, strategic and tenure >= 90. Blank: everybody."
    )
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = "scorecard of the line-up"
        verbose_name_plural = "scorecards of the line-up"
        ordering = ["position", "id"]
        triggers: ClassVar[list[Any]] = [
            pgtrigger.Trigger(
                name="only_in_a_draft",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
                declare=[("found", "text")],
                func=PART_OF_A_DRAFT,
            )
        ]

    def __str__(self) -> str:
        return f"{self.scorecard}: {self.segment or 'everybody else'}"
