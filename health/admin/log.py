"""The audit log: every write to the configuration, with who and what."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from unfold.views import ChangeList

from accounts.admin import ReadOnlyAdmin
from health import audit
from health.models import (
    AuditEntry,
)


class LogList(ChangeList):  # type: ignore[misc]
    """A page of the log, with the names of all that it speaks of."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        entries: list[Any] = list(self.result_list)  # type: ignore[has-type] # unfold has no types
        for entry, told in zip(entries, audit.told(entries), strict=True):
            entry.told = told
        self.result_list = entries


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    """Every write to the configuration, newest first."""

    list_display = ("when", "who_did", "what", "change")
    list_display_links = None
    list_filter = ("pgh_label",)
    list_per_page = 50
    show_full_result_count = False
    ordering = ("-pgh_created_at", "-pgh_id")

    def get_queryset(self, request: HttpRequest) -> QuerySet[AuditEntry]:
        entries: QuerySet[AuditEntry] = AuditEntry.objects.order_by(*self.ordering)
        return entries

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return LogList

    @admin.display(description="When", ordering="pgh_created_at")
    def when(self, entry: AuditEntry) -> Any:
        return entry.pgh_created_at

    @admin.display(description="Who")
    def who_did(self, entry: Any) -> str:
        return entry.told.who or "Verdant itself"

    @admin.display(description="What")
    def what(self, entry: Any) -> str:
        return str(entry.told.what)

    @admin.display(description="Before → after")
    def change(self, entry: AuditEntry) -> SafeString:
        lines = ((one.member, one.in_words) for one in audit.changes_of(entry))
        return format_html_join("", "<div>{}: {}</div>", lines)
