"""Scorecards and their versions: groups, measures and guards, with the metrics there are."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import action

from health import scorecards
from health.admin.contents import contents, lines_of
from health.admin.documents import (
    ABOUT,
    DRAFT,
    PUBLISHED,
    DocumentAdmin,
    FoldedInline,
    PartInline,
    Parts,
    SureForm,
    Verbs,
    dialog,
    page_of,
)
from health.forms import GuardForm, MeasureForm, metric_hints
from health.models import (
    Document,
    Group,
    Guard,
    Latest,
    LineUpEntry,
    Measure,
    Scorecard,
    ScorecardVersion,
)
from health.words import NBSP


def log_of(scorecard: object) -> HttpResponse:
    """All that was written to a scorecard, its versions and their parts, stands in the audit log."""
    return HttpResponseRedirect(f"{reverse('admin:health_auditentry_changelist')}?scorecard={scorecard}")


class GroupInline(PartInline):
    model = Group
    fields = ("label", "key", "weight", "position")

    def get_prepopulated_fields(self, request: HttpRequest, obj: Document | None = None) -> dict[str, tuple[str, ...]]:
        return {"key": ("label",)} if self.has_change_permission(request, obj) else {}


POSITION = (None, {"fields": ("position",)})


class MeasureInline(FoldedInline):
    model = Measure
    form = MeasureForm
    fieldsets = (
        (None, {"fields": (("metric", "about", "window"), ("group", "weight"), "scale")}),
        (
            "When there is no reading",
            {
                "fields": (("missing", "points_when_missing"), ("min_n", "max_age_days", "min_days")),
                "classes": ("collapse",),
            },
        ),
        POSITION,
    )

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> type[Any]:
        formset: type[Any] = super().get_formset(request, obj, **kwargs)
        if obj:
            formset.form.told = {
                pk: (line.label, f"{line.share} of the score: {line.said}")
                for pk, line in lines_of(scorecards.parts_of(obj)).items()
            }
        if obj and "group" in formset.form.base_fields:
            group: Any = formset.form.base_fields["group"]
            group.queryset = obj.groups.all()
            group.widget.can_add_related = group.widget.can_change_related = group.widget.can_delete_related = False
            group.widget.can_view_related = False
        return formset


class GuardInline(FoldedInline):
    model = Guard
    form = GuardForm
    fieldsets = (
        (None, {"fields": (("metric", "about", "window"), ("comparison", "value", "release", "cap"))}),
        ("When there is no reading", {"fields": (("min_n", "max_age_days"),), "classes": ("collapse",)}),
        POSITION,
    )

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> type[Any]:
        formset: type[Any] = super().get_formset(request, obj, **kwargs)
        if obj:
            formset.form.told = {guard.pk: (scorecards.guard_in_words(guard), "") for guard in obj.guards.all()}
        return formset


@admin.register(ScorecardVersion)
class ScorecardVersionAdmin(DocumentAdmin):
    """One version of a scorecard, with all that it is made of on one page."""

    verbs = Verbs(scorecards.refusals, scorecards.differences, scorecards.publish, scorecards.start_again_from)
    list_display = ("__str__", "state", "note", "author", "published_at", "retired_at")
    list_filter = ("state", "scorecard")
    search_fields = ("scorecard__label", "note")
    search_help_text = "Scorecard or note"
    inlines = (GroupInline, MeasureInline, GuardInline)
    change_form_after_template = "health/admin_metrics.html"
    change_form_outer_before_template = "health/admin_scorecard.html"
    fieldsets = (
        (None, {"fields": (("green", "yellow"), ("margin", "min_coverage"))}),
        ABOUT,
    )

    class Media:
        js = ("verdant/scorecard.js",)

    def get_queryset(self, request: HttpRequest | None) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("scorecard", "based_on__scorecard")

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        version, card = kwargs["obj"], kwargs["obj"].scorecard
        context |= {"metrics": metric_hints()} if version.is_draft else told(version)
        context["within"] = {"title": card, "link": reverse("admin:health_scorecard_change", args=[card.pk])}
        return super().render_change_form(request, context, *args, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: ScorecardVersion | None = None) -> tuple[Any, ...]:
        return self.fieldsets if obj is None or obj.is_draft else (ABOUT,)

    def get_inlines(self, request: HttpRequest, obj: ScorecardVersion | None) -> tuple[type[Parts], ...]:
        """What was published is told in words; a draft has fields."""
        return self.inlines if obj is None or obj.is_draft else ()

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        return log_of(self.document(object_id).scorecard_id)

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Versions are found under their scorecard."""
        return False

    def has_retire_permission(self, request: HttpRequest, object_id: str) -> bool:
        version = self.document(object_id)
        live = LineUpEntry.objects.filter(line_up__state=PUBLISHED, scorecard=version.scorecard)
        return version.state == PUBLISHED and not live.exists()


def told(version: ScorecardVersion) -> dict[str, Any]:
    """What a version that was published says, for its page and that of its scorecard."""
    return {
        "shown": version,
        "link": page_of(version),
        "accounts": Latest.objects.filter(version_id=version.pk, churned=False).count(),
        "least": f"{version.min_coverage:.0%}".replace("%", f"{NBSP}%"),
        "contents": contents(version),
    }


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
    search_help_text = "Label or name"
    fields = ("label", "name")
    inlines = (VersionInline,)
    change_form_outer_before_template = "health/admin_scorecard.html"
    actions = None
    actions_detail = ("new_draft",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Scorecard]:
        cards: QuerySet[Scorecard] = super().get_queryset(request).prefetch_related("versions")
        return cards

    def get_readonly_fields(self, request: HttpRequest, obj: Scorecard | None = None) -> tuple[str, ...]:
        return ("name",) if obj else ()

    def get_prepopulated_fields(self, request: HttpRequest, obj: Scorecard | None = None) -> dict[str, tuple[str, ...]]:
        return {} if obj else {"name": ("label",)}

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        """Above the name what the version in force says, and one button to save."""
        context |= {"show_save_and_add_another": False, "show_save_and_continue": False}
        if kwargs["obj"]:
            version = next((one for one in kwargs["obj"].versions.all() if one.state == PUBLISHED), None)
            context |= told(version) if version else {"unused": True}
        return super().render_change_form(request, context, *args, **kwargs)

    def get_inlines(self, request: HttpRequest, obj: Scorecard | None) -> tuple[type[VersionInline], ...]:
        return self.inlines if obj else ()

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        return log_of(object_id)

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
