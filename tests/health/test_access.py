"""Who may come through which door, and to whose accounts: two tables, and a walk through every door for every role.

A door that is new fails here until it has a row.
"""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, reverse
from django.utils import timezone

from accounts import work
from accounts.models import Account, EndUser, Job, Note, Role, Sees, Source, Stakeholder, Team, Touchpoint, User
from health import overrides
from health.book import today
from health.models import Alert, Run, SavedView
from health.scoring.card import Band
from health.urls import urlpatterns
from support.models import Ticket
from tests.accounts.build import taken_back
from tests.health.company import DAY, Company, client_of

# Whose accounts somebody sees. A blank `sees` follows from the role; an admin sees all, whatever is set.
SEES = """
role      sees   own   team's   other's
csm       -      yes   no       no
csm       own    yes   no       no
csm       team   yes   yes      no
csm       all    yes   yes      yes
manager   -      yes   yes      yes
manager   own    yes   no       no
manager   team   yes   yes      no
manager   all    yes   yes      yes
admin     -      yes   yes      yes
admin     own    yes   yes      yes
"""

# Doors to one account: what they answer to who sees it and to who does not. 302 leads back to the page.
OF_AN_ACCOUNT = """
door               method   seen   not seen
account            GET      200    404
account_changes    GET      302    404
account_course     GET      200    404
account_chart      GET      302    404
account_charts     GET      302    404
account_why        GET      302    404
account_events     GET      200    404
account_next       GET      200    404
measure            GET      302    404
timeline           GET      200    404
touchpoint_add     GET      200    404
touchpoint_add     POST     302    404
understood         POST     200    404
touchpoint_undo    POST     302    404
pulse_set          GET      200    404
pulse_set          POST     302    404
pulse_undo         POST     302    404
note_add           GET      200    404
note_add           POST     302    404
note_delete        POST     302    404
task_add           GET      200    404
task_add           POST     302    404
task_edit          GET      200    404
task_edit          POST     302    404
task_done          POST     302    404
task_delete        POST     302    404
restore            POST     302    404
override_set       GET      200    404
override_set       POST     302    404
override_end       POST     302    404
alert_seen         POST     302    404
"""

# Other doors: what they answer to a CSM or manager who sees some accounts, to who sees all, and to an admin.
OTHERS = """
door              method   some   all   admin
home              GET      200    200   200
home_panel        GET      200    200   200
home_task         POST     302    302   302
home_task_form    GET      302    302   302
home_task_form    POST     302    302   302
accounts          GET      200    200   200
accounts_export   GET      200    200   200
view_save         POST     302    302   302
tasks             GET      200    200   200
tasks             POST     200    200   200
alerts            GET      200    200   200
alerts_seen       POST     302    302   302
bulk_assign_undo  POST     404    404   404
bulk_task_undo    POST     404    404   404
search            GET      200    200   200
help              GET      200    200   200
first_day         GET      200    200   200
data              GET      200    200   200
record_kinds      GET      200    200   200
nights            GET      403    200   200
night_go_on       POST     403    403   302
job               GET      403    200   200
rejected          GET      403    404   404
source_events     GET      403    200   200
"""

# Doors for several accounts at once: what they answer to a CSM and to a manager or admin, as they see the one that is
# selected or not. 302 leads back to the list.
OF_A_SELECTION = """
door          method   csm seen   csm not seen   other seen   other not seen
bulk_assign   POST     403        403            302          404
bulk_task     POST     302        404            302          404
bulk_export   POST     200        404            200          404
"""

# Doors to one account for admins alone: what they answer to an admin, and to others who see it or not.
OF_AN_ADMIN = """
door                 method   admin   seen   not seen
account_merge        GET      200     403    404
account_merge        POST     200     403    404
account_merge_undo   POST     404     403    404
"""

# Doors to a saved view: what they answer to whom it belongs and to everybody else, shared with them or not.
OF_A_VIEW = """
door          method   own   shared   other's
view_change   POST     302   404      404
view_delete   POST     302   404      404
"""

Row = dict[str, str]


def rows(table: str) -> list[Row]:
    head, *lines = [re.split(r"\s{2,}", line.strip()) for line in table.strip().splitlines()]
    return [dict(zip(head, line, strict=True)) for line in lines]


