"""Where admins configure the judgment: scorecards, line-up, settings, each as a draft that is then published; and the log.

What was published is read-only. A button that would do nothing is not there.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import action
from unfold.forms import BaseDialogForm
from unfold.views import ChangeList
from unfold.widgets import UnfoldAdminTextareaWidget

from accounts.admin import ReadOnlyAdmin
from health import audit, configuration, rules, scorecards
from health.configuration import Refused
from health.forms import EntryForm, GuardForm, MeasureForm, SettingsForm
from health.metrics import declare
from health.models import (
    AuditEntry,
    Document,
    Group,
    Guard,
    LineUp,
    LineUpEntry,
    Measure,
    Scorecard,
    ScorecardVersion,
    Settings,
)

DRAFT, PUBLISHED = Document.State.DRAFT, Document.State.PUBLISHED


@dataclass(frozen=True)
class Verbs:
    """What can be done with one kind of document."""

    refusals: Callable[[Any], list[str]]
    differences: Callable[[Any, Any], list[str]]
    publish: Callable[..., None]
    start_again_from: Callable[[Any], Any]


def page_of(document: Model) -> str:
    return reverse(f"admin:health_{document._meta.model_name}_change", args=[document.pk])


def published_sibling(document: Any) -> Any | None:
    return configuration.siblings(document).filter(state=PUBLISHED).first()


# --- Dialogs ---------------------------------------------------------------------------------------------------------


class SureForm(BaseDialogForm):  # type: ignore[misc] # unfold has no types
    """A question that a button answers."""


class PublishForm(BaseDialogForm):  # type: ignore[misc]
    """The note of a publication, under what it changes. It refuses with all that speaks against publishing."""

    form_before_template = "health/admin_changes.html"
    note = forms.CharField(
        label="What changes, and why",
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        error_messages={"required": "A note is missing: say what changes, and why."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        page: DocumentAdmin = self.request.resolver_match.func.model_admin
        self.draft, self.verbs = page.document(self.object_id), page.verbs

    def get_before_template_context(self, request: HttpRequest, object_id: str | None = None) -> dict[str, Any]:
        published = published_sibling(self.draft)
        return {"changes": self.verbs.differences(published, self.draft) if published else None}

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        for sentence in self.verbs.refusals(self.draft):
            self.add_error("note", sentence)
        return cleaned


def dialog(title: str, description: str, button: str, form: type[forms.Form] = SureForm) -> dict[str, Any]:
    return {"title": title, "description": description, "form_class": form, "form_submit_text": button}


# --- Any document ----------------------------------------------------------------------------------------------------


class PartInline(TabularInline):  # type: ignore[misc]
    """Parts of a version: edited in a draft, looked at otherwise. They are put in order by dragging."""

    extra = 0
    hide_title = True
    ordering_field: str | None = "position"
    hide_ordering_field = True

    def get_fields(self, request: HttpRequest, obj: Document | None = None) -> tuple[str, ...]:
        if self.has_change_permission(request, obj):
            return tuple(self.fields)
        # An inline is made for each request: this one has no handles to drag.
        self.ordering_field = None
        return tuple(name for name in self.fields if name != "position")

    def has_add_permission(self, request: HttpRequest, obj: Document | None = None) -> bool:
        return obj is not None and obj.is_draft

    def has_change_permission(self, request: HttpRequest, obj: Document | None = None) -> bool:
        return obj is not None and obj.is_draft

    def has_delete_permission(self, request: HttpRequest, obj: Document | None = None) -> bool:
        return obj is not None and obj.is_draft


class DocumentAdmin(ModelAdmin):  # type: ignore[misc]
    """Drafts are edited, published and discarded; what was published can be compared and started again from."""

    verbs: Verbs
    actions = None
    list_filter: tuple[str, ...] = ("state",)
    actions_detail = ("publish", "compare", "start_again", "retire")
    change_form_outer_before_template = "health/admin_refusals.html"
    history = ("state", "based_on", "author", "note", "published_at", "retired_at")

    def document(self, object_id: str) -> Any:
        return self.get_queryset(None).get(pk=object_id)

    def get_queryset(self, request: HttpRequest | None) -> QuerySet[Any]:
        documents: QuerySet[Any] = self.model._default_manager.select_related("author", "based_on")
        return documents

    def get_readonly_fields(self, request: HttpRequest, obj: Document | None = None) -> tuple[str, ...]:
        return self.history

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Document | None = None) -> bool:
        return obj is None or obj.is_draft

    def has_delete_permission(self, request: HttpRequest, obj: Document | None = None) -> bool:
        return obj is not None and obj.is_draft

    def delete_model(self, request: HttpRequest, obj: Document) -> None:
        configuration.discard(obj)

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        draft = kwargs.get("obj")
        context["refusals"] = self.verbs.refusals(draft) if draft is not None and draft.is_draft else ()
        context["metrics"] = declare.every()
        return super().render_change_form(request, context, *args, **kwargs)

    def answer(self, request: HttpRequest, document: Document, verb: Callable[[], Any], done: str) -> HttpResponse:
        """Do it, say so, and go to what came of it; or stay and say why not."""
        try:
            target = verb() or document
        except Refused as refused:
            for sentence in refused.sentences:
                messages.error(request, sentence)
            target = document
        else:
            messages.success(request, done.format(target))
        return HttpResponse(headers={"HX-Redirect": page_of(target)})

    def has_publish_permission(self, request: HttpRequest, object_id: str) -> bool:
        return bool(self.document(object_id).is_draft)

    @action(
        description="Publish", url_path="publish", permissions=["publish"], icon="publish",
        dialog=dialog("Publish this draft", "It counts from today on and cannot be changed any more.", "Publish", PublishForm),
    )  # fmt: skip
    def publish(self, request: HttpRequest, form: PublishForm, object_id: str) -> HttpResponse:
        verb = partial(self.verbs.publish, form.draft, author=request.user, note=form.cleaned_data["note"])
        return self.answer(request, form.draft, verb, "{} is published.")

    def has_compare_permission(self, request: HttpRequest, object_id: str) -> bool:
        published = published_sibling(self.document(object_id))
        return published is not None and str(published.pk) != str(object_id)

    @action(
        description="Compare with the published one", url_path="compare", permissions=["compare"], icon="compare_arrows"
    )
    def compare(self, request: HttpRequest, object_id: str) -> HttpResponse:
        shown = self.document(object_id)
        published = published_sibling(shown)
        before, after = (published, shown) if shown.is_draft else (shown, published)
        context = {
            **self.admin_site.each_context(request),
            "title": f"{before} and {after}",
            "before": before,
            "after": after,
            "changes": self.verbs.differences(before, after),
            "shown": shown,
            "back": page_of(shown),
            "opts": self.opts,
        }
        return TemplateResponse(request, "health/admin_compare.html", context)

    def has_again_permission(self, request: HttpRequest, object_id: str) -> bool:
        document = self.document(object_id)
        return not document.is_draft and not configuration.siblings(document).filter(state=DRAFT).exists()

    @action(
        description="Start again from this", url_path="again", permissions=["again"], icon="edit_document",
        dialog=dialog("Start again from this version", "A new draft begins as a copy of it. Nothing is published by that.",
                      "Make the draft"),
    )  # fmt: skip
    def start_again(self, request: HttpRequest, form: SureForm, object_id: str) -> HttpResponse:
        document = self.document(object_id)
        return self.answer(request, document, partial(self.verbs.start_again_from, document), "{} is a draft now.")

    def has_retire_permission(self, request: HttpRequest, object_id: str) -> bool:
        return False

    @action(
        description="Retire", url_path="retire", permissions=["retire"], icon="archive",
        dialog=dialog("Retire this scorecard", "No account gets it any more. Earlier days keep it.", "Retire"),
    )  # fmt: skip
    def retire(self, request: HttpRequest, form: SureForm, object_id: str) -> HttpResponse:
        document = self.document(object_id)
        return self.answer(request, document, partial(scorecards.retire, document), "{} is retired.")


class OnlyOneAdmin(DocumentAdmin):
    """A document of which there is one in force for everybody: its drafts begin in the list."""

    list_display = ("__str__", "state", "note", "author", "published_at")
    ordering = ("-number",)
    actions_list = ("begin",)

    def has_begin_permission(self, request: HttpRequest) -> bool:
        return not self.model._default_manager.filter(state=DRAFT).exists()

    @action(
        description="New draft", url_path="begin", permissions=["begin"], icon="add",
        dialog=dialog("New draft", "It begins as a copy of what is published.", "Make the draft"),
    )  # fmt: skip
    def begin(self, request: HttpRequest, form: SureForm) -> HttpResponse:
        return HttpResponse(headers={"HX-Redirect": page_of(self.verbs.start_again_from(None))})


# --- Scorecards ------------------------------------------------------------------------------------------------------


class GroupInline(PartInline):
    model = Group
    fields = ("label", "key", "weight", "position")

    def get_prepopulated_fields(self, request: HttpRequest, obj: Document | None = None) -> dict[str, tuple[str, ...]]:
        return {"key": ("label",)} if self.has_change_permission(request, obj) else {}


class MeasureInline(PartInline):
    model = Measure
    form = MeasureForm
    fields = (
        "metric", "window", "group", "weight", "share", "scale", "missing", "points_when_missing", "min_n", "max_age_days",
        "min_days", "position",
    )  # fmt: skip
    readonly_fields = ("share",)

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> type[Any]:
        # An inline is made for each request, so it can keep what belongs to its version.
        self.shares = scorecards.shares(scorecards.parts_of(obj)) if obj else {}
        formset: type[Any] = super().get_formset(request, obj, **kwargs)
        if obj and "group" in formset.form.base_fields:
            group: Any = formset.form.base_fields["group"]
            group.queryset = obj.groups.all()
            group.widget.can_add_related = group.widget.can_change_related = group.widget.can_delete_related = False
            group.widget.can_view_related = False
        return formset

    @admin.display(description="Share")
    def share(self, measure: Measure) -> str:
        """What it counts for of the whole score when everything has a reading."""
        return f"{self.shares[measure.pk]:.1f}\N{NO-BREAK SPACE}%" if measure.pk in self.shares else ""


class GuardInline(PartInline):
    model = Guard
    form = GuardForm
    fields = ("metric", "window", "comparison", "value", "release", "cap", "min_n", "max_age_days", "position")


@admin.register(ScorecardVersion)
class ScorecardVersionAdmin(DocumentAdmin):
    """One version of a scorecard, with all that it is made of on one page."""

    verbs = Verbs(scorecards.refusals, scorecards.differences, scorecards.publish, scorecards.start_again_from)
    list_display = ("__str__", "state", "note", "author", "published_at", "retired_at")
    list_filter = ("state", "scorecard")
    search_fields = ("scorecard__label", "note")
    inlines = (GroupInline, MeasureInline, GuardInline)
    change_form_after_template = "health/admin_metrics.html"
    fieldsets = (
        (None, {"fields": (("green", "yellow"), ("margin", "min_coverage"))}),
        ("History", {"fields": DocumentAdmin.history, "classes": ("collapse",)}),
    )

    def get_queryset(self, request: HttpRequest | None) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("scorecard", "based_on__scorecard")

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Versions are found under their scorecard."""
        return False

    def has_retire_permission(self, request: HttpRequest, object_id: str) -> bool:
        version = self.document(object_id)
        live = LineUpEntry.objects.filter(line_up__state=PUBLISHED, scorecard=version.scorecard)
        return version.state == PUBLISHED and not live.exists()


