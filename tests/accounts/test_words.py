"""Finding by the beginnings of words."""

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import Account
from accounts.words import begin

pytestmark = pytest.mark.django_db


def found(text: str, *names: str) -> list[str]:
    now = timezone.now()
    Account.objects.bulk_create(Account(name=name, created_at=now, updated_at=now) for name in names)
    return sorted(Account.objects.filter(begin("name", text)).values_list("name", flat=True))


@pytest.mark.parametrize(("text", "names", "expected"), [
    ("ann", ("Ann", "Annex", "Hannover", "Joanna"), ["Ann", "Annex"]),
    ("ANN", ("ann",), ["ann"]),
    ("foods north", ("North Foods", "Northern Foods Ltd", "North"), ["North Foods", "Northern Foods Ltd"]),
    ("o'br", ("Liam O'Brien", "Oscar Bright", "Brian"), ["Liam O'Brien", "Oscar Bright"]),
    ("tess", ("tess@loomline.example", "loomline-tess", "Contessa"), ["loomline-tess", "tess@loomline.example"]),
    ("loom", ("tess@loomline.example", "https://www.loomline.example/a", "bloom"), ["https://www.loomline.example/a", "tess@loomline.example"]),
    ("47", ("Account 4711", "Account 1147", "4.7"), ["Account 4711"]),
    ("über", ("Überlingen", "Zuber"), ["Überlingen"]),
    ("%", ("100% Foods", "100 Foods"), ["100% Foods"]),
    ("a & !b", ("A and B", "a"), ["A and B"]),
    ("':*", ("it's", "':* odd"), ["':* odd"]),
    ("foo_bar", ("foo_bar", "foo bar", "foobar"), ["foo bar", "foo_bar"]),
])  # fmt: skip
def test_words_are_found_by_how_they_begin(text: str, names: tuple[str, ...], expected: list[str]) -> None:
    assert found(text, *names) == expected


def test_the_index_of_the_words_answers() -> None:
    query = Account.objects.filter(begin("name", "ann")).order_by().query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute("set local enable_seqscan = off")
        cursor.execute(f"explain {query[0]}", query[1])
        assert "account_names" in "".join(line for (line,) in cursor.fetchall())