@pytest.fixture
def west(company: Company) -> Company:
    """Dana looks at accounts; Marco is of her team and Olga is not, and each has one with something of everything."""
    team = Team.objects.create(name="West")
    User.objects.filter(pk__in=[company.dana.pk, company.marco.pk]).update(team=team)
    company.dana.refresh_from_db()
    olga = User.objects.create_user("olga@loomline.example", name="Olga Brandt")
    for name, owner in (("Calloway Freight", company.dana), ("Elm Foods", company.marco), ("Jade Hotels", olga)):
        everything_done(company, company.account(name, owner), name.split()[0])
    Run.objects.create(
        day=today(), which=1, state=Run.State.STOPPED, known_at=timezone.now(), started_at=timezone.now()
    )
    company.job()
    return company


def everything_done(company: Company, account: Account, mark: str) -> None:
    """Whatever doors reach of an account, each with a word by which it would be recognized elsewhere."""
    now, owner = timezone.now(), owner_of(account)
    company.fact(Stakeholder, account=account, name=f"{mark} contact", email=f"{mark.lower()}@example.com")
    company.fact(EndUser, account=account, external_id="u-1", name=f"{mark} user")
    company.fact(Ticket, account=account, subject=f"{mark} ticket", opened_at=now)
    work.log_touchpoint(account, at=now, kind="call", status="held", subject=f"{mark} call", now=now)
    work.set_pulse(account, 3, author=owner, comment=f"{mark} pulse", now=now)
    work.add_note(account, f"{mark} note", author=owner, now=now)
    for who in User.objects.all():
        work.add_task(account, f"{mark} task", owner=who, author=who, now=now)
    overrides.override(account, band=Band.RED, reason=f"{mark} override", last_day=today() + DAY, author=owner, now=now)
    Alert.objects.create(kind="guard_holds", account=account, says=f"{mark} alert", day=today(), raised_at=now)


def owner_of(account: Account) -> User:
    assert account.owner is not None
    return account.owner


def somebody(company: Company, role: str, sees: str) -> User:
    """Dana, in that role."""
    company.dana.role, company.dana.sees = Role(role), "" if sees == "-" else Sees(sees)
    company.dana.save()
    return company.dana


def way(door: str, account: Account) -> tuple[str, dict[str, str]]:
    """Where a door is for an account, and what goes through it."""
    day = today().isoformat()
    sent: dict[str, dict[str, str]] = {
        "touchpoint_add": {"text": "Call"},
        "understood": {"text": "Call"},
        "pulse_set": {"rating": "4"},
        "note_add": {"text": "A note."},
        "task_add": {"title": "A task"},
        "task_edit": {"title": "Another"},
        "override_set": {"band": "1", "reason": "So.", "last_day": day},
    }
    task = account.tasks.earliest("pk")
    numbers: dict[str, dict[str, Any]] = {
        "account_chart": {"name": "history"},
        "measure": {"key": "nps[180]"},  # nothing is scored
        "touchpoint_undo": {"record": Touchpoint.objects.get(account=account).record},
        "pulse_undo": {"record": account.pulses.get().record},
        "note_delete": {"number": Note.objects.get(account=account).pk},
        "task_edit": {"number": task.pk},
        "task_done": {"number": task.pk},
        "task_delete": {"number": task.pk},
    }
    if door == "alert_seen":
        return reverse(door, args=[Alert.objects.get(account=account, kind="guard_holds").pk]), {}
    if door == "restore":
        sent["restore"] = {"kept": sealed(account)}
    given = {"public_id": account.public_id, **numbers.get(door, {})}
    return reverse(door, kwargs=given), sent.get(door, {})


def sealed(account: Account) -> str:
    """A note of the account that somebody has just deleted."""
    note = work.add_note(account, "To be deleted.", author=owner_of(account), now=timezone.now())
    there = reverse("note_delete", args=[account.public_id, note.pk])
    page = client_of(owner_of(account)).post(there, headers={"HX-Request": "true"}).content.decode()
    kept = re.search(r'name="kept" value="([^"]+)"', page)
    assert kept is not None
    return kept.group(1)


def selected(account: Account, user: User) -> dict[str, str]:
    return {"id": str(account.public_id), "title": "A task", "owner": str(user.pk)}


