"""Find, and help: what leads to a thing by its name, and to a word by its meaning."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from health import glossary
from health.search import SHORTEST, search
from health.views.requests import PageRequest


@require_safe
@login_required
def find(request: PageRequest) -> HttpResponse:
    """What is called like what was typed; as a part of the page while somebody types."""
    words = request.GET.get("q", "").strip()
    groups = search(request.user, words)
    context = {
        "section": "search",
        "words": words,
        "groups": groups,
        "total": sum(len(group.hits) for group in groups),
        "short": len(words) < SHORTEST,
    }
    return render(request, "health/search_found.html" if request.htmx else "health/search.html", context)


@require_safe
@login_required
def help_page(request: PageRequest) -> HttpResponse:
    """How a score is made, what the words mean, which keys there are; the keys alone in a dialog."""
    terms = sorted(glossary.TERMS.items(), key=lambda item: item[1].name.lower())
    context = {"section": "help", "terms": terms, "keys": glossary.KEYS, "steps": glossary.STEPS}
    return render(request, "health/help_keys.html" if request.htmx else "health/help.html", context)