class VersionInline(TabularInline):  # type: ignore[misc]
    """The versions of a scorecard, newest first."""

    model = ScorecardVersion
    fields = readonly_fields = ("version", "state", "note", "author", "published_at", "retired_at")
    ordering = ("-number",)
    extra = 0
    hide_title = True
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    @admin.display(description="Version")
    def version(self, version: ScorecardVersion) -> SafeString:
        return format_html('<a class="text-link" href="{}">{}</a>', page_of(version), version.number)


@admin.register(Scorecard)
class ScorecardAdmin(ModelAdmin):  # type: ignore[misc]
    """A scorecard's name is what files and interfaces call it, so it stays once made."""

    list_display = ("label", "name", "in_force", "in_draft")
    search_fields = ("label", "name")
    fields = ("label", "name")
    inlines = (VersionInline,)
    actions = None
    actions_detail = ("new_draft",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Scorecard]:
        cards: QuerySet[Scorecard] = super().get_queryset(request).prefetch_related("versions")
        return cards

    def get_readonly_fields(self, request: HttpRequest, obj: Scorecard | None = None) -> tuple[str, ...]:
        return ("name",) if obj else ()

    def get_prepopulated_fields(self, request: HttpRequest, obj: Scorecard | None = None) -> dict[str, tuple[str, ...]]:
        return {} if obj else {"name": ("label",)}

    def get_inlines(self, request: HttpRequest, obj: Scorecard | None) -> tuple[type[VersionInline], ...]:
        return self.inlines if obj else ()

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def response_add(self, request: HttpRequest, obj: Scorecard, post_url_continue: str | None = None) -> HttpResponse:
        """Straight to its first draft."""
        return HttpResponseRedirect(page_of(scorecards.new_draft(obj)))

    @admin.display(description="In force")
    def in_force(self, scorecard: Scorecard) -> str:
        return self._link(scorecard, PUBLISHED)

    @admin.display(description="Draft")
    def in_draft(self, scorecard: Scorecard) -> str:
        return self._link(scorecard, DRAFT)

    def _link(self, scorecard: Scorecard, state: str) -> str:
        found = next((version for version in scorecard.versions.all() if version.state == state), None)
        if found is None:
            return "–"
        return format_html('<a class="text-link" href="{}">version {}</a>', page_of(found), found.number)

    def has_new_permission(self, request: HttpRequest, object_id: str) -> bool:
        return not ScorecardVersion.objects.filter(scorecard__pk=object_id, state=DRAFT).exists()

    @action(
        description="New draft", url_path="draft", permissions=["new"], icon="add",
        dialog=dialog("New draft", "It begins as a copy of the published version.", "Make the draft"),
    )  # fmt: skip
    def new_draft(self, request: HttpRequest, form: SureForm, object_id: str) -> HttpResponse:
        draft = scorecards.new_draft(Scorecard.objects.get(pk=object_id))
        return HttpResponse(headers={"HX-Redirect": page_of(draft)})


