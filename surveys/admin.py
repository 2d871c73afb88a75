"""Surveys as their source describes them, to look up."""

from django.contrib import admin

from accounts.admin import KnownNowAdmin
from surveys.models import Survey


@admin.register(Survey)
class SurveyAdmin(KnownNowAdmin):
    told = ("name", "kind", "question", "minimum", "maximum", "high_is_good")
    list_display = ("name", "kind", "minimum", "maximum", "source", "received_at")
    list_select_related = ("source",)
    list_filter = ("kind", "source")
    search_fields = ("name",)
    search_help_text = "Name"
    ordering = ("name",)
