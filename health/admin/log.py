"""The audit log: every write to the configuration, with who and what."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from unfold.views import ChangeList

from accounts import calendar
from accounts.admin import ReadOnlyAdmin
from accounts.models import Role, User
from health import audit
from health.audit_words import Change
from health.book import today
from health.models import AuditEntry, Scorecard

Choices = Iterable[tuple[Any, str]]
Entries = QuerySet[AuditEntry]


class WhoFilter(admin.SimpleListFilter):
    title, parameter_name = "who", "who"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        people = User.objects.filter(role=Role.ADMIN)
        return [*((str(user.pk), str(user)) for user in people.order_by("name")), ("nobody", "Verdant itself")]

    def queryset(self, request: HttpRequest, queryset: Entries) -> Entries:
        value = self.value()
        if value == "nobody":
            return queryset.filter(who=None)
        return queryset.filter(who=int(value)) if value and value.isdecimal() else queryset


class WhatFilter(admin.SimpleListFilter):
    title, parameter_name = "what", "what"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        return audit.kinds()

    def queryset(self, request: HttpRequest, queryset: Entries) -> Entries:
        return queryset.filter(pgh_obj_model=self.value()) if self.value() else queryset


class DidFilter(admin.SimpleListFilter):
    title, parameter_name = "kind of change", "did"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        return [(label, word.capitalize()) for label, word in audit.DID.items()]

    def queryset(self, request: HttpRequest, queryset: Entries) -> Entries:
        return queryset.filter(pgh_label=self.value()) if self.value() else queryset


class DaysFilter(admin.SimpleListFilter):
    """So many days, today among them."""

    title, parameter_name = "days", "days"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        return [("1", "Today"), ("7", "Last 7 days"), ("30", "Last 30 days"), ("365", "Last year")]

    def queryset(self, request: HttpRequest, queryset: Entries) -> Entries:
        if self.value() not in {"1", "7", "30", "365"}:
            return queryset
        first = today() - dt.timedelta(days=int(self.value() or 1) - 1)
        return queryset.filter(pgh_created_at__gte=calendar.start_of(first))


class ScorecardFilter(admin.SimpleListFilter):
    """A scorecard with all its versions and their parts."""

    title, parameter_name = "scorecard", "scorecard"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Choices:
        return [(str(card.pk), str(card)) for card in Scorecard.objects.order_by("label")]

    def queryset(self, request: HttpRequest, queryset: Entries) -> Entries:
        value = self.value() or ""
        return audit.of_scorecard(queryset, int(value)) if value.isdecimal() else queryset


class LogList(ChangeList):  # type: ignore[misc]
    """A page of the log, in words; what a version was made with is one row."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        shown: list[Any] = []
        for row in audit.rows(self.result_list):  # type: ignore[has-type] # unfold has no types
            shown.append(row.entries[-1])
            shown[-1].row = row
        self.result_list = shown


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    """Every write to the configuration, newest first."""

    list_display = ("when", "who_did", "what", "change")
    list_display_links = None
    list_filter = (WhoFilter, WhatFilter, DidFilter, DaysFilter, ScorecardFilter)
    search_fields = ("pgh_data",)
    search_help_text = "Names, values, notes"
    list_per_page = 50
    show_full_result_count = False
    ordering = ("-pgh_created_at", "-pgh_id")

    def get_queryset(self, request: HttpRequest) -> QuerySet[AuditEntry]:
        entries: QuerySet[AuditEntry] = AuditEntry.objects.order_by(*self.ordering)
        return audit.telling(entries)

    def get_search_results(self, request: HttpRequest, queryset: Entries, search_term: str) -> tuple[Entries, bool]:
        return audit.saying(queryset, search_term), False

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return LogList

    @admin.display(description="When", ordering="pgh_created_at")
    def when(self, entry: AuditEntry) -> Any:
        return entry.pgh_created_at

    @admin.display(description="Who")
    def who_did(self, entry: Any) -> str:
        return entry.row.told[-1].who or "Verdant itself"

    @admin.display(description="What")
    def what(self, entry: Any) -> str:
        """What was written; of parts that were added to a version, to which."""
        return str(entry.row.told[-1].what)

    @admin.display(description="Before → after")
    def change(self, entry: Any) -> SafeString:
        row = entry.row
        if len(row.told) == 1:
            return _lines(row.told[0].changes)
        inside = format_html_join(
            "", "<dt>{}</dt><dd>{}</dd>", ((told.what, _lines(told.changes)) for told in reversed(row.told))
        )
        said = format_html("<details><summary>{}</summary><dl>{}</dl></details>", row.parts, inside)
        return format_html('<div class="changes">{}</div>', said)


def _lines(changes: Iterable[Change]) -> SafeString:
    said = format_html_join("", "<div>{}: {}</div>", ((one.member, one.in_words) for one in changes))
    return format_html('<div class="changes">{}</div>', said)
