"""What can be sent: every kind of record with its members."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts import handbook, kinds
from health.views.requests import PageRequest


@require_safe
@login_required
def record_kinds(request: PageRequest) -> HttpResponse:
    """The registry, as a page to look things up in; what every kind has is said once."""
    # What customers are comes before what they ask and say.
    in_order = sorted(kinds.every(), key=lambda kind: kind.serializer.__module__)
    members = {kind.name: list(handbook.members(kind)) for kind in in_order}
    first, *others = members.values()
    always = [member for member in first if all(member in other for other in others)]
    own = [(kind, [member for member in members[kind.name] if member not in always]) for kind in in_order]
    return render(request, "health/kinds.html", {"section": "data", "kinds": own, "always": always})
