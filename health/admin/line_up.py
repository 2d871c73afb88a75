"""Which scorecard is for whom, and the settings: of each one document is in force."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from health import configuration, rules
from health.admin.documents import ABOUT, OnlyOneAdmin, PartInline, Verbs
from health.forms import EntryForm, SettingsForm
from health.models import (
    LineUp,
    LineUpEntry,
    Settings,
)


class EntryInline(PartInline):
    model = LineUpEntry
    form = EntryForm
    fields = ("scorecard", "segment", "position")
    empty_value_display = "everybody else"


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
    fieldsets = (ABOUT,)


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
    change_form_outer_before_template = "health/admin_settings.html"

    def get_fieldsets(self, request: HttpRequest, obj: Settings | None = None) -> list[Any]:
        if obj is not None and not obj.is_draft:
            return [ABOUT]
        return [(None, {"fields": tuple(rules.READERS)}), ABOUT]

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        settings = kwargs["obj"]
        if not settings.is_draft:
            context["settings"] = rules.in_words(rules.rules_of(settings.document))
        return super().render_change_form(request, context, *args, **kwargs)
