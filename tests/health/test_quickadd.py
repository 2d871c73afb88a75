"""What a typed line says, as a table."""

import datetime as dt

import pytest

from health.quickadd import day_in, kind_in, spelled_out, suggested, understand, without_day

WEDNESDAY = dt.date(2026, 11, 25)
PEOPLE = {1: "Renée Okafor", 2: "Hugh Marchetti", 3: "Paula Stroud", 4: "Paul Okafor", 5: "Ines Carrow"}


@pytest.mark.parametrize(
    ("line", "behind", "ahead"),
    [
        ("Call today", "2026-11-25", "2026-11-25"),
        ("tomorrow: send the deck", "2026-11-26", "2026-11-26"),
        ("We spoke yesterday", "2026-11-24", "2026-11-24"),
        ("Nov 24 call", "2026-11-24", "2027-11-24"),
        ("nov. 24th", "2026-11-24", "2027-11-24"),
        ("by December 3", "2026-12-03", "2026-12-03"),
        ("3 Dec", "2026-12-03", "2026-12-03"),
        ("Dec 3, 2027", "2027-12-03", "2027-12-03"),
        ("Jan 10", "2027-01-10", "2027-01-10"),
        ("2026-12-24", "2026-12-24", "2026-12-24"),
        ("on Friday", "2026-11-20", "2026-11-27"),
        ("wednesday", "2026-11-25", "2026-12-02"),
        ("next wed", "2026-12-02", "2026-12-02"),
        ("last Wednesday", "2026-11-18", "2026-11-18"),
        ("next friday", "2026-11-27", "2026-11-27"),
        ("last mon", "2026-11-23", "2026-11-23"),
        ("in 3 days", "2026-11-28", "2026-11-28"),
        ("in 2 weeks", "2026-12-09", "2026-12-09"),
        ("2 weeks ago", "2026-11-11", "2026-11-11"),
        ("tomorrow or Friday", "2026-11-26", "2026-11-26"),
        ("Feb 30", None, None),
        ("2026-13-01", None, None),
        ("in 9999 weeks", None, None),
        ("Feb 29", None, None),
        ("They may renew", None, None),
        ("Monday.com integration", "2026-11-23", "2026-11-30"),
        ("todays numbers", None, None),
        ("the sun", None, None),
        ("", None, None),
    ],
)
def test_a_line_names_a_day(line: str, behind: str | None, ahead: str | None) -> None:
    assert day_in(line, WEDNESDAY, ahead=False) == (dt.date.fromisoformat(behind) if behind else None)
    assert day_in(line, WEDNESDAY, ahead=True) == (dt.date.fromisoformat(ahead) if ahead else None)


@pytest.mark.parametrize(
    ("line", "contacts", "unfinished"),
    [
        ("Call with @Renée Okafor today", (1,), None),
        ("call with @renee", (1,), None),
        ("@Hugh and @ines", (2, 5), None),
        ("@marchetti called", (2,), None),
        ("@Okafor", (), "Okafor"),
        ("@Paul", (4,), None),
        ("@Paula said no", (3,), None),
        ("@pau", (), "pau"),
        ("@", (), ""),
        ("@Nobody", (), "Nobody"),
        ("@Nobody came to the long call", (), None),
        ("mail to hugh@example.com", (), None),
        ("@Hugh @hugh", (2,), None),
        ("no contact", (), None),
    ],
)
def test_a_line_names_contacts(line: str, contacts: tuple[int, ...], unfinished: str | None) -> None:
    said = understand(line, WEDNESDAY, PEOPLE, ahead=False)
    assert (said.contacts, said.open) == (contacts, unfinished)


@pytest.mark.parametrize(
    ("line", "left"),
    [
        ("Call with @Renée Okafor today", "Call with Renée Okafor today"),
        ("@renee, then @hugh", "Renée Okafor, then Hugh Marchetti"),
        ("@RENE\u0301E’s team", "Renée Okafor’s team"),
        ("@Okafor called", "Renée Okafor and Paul Okafor called"),
        ("@Nobody, hugh@example.com", "@Nobody, hugh@example.com"),
    ],
)
def test_names_stand_for_the_marks_where_a_line_is_kept(line: str, left: str) -> None:
    assert spelled_out(line, PEOPLE, present=[1, 2, 4]) == left


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("Call with Renée", "call"),
        ("Called Renée", "call"),
        ("E-mailed the deck", "email"),
        ("Met Hugh in Memphis", "meeting"),
        ("QBR, then a call", "business_review"),
        ("Business review planned", "business_review"),
        ("Nothing of the kind", ""),
        ("recalled", ""),
    ],
)
def test_a_line_names_a_kind(line: str, kind: str) -> None:
    assert kind_in(line) == kind


def test_names_are_suggested_by_how_any_of_their_words_begins() -> None:
    assert suggested("oka", PEOPLE) == [1, 4]
    assert suggested("Ren", PEOPLE) == [1]
    assert suggested("", PEOPLE, most=2) == [1, 2]
    assert suggested("x", PEOPLE) == []


@pytest.mark.parametrize(
    ("line", "left"),
    [
        ("Find a sponsor tomorrow", "Find a sponsor"),
        ("Send the deck by Nov 24", "Send the deck"),
        ("Send the deck, Nov 24.", "Send the deck"),
        ("Review tomorrow with Renée", "Review tomorrow with Renée"),
        ("tomorrow", ""),
        ("Call Renée on friday", "Call Renée"),
    ],
)
def test_a_day_at_the_end_is_left_out_of_what_is_to_be_done(line: str, left: str) -> None:
    assert without_day(line) == left
