"""Owners assigned by hand: dated, with their job, and only where no other source is the master."""

import datetime as dt

import pytest
from pytest_django import DjangoAssertNumQueries

from accounts import attributes, owners, sources
from accounts.models import Account, AttributeDefinition, AttributeValue, Job, Role, Sees, Team, User
from accounts.undo import CannotUndo
from tests.accounts.build import account, applied, company, noon, send

pytestmark = pytest.mark.django_db

DAY = dt.timedelta(days=1)
NOW = noon("2024-06-03")


@pytest.fixture
def dana() -> User:
    return User.objects.create_user("dana@loomline.example", name="Dana Whitfield")


@pytest.fixture
def marco() -> User:
    return User.objects.create_user("marco@loomline.example", name="Marco Reyes")


@pytest.fixture
def mona() -> User:
    return User.objects.create_user("mona@loomline.example", name="Mona Okafor", role=Role.MANAGER)


def owned(external_id: str, owner: User) -> None:
    """An account whose owner the CRM has told."""
    applied(send("accounts", {"external_id": external_id, "name": "Acme", "owner": owner.email}))


def owner_at(one: Account, moment: dt.datetime) -> str | None:
    found = AttributeValue.objects.known(moment).filter(account=one, definition__name="owner", applied=True).first()
    return found.text if found else None


def assigned(one: Account, to: User, by: User, now: dt.datetime = NOW) -> owners.Assignment:
    one.refresh_from_db()
    return owners.assign([one], to, by=by, now=now)


def test_an_account_has_its_new_owner_from_now_on_and_the_old_one_before(dana: User, marco: User, mona: User) -> None:
    company("A-1")
    acme = account()
    assigned(acme, dana, mona)
    found = assigned(acme, marco, mona, NOW + DAY)
    acme.refresh_from_db()
    assert (acme.owner, found.changed) == (marco, 1)
    assert acme.dirty_since is not None
    assert owner_at(acme, NOW) == dana.email
    assert owner_at(acme, NOW + DAY) == marco.email


def test_it_is_known_who_assigned(dana: User, mona: User) -> None:
    company("A-1")
    job = assigned(account(), dana, mona).job
    assert job is not None
    assert (str(job.source), job.requested_by, job.counts) == ("Verdant", mona, {"updated": 1})
    assert AttributeValue.objects.get(definition__name="owner").job == job


def test_where_another_source_is_the_master_nothing_changes_and_that_is_said(
    dana: User, marco: User, mona: User
) -> None:
    owned("A-1", dana)
    acme = account()
    found = assigned(acme, marco, mona)
    acme.refresh_from_db()
    assert (acme.owner, found.job, found.changed, found.elsewhere) == (dana, None, 0, {"crm": 1})
    assert not Job.objects.exists()


def test_where_verdant_is_the_master_its_word_applies_above_that_of_other_sources(
    dana: User, marco: User, mona: User
) -> None:
    owned("A-1", dana)
    acme = account()
    attributes.set_master(AttributeDefinition.objects.get(name="owner"), sources.own(), NOW)
    assert assigned(acme, marco, mona).changed == 1
    owned("A-1", mona)
    acme.refresh_from_db()
    assert acme.owner == marco


def test_whose_it_is_already_is_counted_and_left(dana: User, mona: User) -> None:
    owned("A-1", dana)
    found = assigned(account(), dana, mona)
    assert (found.job, found.already, found.elsewhere) == (None, 1, {})


def test_an_assignment_is_taken_back(dana: User, marco: User, mona: User) -> None:
    owned("A-1", dana)
    company("A-2")
    attributes.set_master(AttributeDefinition.objects.get(name="owner"), sources.own(), NOW)
    both = list(Account.objects.order_by("pk"))
    job = owners.assign(both, marco, by=mona, now=NOW).job
    assert job is not None
    assert owners.assignments(mona, NOW).get() == job
    owners.take_back(job, NOW + DAY)
    assert [one.owner for one in Account.objects.order_by("pk")] == [dana, None]
    assert not owners.assignments(mona, NOW).exists()
    assert owner_at(both[0], NOW) == marco.email


def test_an_assignment_that_another_one_followed_stands(dana: User, marco: User, mona: User) -> None:
    company("A-1")
    acme = account()
    first = assigned(acme, dana, mona).job
    assigned(acme, marco, mona, NOW + DAY)
    assert first is not None
    with pytest.raises(CannotUndo):
        owners.take_back(first, NOW + DAY)


def test_an_account_that_its_source_deletes_is_gone_whoever_it_was_assigned_to(dana: User, mona: User) -> None:
    company("A-1")
    acme = account()
    assigned(acme, dana, mona)
    applied(send("accounts", {"external_id": "A-1", "deleted": True}))
    acme.refresh_from_db()
    assert acme.deleted_at is not None


def test_who_may_assign_and_to_whom(dana: User, marco: User, mona: User) -> None:
    west = Team.objects.create(name="West")
    dana.team = mona.team = west
    dana.save()
    mona.save()
    User.objects.create_user("gone@loomline.example", is_active=False)
    assert [owners.may_assign(user) for user in (dana, mona)] == [False, True]
    assert list(owners.candidates(mona)) == [dana, marco, mona]
    mona.sees = Sees.TEAM
    assert list(owners.candidates(mona)) == [dana, mona]
    mona.sees = Sees.OWN
    assert list(owners.candidates(mona)) == [mona]


def test_many_take_the_same_queries_as_one(
    dana: User, marco: User, mona: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(30):
        company(f"A-{number}")
    accounts = list(Account.objects.all())
    owners.assign(accounts[:1], dana, by=mona, now=NOW)
    with django_assert_num_queries(QUERIES):
        owners.assign(accounts[1:3], dana, by=mona, now=NOW)
    with django_assert_num_queries(QUERIES):
        owners.assign(accounts[3:], dana, by=mona, now=NOW)


QUERIES = 17
