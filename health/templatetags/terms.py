"""The words of the product where they stand on a page, with what they mean."""

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from health.glossary import TERMS

register = template.Library()


@register.simple_tag
def term(name: str, label: str = "") -> SafeString:
    """A word with its meaning: said on hover, focus and touch, and where it leads to. An unknown one fails loudly."""
    return format_html(
        '<a class="term" href="{}#{}" aria-description="{}">{}</a>',
        reverse("help"),
        name,
        TERMS[name].says,
        label or TERMS[name].name,
    )


@register.simple_tag
def question(name: str) -> SafeString:
    """A mark that says what the word before it means, where that word does something else already."""
    meant = TERMS[name]
    return format_html(
        '<a class="term term-mark" href="{}#{}" aria-label="What {} is" aria-description="{}">?</a>',
        reverse("help"),
        name,
        meant.name,
        meant.says,
    )


@register.filter
def meaning(name: str) -> str:
    """What a word means, for an element that carries it itself."""
    return TERMS[name].says
