"""Attributes as metrics: numbers, yes and no, ranks, and what they were before."""

import pytest

from accounts.models import Account, AttributeValue, Job
from health.metrics import declare
from health.metrics.cases import Cases
from health.metrics.read import Asked, read
from health.scoring.card import State
from tests.health.metrics.contracts import attributed
from tests.health.metrics.facts import DAY, RULES, account, day, moment, reading, source, state, value

pytestmark = pytest.mark.django_db


@pytest.fixture
def acme(db: None) -> Account:
    return account()


def test_a_number_reads_as_it_is_and_ages_from_when_it_was_said(acme: Account) -> None:
    attributed(acme, "employees", "1250.5", "2025-06-10")
    assert reading("attribute:employees", acme) == (1250.5, State.FRESH, 1, 20)


def test_yes_is_one_and_no_is_zero(acme: Account) -> None:
    attributed(acme, "pilot", "Yes", "2025-06-10", type="yes_no")
    attributed(acme, "at_risk", "no", "2025-06-10", type="yes_no")
    assert (value("attribute:pilot", acme), value("attribute:at_risk", acme)) == (1, 0)


def test_a_ranked_choice_reads_its_place_the_lowest_being_one(acme: Account) -> None:
    attributed(acme, "plan", "gold", "2025-06-10", type="ranked", ranks=["bronze", "silver", "gold"])
    assert value("attribute:plan", acme) == 3
    attributed(acme, "plan", "platinum", "2025-06-20")  # not in the dictionary
    assert state("attribute:plan", acme) == State.NOT_APPLICABLE
    assert value("attribute:plan", acme, "2025-06-19") == 3


def test_text_is_no_number_even_if_it_looks_like_one(acme: Account) -> None:
    attributed(acme, "postcode", "10115", "2025-06-10", type="text")
    assert state("attribute:postcode", acme) == State.NOT_APPLICABLE


def test_an_attribute_nobody_set_or_that_was_cleared_is_missing(acme: Account) -> None:
    assert state("attribute:employees", acme) == State.NONE
    attributed(acme, "employees", "12", "2025-06-10")
    attributed(acme, "employees", None, "2025-06-20")
    assert state("attribute:employees", acme) == State.NONE
    assert value("attribute:employees", acme, "2025-06-19") == 12


def test_each_day_reads_the_value_of_that_day(acme: Account) -> None:
    for text, at in (("1", "2025-01-10"), ("2", "2025-03-10"), ("3", "2025-06-10")):
        attributed(acme, "rating", text, at)
    days = ("2025-01-09", "2025-01-10", "2025-03-09", "2025-03-10", "2025-06-10", DAY)
    assert [value("attribute:rating", acme, on) for on in days] == [None, 1, 1, 2, 3, 3]


def test_a_value_received_later_is_invisible_as_known_then(acme: Account) -> None:
    attributed(acme, "rating", "1", "2025-01-10")
    attributed(acme, "rating", "2", "2025-06-01", received="2025-07-05")
    assert value("attribute:rating", acme, known="2025-07-01") == 1
    assert value("attribute:rating", acme) == 2
    assert state("attribute:rating", acme, known="2025-01-09") == State.NONE


def test_what_was_said_of_the_past_later_holds_for_the_past(acme: Account) -> None:
    attributed(acme, "rating", "1", "2025-01-10")
    attributed(acme, "rating", "2", "2025-01-10", received="2025-07-05")
    assert value("attribute:rating", acme, "2025-02-01", known="2025-07-01") == 1
    assert value("attribute:rating", acme, "2025-02-01") == 2


def test_a_source_whose_word_does_not_apply_is_only_seen(acme: Account) -> None:
    attributed(acme, "rating", "1", "2025-01-10")
    attributed(acme, "rating", "9", "2025-02-10", by="erp", applied=False)
    assert value("attribute:rating", acme) == 1


def test_what_is_known_no_more_is_gone_with_its_history(acme: Account) -> None:
    attributed(acme, "rating", "1", "2025-01-10")
    attributed(acme, "rating", "2", "2025-06-10")
    AttributeValue.objects.known().update(superseded_at=moment("2025-07-05"))
    assert state("attribute:rating", acme) == State.NONE
    assert state("attribute:rating", acme, "2025-02-01") == State.NONE
    assert value("attribute:rating", acme, "2025-02-01", known="2025-07-01") == 1


def test_what_an_undone_import_brought_was_never_true(acme: Account) -> None:
    attributed(acme, "rating", "1", "2025-01-10")
    undone = Job.objects.create(name="Import", source=source(), kind="accounts", started_at=moment(DAY), state="undone")
    wrong = attributed(acme, "rating", "9", "2025-02-10")
    AttributeValue.objects.filter(pk=wrong.pk).update(job=undone, closed_by=undone)
    attributed(acme, "rating", "1", "2025-01-10", received="2025-06-12")  # stands again
    assert value("attribute:rating", acme, "2025-03-01") == 1


def test_an_old_value_is_stale(acme: Account) -> None:
    attributed(acme, "rating", "1", "2025-06-10")
    assert state("attribute:rating", acme, max_age_days=19) == State.STALE
    assert value("attribute:rating", acme, max_age_days=20) == 1


def test_attributes_of_another_account_do_not_count(acme: Account) -> None:
    attributed(acme, "rating", "1", "2025-06-10")
    attributed(account("Other"), "rating", "5", "2025-06-10")
    assert value("attribute:rating", acme) == 1


def test_attributes_with_any_name_are_read_together(acme: Account) -> None:
    names = ("rating", '100 % sure\'s "word"', "größe")
    for number, name in enumerate(names):
        attributed(acme, name, str(number), "2025-06-10")
    asked = [Asked(metric=declare.get("attribute:rating")[0], argument=name) for name in names]
    assert read(asked, Cases.on([acme.pk], day(DAY)), RULES).values.tolist() == [[0, 1, 2]]


def test_an_attribute_has_to_be_named() -> None:
    with pytest.raises(LookupError, match="needs a name"):
        declare.get("attribute")