def saved(owner: User, name: str, *, shared: bool = False) -> SavedView:
    return SavedView.objects.create(owner=owner, name=name, query="band=red", shared=shared, created_at=timezone.now())


def other_way(door: str) -> str:
    given: dict[str, dict[str, Any]] = {
        "home_panel": {"name": "movers"},
        "bulk_assign_undo": {"number": 0},
        "night_go_on": {"number": Run.objects.get().pk},
        "job": {"number": Job.objects.get().pk},
        "rejected": {"number": Job.objects.get().pk},
        "source_events": {"name": Source.objects.latest("pk").name},
    }
    return reverse(door, kwargs=given.get(door, {}))


def way_of_admin(door: str, account: Account) -> str:
    number = {"number": 0} if door == "account_merge_undo" else {}
    return reverse(door, kwargs={"public_id": account.public_id, **number})


def status(client: Client, method: str, address: str, sent: dict[str, str]) -> int:
    with taken_back():
        answer = client.post(address, sent) if method == "POST" else client.get(address)
    return int(answer.status_code)


def test_every_door_has_its_row() -> None:
    named = {pattern.name for pattern in urlpatterns if isinstance(pattern, URLPattern) and pattern.name}
    tables = (OF_AN_ACCOUNT, OTHERS, OF_A_SELECTION, OF_A_VIEW, OF_AN_ADMIN)
    assert named == {row["door"] for table in tables for row in rows(table)}


@pytest.mark.parametrize("who", rows(SEES), ids=lambda who: f"{who['role']}, sees {who['sees']}")
def test_a_role_comes_to_the_accounts_that_it_sees_and_to_no_other(who: Row, west: Company) -> None:
    client = client_of(somebody(west, who["role"], who["sees"]))
    for name, whose in (("Calloway Freight", "own"), ("Elm Foods", "team's"), ("Jade Hotels", "other's")):
        account = Account.objects.get(name=name)
        for row in rows(OF_AN_ACCOUNT):
            address, sent = way(row["door"], account)
            expected = row["seen" if who[whose] == "yes" else "not seen"]
            found = status(client, row["method"], address, sent)
            assert found == int(expected), f"{row['method']} {row['door']} of {whose} account"


@pytest.mark.parametrize("who", rows(SEES), ids=lambda who: f"{who['role']}, sees {who['sees']}")
def test_an_admin_alone_merges_accounts(who: Row, west: Company) -> None:
    user = somebody(west, who["role"], who["sees"])
    for name, whose in (("Calloway Freight", "own"), ("Elm Foods", "team's"), ("Jade Hotels", "other's")):
        account = Account.objects.get(name=name)
        for row in rows(OF_AN_ADMIN):
            expected = row["admin" if user.is_admin else "seen" if who[whose] == "yes" else "not seen"]
            found = status(client_of(user), row["method"], way_of_admin(row["door"], account), {})
            assert found == int(expected), f"{row['method']} {row['door']} of {whose} account"


@pytest.mark.parametrize("who", rows(SEES), ids=lambda who: f"{who['role']}, sees {who['sees']}")
def test_a_selection_holds_the_accounts_that_a_role_sees_and_no_other(who: Row, west: Company) -> None:
    user = somebody(west, who["role"], who["sees"])
    client, kind = client_of(user), "csm" if who["role"] == "csm" else "other"
    for name, whose in (("Calloway Freight", "own"), ("Elm Foods", "team's"), ("Jade Hotels", "other's")):
        sent = selected(Account.objects.get(name=name), user)
        for row in rows(OF_A_SELECTION):
            expected = row[f"{kind} seen" if who[whose] == "yes" else f"{kind} not seen"]
            found = status(client, row["method"], reverse(row["door"]), sent)
            assert found == int(expected), f"{row['method']} {row['door']} of {whose} account"


@pytest.mark.parametrize("who", rows(SEES), ids=lambda who: f"{who['role']}, sees {who['sees']}")
def test_a_saved_view_is_changed_and_deleted_by_whom_it_belongs(who: Row, west: Company) -> None:
    user = somebody(west, who["role"], who["sees"])
    views = {
        "own": saved(user, "Mine"),
        "shared": saved(west.marco, "Shared", shared=True),
        "other's": saved(west.marco, "Theirs"),
    }
    for row in rows(OF_A_VIEW):
        for whose, view in views.items():
            found = status(client_of(user), row["method"], reverse(row["door"], args=[view.pk]), {"name": "Another"})
            assert found == int(row[whose]), f"{row['method']} {row['door']} of a view that is {whose}"


