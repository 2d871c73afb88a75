"""What templates say with one tag."""

import datetime as dt
import re
from collections.abc import Iterator
from decimal import Decimal

import pytest
import time_machine
from django.template import Context, Template

from health.templatetags import verdant

NBSP = "\N{NO-BREAK SPACE}"
NOON = dt.datetime(2026, 11, 19, 12, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def at_noon() -> Iterator[None]:
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.mark.parametrize("name", ["green", "yellow", "red", "unknown"])
def test_a_band_is_a_shape_and_a_word(name: str) -> None:
    band = Template(f"{{% load verdant %}}{{% band '{name}' %}}").render(Context())
    assert name.capitalize() in band
    assert "<svg" in band
    assert "band-pill" not in band
    assert "band-pill" in Template(f"{{% load verdant %}}{{% band '{name}' pill=True %}}").render(Context())


def test_the_shapes_of_bands_differ() -> None:
    assert len({shape for _, shape in verdant.BANDS.values()}) == 4


def test_an_icon_is_hidden_from_screen_readers() -> None:
    drawn = verdant.icon("search")
    assert 'aria-hidden="true"' in drawn
    assert "style=" not in drawn


def test_an_unknown_icon_fails() -> None:
    with pytest.raises(FileNotFoundError):
        verdant.icon("unicorn")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (dt.date(2026, 11, 1), f"Nov{NBSP}1"),
        (dt.date(2027, 11, 19), f"Nov{NBSP}19"),
        (dt.date(2025, 11, 18), f"Nov{NBSP}18,{NBSP}2025"),
        (dt.datetime(2026, 11, 1, 23, 30, tzinfo=dt.UTC), f"Nov{NBSP}1"),
        (None, "–"),
    ],
)
def test_a_day_says_its_year_only_from_afar(value: dt.date | None, text: str) -> None:
    assert re.sub(r"<[^>]+>", "", verdant.day(value)) == text


def test_a_day_is_that_of_the_organization(settings: object) -> None:
    settings.ORGANIZATION_TIME_ZONE = "Asia/Tokyo"  # type: ignore[attr-defined]
    assert f"Nov{NBSP}2" in verdant.day(dt.datetime(2026, 11, 1, 23, 30, tzinfo=dt.UTC))


@pytest.mark.parametrize(
    ("ago", "text"),
    [
        (dt.timedelta(seconds=30), "now"),
        (dt.timedelta(minutes=4), f"4{NBSP}min ago"),
        (dt.timedelta(hours=5), f"5{NBSP}h ago"),
        (dt.timedelta(hours=26), f"Nov{NBSP}18, 10:00"),
    ],
)
def test_a_moment_is_told_by_its_distance_for_a_day(ago: dt.timedelta, text: str) -> None:
    assert re.sub(r"<[^>]+>", "", verdant.moment(NOON - ago)) == text


@pytest.mark.parametrize(("days", "text"), [(85, f"85{NBSP}d"), (0, f"0{NBSP}d"), (-2, f"2{NBSP}d{NBSP}late")])
def test_a_day_ahead_is_told_in_days(days: int, text: str) -> None:
    assert verdant.days_to(NOON.date() + dt.timedelta(days=days)) == text


@pytest.mark.parametrize(
    ("amount", "currency", "whole", "short"),
    [
        ("184200", "USD", "$184,200", "$184k"),
        ("1840.5", "EUR", "€1,840.50", "€2k"),
        ("999499", "USD", "$999,499", "$999k"),
        ("999500", "USD", "$999,500", "$1.00M"),
        ("5000000", "CHF", f"CHF{NBSP}5,000,000", f"CHF{NBSP}5.00M"),
        ("-36840", "USD", "−$36,840", "−$37k"),
        ("0", "USD", "$0", "$0"),
    ],
)
def test_money_is_whole_on_an_account_and_short_in_totals(amount: str, currency: str, whole: str, short: str) -> None:
    assert verdant.money(Decimal(amount), currency) == whole
    assert verdant.short_money(Decimal(amount), currency) == short


def test_a_bar_is_drawn_by_attributes() -> None:
    drawn = verdant.bar(31040, 50000)
    assert 'width="62.08"' in drawn
    assert "style" not in drawn
    assert 'width="0.00"' in verdant.bar(0, 0)


@pytest.mark.parametrize(
    ("name", "letters"), [("Dana Whitfield", "DW"), ("dana@loomline.example", "D"), ("Élodie", "É")]
)
def test_initials(name: str, letters: str) -> None:
    assert verdant.initials(name) == letters


@pytest.mark.parametrize(
    ("label", "said"), [("New Password (again)", "New password (again)"), ("TOTP Code", "TOTP code")]
)
def test_labels_of_others_are_put_in_sentence_case(label: str, said: str) -> None:
    assert verdant.sentence(label) == said


def test_what_stands_between_backticks_is_code() -> None:
    assert verdant.with_code("Look at `<detail>` & more.") == "Look at <code>&lt;detail&gt;</code> &amp; more."
