"""Tickets as their source last described them, to look up."""

from django.contrib import admin

from accounts.admin import KnownNowAdmin
from support.models import Ticket


@admin.register(Ticket)
class TicketAdmin(KnownNowAdmin):
    list_display = ("subject", "account", "status", "priority", "escalated", "opened_at", "source")
    list_select_related = ("account", "source")
    list_filter = ("status", "priority", "escalated", "source")
    search_fields = ("subject",)
    search_help_text = "Subject"
    ordering = ("-opened_at",)
    show_full_result_count = False
