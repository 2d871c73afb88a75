"""Charts of the account's page and of the first, each also as a table. Lengths are SVG attributes."""

from collections.abc import Mapping

from django import template
from django.http import HttpRequest, QueryDict
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()


# --- A chart or the same data as a table ------------------------------------------------------------------------------


@register.filter
def as_table(query: Mapping[str, str], name: str) -> bool:
    """Whether the address asks for this chart's data as a table."""
    return query.get(f"{name}-as") == "table"


@register.simple_tag(takes_context=True)
def switch(context: Mapping[str, object], name: str, there: str) -> SafeString:
    """Leads from a chart to the same data as a table and back; `there` is the address of the panel, `name` its id."""
    request = context["request"]
    assert isinstance(request, HttpRequest)
    is_table = as_table(request.GET, name)
    other = "chart" if is_table else "table"
    return format_html(
        '<a class="btn btn-quiet" id="{0}-as" href="?{1}#{0}" hx-get="{2}?{0}-as={3}" hx-target="#{0}" '
        'hx-swap="outerHTML">{4}</a>',
        name,
        _with(request.GET, f"{name}-as", None if is_table else "table"),
        there,
        other,
        other.capitalize(),
    )


def _with(query: QueryDict, name: str, value: str | None) -> str:
    """The query of an address with one thing said otherwise."""
    said = query.copy()
    said.pop(name, None)
    if value is not None:
        said[name] = value
    return said.urlencode()
