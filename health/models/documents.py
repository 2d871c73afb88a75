"""What configuration has in common: numbered versions that never change once published, and a log of every write."""

from typing import Any, ClassVar

import pghistory
import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q

NEVER_CHANGES = """
    if old.state = 'draft' then
        if tg_op = 'DELETE' then
            return old;
        end if;
        return new;
    end if;
    if tg_op = 'UPDATE' and old.state = 'published' and new.state = 'retired'
        and to_jsonb(new) - array['state', 'retired_at'] = to_jsonb(old) - array['state', 'retired_at'] then
        return new;
    end if;
    raise exception 'A published version never changes: %.', tg_table_name using errcode = 'check_violation';
"""


def never_changes_once_published() -> pgtrigger.Trigger:
    """A published version can be retired. Nothing else can happen to it, whoever tries."""
    return pgtrigger.Trigger(
        name="never_changes_once_published",
        when=pgtrigger.Before,
        operation=pgtrigger.Update | pgtrigger.Delete,
        func=NEVER_CHANGES,
    )


def audited(model: Any, exclude: tuple[str, ...] = ()) -> Any:
    """Log every write to `model`: who, when, before and after."""
    return pghistory.track(
        pghistory.InsertEvent(level=pghistory.Statement),
        pghistory.UpdateEvent(level=pghistory.Statement),
        pghistory.DeleteEvent(level=pghistory.Statement),
        exclude=list(exclude),
        append_only=True,
    )(model)


class Document(models.Model):
    """One numbered version of a piece of judgment: a draft, then published, then retired by the next one.

    Days that ended from `published_at` until `retired_at` are judged by it.
    """

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        PUBLISHED = "published", "Published"
        RETIRED = "retired", "Retired"

    number = models.PositiveIntegerField(editable=False)
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT, editable=False)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", editable=False
    )
    note = models.TextField(blank=True, editable=False)
    published_at = models.DateTimeField(null=True, editable=False)
    retired_at = models.DateTimeField(null=True, editable=False)
    based_on = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+", editable=False)

    class Meta:
        abstract = True
        constraints: ClassVar[list[Any]] = [
            models.CheckConstraint(
                condition=Q(state="draft", published_at__isnull=True, retired_at__isnull=True)
                | Q(state="published", published_at__isnull=False, retired_at__isnull=True)
                | Q(state="retired", published_at__isnull=False, retired_at__isnull=False),
                name="%(class)s_state_has_its_moments",
            ),
        ]

    @property
    def is_draft(self) -> bool:
        return self.state == Document.State.DRAFT
