"""What can be sent, told from the registry itself, so that it cannot be told wrong."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from rest_framework import serializers

from accounts import fields
from accounts.kinds import Kind

WORDS: dict[type[serializers.Field[Any, Any, Any, Any]], str] = {
    fields.ExternalIdText: "id",
    fields.EmailText: "e-mail address",
    fields.Currency: "currency code",
    fields.Text: "text",
    fields.GrainField: "day or week",
    fields.Word: "one of",
    fields.Flag: "yes or no",
    fields.Day: "day",
    fields.Moment: "time",
    fields.Whole: "whole number",
    fields.Number: "number",
    fields.Amount: "amount",
    fields.Custom: "names and values",
}


@dataclass(frozen=True, slots=True)
class Member:
    """One member of a record, in words."""

    name: str
    type: str
    words: tuple[str, ...]
    needed: bool
    clearable: bool
    help: str


def members(kind: Kind) -> Iterator[Member]:
    """The members of a kind's records, in the order of its declaration."""
    for name, field in kind.fields.items():
        words = tuple(str(word) for word in field.choices) if isinstance(field, fields.Word) else ()
        needed = name in kind.needs or name == "external_id"
        yield Member(name, _type(field), words, needed, field.allow_null, str(field.help_text or ""))


def _type(field: serializers.Field[Any, Any, Any, Any]) -> str:
    if isinstance(field, fields.Reference):
        return f"id of {field.kind}"
    if isinstance(field, fields.References):
        child = field.child
        return f"ids of {child.kind}" if isinstance(child, fields.Reference) else "ids"
    return next(word for cls, word in WORDS.items() if isinstance(field, cls))