# --- Line-up and settings --------------------------------------------------------------------------------------------


class EntryInline(PartInline):
    model = LineUpEntry
    form = EntryForm
    fields = ("scorecard", "segment", "position")


@admin.register(LineUp)
class LineUpAdmin(OnlyOneAdmin):
    """Which scorecard an account gets: the first whose segment it is in."""

    verbs = Verbs(
        configuration.line_up_refusals,
        configuration.line_up_differences,
        configuration.publish_line_up,
        configuration.new_line_up,
    )
    inlines = (EntryInline,)
    fieldsets = (("History", {"fields": DocumentAdmin.history, "classes": ("collapse",)}),)


@admin.register(Settings)
class SettingsAdmin(OnlyOneAdmin):
    """Everything besides scorecards that can move a reading."""

    verbs = Verbs(
        configuration.settings_refusals,
        configuration.settings_differences,
        configuration.publish_settings,
        configuration.new_settings,
    )
    form = SettingsForm

    def get_fieldsets(self, request: HttpRequest, obj: Settings | None = None) -> list[Any]:
        history = ("History", {"fields": self.history, "classes": ("collapse",)})
        if obj is not None and not obj.is_draft:
            return [(None, {"fields": ("says",)}), history]
        return [(None, {"fields": tuple(rules.READERS)}), history]

    def get_readonly_fields(self, request: HttpRequest, obj: Document | None = None) -> tuple[str, ...]:
        return (*self.history, "says")

    @admin.display(description="What they say")
    def says(self, settings: Settings) -> SafeString:
        return format_html_join("", "<p><b>{}</b>: {}</p>", rules.in_words(rules.rules_of(settings.document)))


# --- The log ---------------------------------------------------------------------------------------------------------


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
