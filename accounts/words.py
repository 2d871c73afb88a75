"""Finding by the beginnings of words: "ann" finds Ann and Annex, but not Hannover. PostgreSQL's text search keeps the words of
a column in an index of its own; its dictionary `simple` takes every word as it is, in whatever language."""

import re
from typing import Any

from django.contrib.postgres.search import SearchVectorField
from django.db.models import BooleanField, F, Func, Q, Value


class Words(Func):
    """The words of a text. Whatever is neither letter nor digit parts them: for the parser alone, an address is one word."""

    template = "to_tsvector('simple'::regconfig, regexp_replace(%(expressions)s, '[^[:alnum:]]+', ' ', 'g'))"
    output_field = SearchVectorField()


class _Beginnings(Func):
    template = "to_tsquery('simple'::regconfig, %(expressions)s)"
    output_field = SearchVectorField()


class _Match(Func):
    template = "%(expressions)s"
    arg_joiner = " @@ "
    output_field = BooleanField()


def begin(column: str, text: str) -> Q:
    """Where each of the words of `text` begins a word of the column, in any order; signs alone are looked for as they are."""
    words = re.findall(r"[^\W_]+", text)
    if not words:
        return Q(**{f"{column}__contains": text})
    wanted: Any = Value(" & ".join(f"{word}:*" for word in words))
    return Q(_Match(Words(F(column)), _Beginnings(wanted)))