@pytest.mark.parametrize("who", rows(SEES), ids=lambda who: f"{who['role']}, sees {who['sees']}")
def test_a_role_comes_through_the_other_doors_as_it_may(who: Row, west: Company) -> None:
    user = somebody(west, who["role"], who["sees"])
    column = "admin" if user.is_admin else "all" if user.sees_every_account else "some"
    client = client_of(user)
    for row in rows(OTHERS):
        found = status(client, row["method"], other_way(row["door"]), {"line": "For no account", "name": "Mine"})
        assert found == int(row[column]), f"{row['method']} {row['door']}"


def test_who_is_not_signed_in_is_led_to_the_sign_in_by_every_door(west: Company) -> None:
    account = west.dana.accounts.get()
    for row in rows(OF_AN_ACCOUNT):
        address, sent = way(row["door"], account)
        assert leads_to_sign_in(row["method"], address, sent), row
    for row in rows(OTHERS):
        assert leads_to_sign_in(row["method"], other_way(row["door"]), {}), row
    for row in rows(OF_A_SELECTION):
        assert leads_to_sign_in(row["method"], reverse(row["door"]), selected(account, west.dana)), row
    for row in rows(OF_AN_ADMIN):
        assert leads_to_sign_in(row["method"], way_of_admin(row["door"], account), {}), row
    view = saved(west.dana, "Mine")
    for row in rows(OF_A_VIEW):
        assert leads_to_sign_in(row["method"], reverse(row["door"], args=[view.pk]), {"name": "Another"}), row


def leads_to_sign_in(method: str, address: str, sent: dict[str, str]) -> bool:
    client = Client()
    answer = client.post(address, sent) if method == "POST" else client.get(address)
    return answer.status_code == 302 and answer.headers["Location"].startswith("/user/login/?next=")


def pages(client: Client) -> Iterator[tuple[str, str]]:
    """Everything that can be read by somebody, with questions that ask for more than they may see."""
    own = Account.objects.get(name="Calloway Freight")
    addresses = [way(row["door"], own)[0] for row in rows(OF_AN_ACCOUNT) if row["method"] == "GET"]
    addresses += [other_way(row["door"]) for row in rows(OTHERS) if row["method"] == "GET"]
    addresses += ["/accounts/?view=all", "/accounts/?view=all&q=Jade", "/search/?q=Jade", "/search/?q=jade@", "/?scope=all",
                  "/search/?q=X-", "/tasks/?whose=all", "/tasks/?whose=team", "/alerts/?kind=guard_holds"]  # fmt: skip
    for address in addresses:
        answer = client.get(address)
        yield address, (answer.getvalue() if answer.streaming else answer.content).decode()


@pytest.mark.parametrize(("role", "sees", "hidden"), [("csm", "-", ("Elm", "Jade")), ("manager", "team", ("Jade",))])
def test_no_page_tells_of_an_account_that_is_not_seen(
    role: str, sees: str, hidden: tuple[str, ...], west: Company
) -> None:
    Account.objects.filter(name="Jade Hotels").update(parent=Account.objects.get(name="Calloway Freight"))
    client = client_of(somebody(west, role, sees))
    for address, page in pages(client):
        said = page.replace("q=Jade", "").replace("“Jade”", "").replace('value="Jade"', "")
        for mark in hidden:
            told = re.findall(rf"{mark} (?:\w+)", said)
            assert not told, f"{address} tells of {told}"


def test_a_toast_names_nobody_elses_account(west: Company) -> None:
    jade = Account.objects.get(name="Jade Hotels")
    client = client_of(west.dana)
    for row in rows(OF_AN_ACCOUNT):
        address, sent = way(row["door"], jade)
        with taken_back():
            answer = client.post(address, sent, headers={"HX-Request": "true"})
        assert answer.status_code in (404, 405)
        assert "Jade" not in answer.content.decode()
