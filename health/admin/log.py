"""The audit log: every write to the configuration, with who and what."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from unfold.views import ChangeList

from accounts import calendar
from accounts.admin import ReadOnlyAdmin
from accounts.models import Role, User
from health import audit
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
        return entry.told.who or "Verdant itself"

    @admin.display(description="What")
    def what(self, entry: Any) -> str:
        return str(entry.told.what)

    @admin.display(description="Before → after")
    def change(self, entry: AuditEntry) -> SafeString:
        lines = ((one.member, one.in_words) for one in audit.changes_of(entry))
        return format_html_join("", "<div>{}: {}</div>", lines)
