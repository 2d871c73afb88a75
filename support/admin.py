"""Tickets as their source last described them, to look up."""

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.admin import KnownNowAdmin
from accounts.models import EndUser, Stakeholder
from support.models import Ticket


@admin.register(Ticket)
class TicketAdmin(KnownNowAdmin):
    told = (
        "subject", "customer", "asked_by", "status", "priority", "category", "escalated", "opened_at", "first_replied_at",
        "solved_at",
    )  # fmt: skip
    list_display = ("subject", "account", "status", "priority", "escalated", "opened_at", "source")
    list_select_related = ("account", "source")
    list_filter = ("status", "priority", "escalated", "source")
    search_fields = ("subject",)
    search_help_text = "Subject"
    ordering = ("-opened_at",)
    show_full_result_count = False

    @admin.display(description="Account")
    def customer(self, ticket: Ticket) -> SafeString:
        there = reverse("account", args=[ticket.account.public_id])
        return format_html('<a class="text-link" href="{}">{}</a>', there, ticket.account)

    @admin.display(description="Asked by")
    def asked_by(self, ticket: Ticket) -> str:
        """Whom its source names, as they are known now."""
        stakeholder = Stakeholder.objects.known().filter(record=ticket.stakeholder_record).first()
        user = EndUser.objects.known().filter(record=ticket.end_user_record).first()
        if stakeholder is not None:
            return str(stakeholder.name)
        return str(user.name or user.external_id) if user is not None else "–"
