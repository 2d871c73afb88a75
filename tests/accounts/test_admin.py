"""The admin: who may enter, how people are kept, and that facts are not edited there."""

import datetime as dt
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.contrib import admin
from django.db.models import Model
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags

from accounts.admin import DefinitionForm, KnownNowAdmin, ReadOnlyAdmin
from accounts.models import Account, AttributeDefinition, AttributeValue, Job, Product, Role, Source, Team, Token, User
from health.models import AuditEntry, LineUp, Scorecard, ScorecardVersion, Settings

PASSWORD = "harvest-moon-over-oak"


@pytest.fixture
def aiko(db: None) -> User:
    return User.objects.create_user("aiko@loomline.example", PASSWORD, name="Aiko Mori", role=Role.ADMIN)


@pytest.fixture
def client(aiko: User) -> Client:
    client = Client()
    client.force_login(aiko)
    return client


def new_user(**values: Any) -> dict[str, Any]:
    return {"email": "Dana@Loomline.example", "name": "Dana", "role": "csm", "team": "", "usable_password": "true",
            "password1": PASSWORD, "password2": PASSWORD, **values}  # fmt: skip


def change(user: User, **values: Any) -> dict[str, Any]:
    return {"email": user.email, "name": user.name, "role": user.role, "team": "", "is_active": "on", **values}


def can_sign_in(address: str, password: str = PASSWORD) -> bool:
    answer = Client().post("/user/login/", {"login": address, "password": password})
    return answer.status_code == 302


@pytest.mark.parametrize("role", [Role.CSM, Role.MANAGER])
def test_only_an_admin_enters(role: Role, db: None) -> None:
    client = Client()
    client.force_login(User.objects.create_user("dana@loomline.example", role=role))
    assert client.get("/admin/").status_code == 302
    assert client.get("/admin/accounts/user/").status_code == 302


def test_the_admin_has_no_sign_in_page_of_its_own(db: None) -> None:
    answer = Client().get("/admin/login/", follow=True)
    assert answer.redirect_chain[-1][0].startswith("/user/login/")


def test_signing_out_and_changing_the_password_lead_to_the_product(client: Client) -> None:
    assert client.get("/admin/password_change/").headers["Location"] == "/user/password/change/"
    assert client.post("/admin/logout/").headers["Location"] == "/user/login/"
    assert client.get("/admin/").status_code == 302


def test_every_list_and_form_opens(client: Client, aiko: User) -> None:
    request = RequestFactory().get("/")
    request.user = aiko
    Team.objects.create(name="Enterprise")
    source = Source.objects.create(name="crm")
    Job.objects.create(name="accounts.csv", source=source, started_at=timezone.now())
    for model, site in admin.site._registry.items():
        there = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
        assert client.get(there).status_code == 200, there
        assert client.get(f"{there}?q=a").status_code in {200, 302}, there
        added = client.get(f"{there}add/").status_code
        assert added == (200 if site.has_add_permission(request) else 403), there
        first = model._default_manager.first()
        if first is not None:
            assert client.get(f"{there}{first.pk}/change/").status_code == 200, there


def test_nothing_but_people_sources_tokens_the_dictionary_and_judgment_can_be_changed() -> None:
    changeable = {model for model, site in admin.site._registry.items() if not isinstance(site, ReadOnlyAdmin)}
    judgment: set[type[Model]] = {Scorecard, ScorecardVersion, LineUp, Settings}
    assert changeable == {User, Team, Source, Token, AttributeDefinition} | judgment


def test_facts_are_shown_as_known_now_and_refuse_every_change(aiko: User) -> None:
    request = RequestFactory().get("/")
    request.user = aiko
    sites = [site for site in admin.site._registry.values() if isinstance(site, KnownNowAdmin)]
    assert sites
    for site in sites:
        assert "superseded_at" in str(site.get_queryset(request).query)
        assert not site.has_add_permission(request)
        assert not site.has_change_permission(request)
        assert not site.has_delete_permission(request)


def test_a_new_user_signs_in_with_the_first_password(client: Client) -> None:
    team = Team.objects.create(name="Enterprise")
    client.post("/admin/accounts/user/add/", new_user(team=team.pk))
    dana = User.objects.get(email="dana@loomline.example")
    assert (dana.name, dana.role, dana.team) == ("Dana", Role.CSM, team)
    assert can_sign_in("dana@loomline.example")


def test_a_new_user_without_password_cannot_sign_in_before_choosing_one(client: Client) -> None:
    client.post("/admin/accounts/user/add/", new_user(usable_password="false", password1="", password2=""))
    assert not User.objects.get(email="dana@loomline.example").has_usable_password()
    assert not can_sign_in("dana@loomline.example", "")


def test_a_weak_first_password_is_refused(client: Client) -> None:
    page = client.post("/admin/accounts/user/add/", new_user(password1="12345", password2="12345"))
    assert "at least 10 characters" in page.content.decode()
    assert not User.objects.filter(email="dana@loomline.example").exists()


def test_an_address_that_another_user_has_is_refused_in_words(client: Client) -> None:
    page = client.post("/admin/accounts/user/add/", new_user(email="AIKO@loomline.example"))
    assert "There is a user with this address already." in page.content.decode()


def test_a_changed_address_opens_the_door_and_the_old_one_does_not(client: Client) -> None:
    client.post("/admin/accounts/user/add/", new_user())
    dana = User.objects.get(email="dana@loomline.example")
    assert can_sign_in("dana@loomline.example")
    client.post(f"/admin/accounts/user/{dana.pk}/change/", change(dana, email="dana.w@loomline.example"))
    assert can_sign_in("dana.w@loomline.example")
    assert not can_sign_in("dana@loomline.example")
    assert [a.email for a in EmailAddress.objects.filter(user=dana)] == ["dana.w@loomline.example"]


def test_who_comes_later_than_their_accounts_has_them_from_the_first_day(client: Client) -> None:
    source = Source.objects.create(name="crm")
    now = timezone.now()
    owner, _ = AttributeDefinition.objects.get_or_create(name="owner")
    for address in ("Dana@loomline.example", "marco@loomline.example"):
        account = Account.objects.create(name=address, created_at=now, updated_at=now, dirty_since=None)
        AttributeValue.objects.create(
            account=account,
            definition=owner,
            text=address,
            applied=True,
            source=source,
            occurred_at=now,
            received_at=now,
        )
    page = client.post("/admin/accounts/user/add/", new_user(), follow=True)
    assert "1 account names dana@loomline.example as the owner, which is now Dana." in page.content.decode()
    account, other = Account.objects.order_by("pk")
    assert account.owner == User.objects.get(email="dana@loomline.example")
    assert (account.dirty_since is None, other.owner) == (False, None)


def test_an_admin_sets_somebody_a_new_password(client: Client) -> None:
    dana = User.objects.create_user("dana@loomline.example", PASSWORD)
    new = {"usable_password": "true", "password1": "another-long-one", "password2": "another-long-one"}
    client.post(f"/admin/accounts/user/{dana.pk}/password/", new)
    assert can_sign_in("dana@loomline.example", "another-long-one")


@pytest.mark.parametrize("values", [{"role": "csm"}, {"is_active": ""}])
def test_the_last_admin_stays_one(values: dict[str, str], client: Client, aiko: User) -> None:
    page = client.post(f"/admin/accounts/user/{aiko.pk}/change/", change(aiko, **values))
    assert "This is the last admin." in page.content.decode()
    aiko.refresh_from_db()
    assert aiko.is_admin


def test_a_user_is_closed_rather_than_deleted(client: Client) -> None:
    dana = User.objects.create_user("dana@loomline.example", PASSWORD)
    assert client.post(f"/admin/accounts/user/{dana.pk}/delete/", {"post": "yes"}).status_code == 403
    client.post(f"/admin/accounts/user/{dana.pk}/change/", change(dana, is_active=""))
    dana.refresh_from_db()
    assert not dana.is_active


def test_a_lost_second_factor_is_removed(client: Client) -> None:
    dana = User.objects.create_user("dana@loomline.example", PASSWORD)
    TOTP.activate(dana, generate_totp_secret())
    page = client.post(
        "/admin/accounts/user/", {"action": "remove_second_factor", "_selected_action": [dana.pk]}, follow=True
    )
    assert "Second factor removed from 1 of 1 users." in page.content.decode()
    assert not Authenticator.objects.exists()


def test_the_name_of_a_source_stays_once_made(client: Client) -> None:
    source = Source.objects.create(name="crm")
    client.post(f"/admin/accounts/source/{source.pk}/change/", {"name": "other", "label": "Salesforce", "time_zone": "",
                "streams-TOTAL_FORMS": 0, "streams-INITIAL_FORMS": 0})  # fmt: skip
    source.refresh_from_db()
    assert (source.name, source.label) == ("crm", "Salesforce")


def test_a_word_of_the_dictionary_is_accepted_in_the_list(client: Client) -> None:
    AttributeDefinition.objects.all().delete()
    word = AttributeDefinition.objects.create(name="industry")
    client.post("/admin/accounts/attributedefinition/", {"form-TOTAL_FORMS": 1, "form-INITIAL_FORMS": 1,
                "form-0-id": word.pk, "form-0-accepted": "on", "_save": "Save"})  # fmt: skip
    word.refresh_from_db()
    assert word.accepted


def test_a_chosen_master_applies_at_once_and_is_in_the_log(client: Client, aiko: User) -> None:
    crm, billing = (Source.objects.create(name=name) for name in ("crm", "billing"))
    now = timezone.now()
    account = Account.objects.create(name="Acme", created_at=now, updated_at=now)
    tier = AttributeDefinition.objects.create(name="plan", type="text")
    for source, text, applied in ((crm, "gold", True), (billing, "silver", False)):
        AttributeValue.objects.create(
            account=account,
            definition=tier,
            text=text,
            applied=applied,
            source=source,
            occurred_at=now,
            received_at=now,
        )
    form = {"label": "Plan", "type": "text", "unit": "", "ranks": "[]", "accepted": "on", "master": billing.pk}
    answer = client.post(f"/admin/accounts/attributedefinition/{tier.pk}/change/", form)
    assert answer.status_code == 302
    assert [one.text for one in AttributeValue.objects.known().filter(applied=True)] == ["silver"]
    account.refresh_from_db()
    assert account.dirty_since is not None
    logged = AuditEntry.objects.filter(pgh_obj_model="health.AuditedAttribute", pgh_label="update", who=aiko.pk)
    assert [one.pgh_diff["master_id"] for one in logged] == [[None, billing.pk]]


def test_the_admin_is_served_by_the_app_alone(client: Client) -> None:
    page = client.get("/admin/").content.decode()
    assert 'src="http' not in page
    assert 'href="http' not in page
    assert "verdant/logo.svg" in page


def test_the_first_page_has_the_words_of_the_menu_and_leads_to_all_of_it(client: Client) -> None:
    page = client.get("/admin/").content.decode()
    main = page.split('id="content"')[-1]
    assert "Site administration" not in page
    for label, address in (
        ("Line-up", "/admin/health/lineup/"),
        ("Attributes", "/admin/accounts/attributedefinition/"),
    ):
        assert f'href="{address}">{label}</a>' in main


def crumbs(page: str) -> str:
    return " ".join(strip_tags(page.split('class="crumbs"')[1].split("</h1>", maxsplit=1)[0].split(">", 1)[1]).split())


def test_a_page_says_where_it_is_in_the_words_of_the_menu(client: Client, aiko: User) -> None:
    card = Scorecard.objects.create(name="touch", label="Touch")
    version = ScorecardVersion.objects.create(scorecard=card, number=1)
    for address, words in (
        ("accounts/user/", "People Users"),
        (f"accounts/user/{aiko.pk}/change/", "People Users Aiko Mori"),
        ("accounts/source/add/", "Data Sources Add source"),
        ("accounts/job/", "Data Imports"),
        (f"health/scorecardversion/{version.pk}/change/", "Scoring Scorecards Touch Touch 1"),
    ):
        assert crumbs(client.get(f"/admin/{address}").content.decode()) == words


def test_moments_are_told_by_the_organizations_clock(client: Client, settings: Any) -> None:
    settings.ORGANIZATION_TIME_ZONE = "America/New_York"
    Source.objects.create(name="crm")
    Source.objects.update(created_at=dt.datetime(2026, 11, 30, 4, 49, tzinfo=dt.UTC))
    page = client.get("/admin/accounts/source/").content.decode()
    assert "Nov\N{NO-BREAK SPACE}29,\N{NO-BREAK SPACE}2026,\N{NO-BREAK SPACE}23:49" in page


def test_users_are_found_by_whether_they_are_active(client: Client) -> None:
    User.objects.create_user("dana@loomline.example", name="Dana", is_active=False)
    for query, found in (("yes", (True, False)), ("no", (False, True)), ("maybe", (True, True))):
        page = client.get(f"/admin/accounts/user/?active={query}").content.decode()
        table = page.split('id="result_list"')[1]
        assert ("aiko@loomline.example" in table, "dana@loomline.example" in table) == found


def test_a_record_says_what_it_is_and_folds_how_it_is_stored(client: Client) -> None:
    source = Source.objects.create(name="crm", label="CRM")
    job = Job.objects.create(
        name="products.csv", kind="products", source=source, started_at=timezone.now(), counts={"created": 2, "rejected": 1},
        rejections=[{"line": 4, "field": "name", "reason": "It is missing."}], total=2048, done=2048,
    )  # fmt: skip
    product = Product.objects.create(record=7, name="Freight", source=source, job=job, received_at=timezone.now())
    page = client.get(f"/admin/accounts/product/{product.pk}/change/").content.decode()
    told, stored = page.split("How it is stored")
    assert "<h1>Freight</h1>" in told
    assert "Record" not in told.split("<main")[1]
    assert "Receipt assumed" in stored
    assert "Superseded" not in page
    told = client.get(f"/admin/accounts/job/{job.pk}/change/").content.decode().split("How it is stored")[0]
    assert "2 created, 1 rejected" in told
    assert "Line 4, name: It is missing." in told


def test_a_user_shows_no_part_of_a_password(client: Client, aiko: User) -> None:
    page = client.get(f"/admin/accounts/user/{aiko.pk}/change/").content.decode()
    assert "salt" not in page
    assert reverse("admin:auth_user_password_change", args=[aiko.pk]) in page


def test_deleting_asks_for_what_it_deletes_and_offers_to_leave_it(client: Client, aiko: User) -> None:
    team = Team.objects.create(name="Enterprise")
    User.objects.filter(pk=aiko.pk).update(team=team)
    there = f"/admin/accounts/team/{team.pk}/delete/"
    page = strip_tags(client.get(there).content.decode())
    assert "Delete “Enterprise”?" in page
    assert "It is gone for good. Aiko Mori is in no team then." in page
    assert "Cancel" in page
    assert "Are you sure" not in page
    assert client.get("/admin/accounts/team/nonsense/delete/").status_code == 302, "there is none, which is no failure"
    client.post(there, {"post": "yes"})
    assert not Team.objects.exists()


def test_a_team_names_its_users(client: Client, aiko: User) -> None:
    team = Team.objects.create(name="Enterprise")
    there = f"/admin/accounts/team/{team.pk}/change/"
    assert "Nobody yet" in client.get(there).content.decode()
    User.objects.filter(pk=aiko.pk).update(team=team)
    assert "Aiko Mori" in strip_tags(client.get(there).content.decode()).split("Users")[-1]


def test_ranks_of_an_attribute_are_typed_one_a_line(client: Client) -> None:
    data = {"name": "plan", "label": "Plan", "type": "ranked", "ranks": "free\n basic \n\npro", "unit": ""}
    assert client.post("/admin/accounts/attributedefinition/add/", data).status_code == 302
    definition = AttributeDefinition.objects.get(name="plan")
    assert definition.ranks == ["free", "basic", "pro"]
    page = client.get(f"/admin/accounts/attributedefinition/{definition.pk}/change/").content.decode()
    assert "free\nbasic\npro</textarea>" in page
    field = DefinitionForm.base_fields["ranks"]
    assert not field.has_changed(definition.ranks, "free\r\nbasic\r\npro\r\n")
    assert field.has_changed(definition.ranks, "free\nbasic")
    refused = client.post(f"/admin/accounts/attributedefinition/{definition.pk}/change/", {**data, "ranks": "a\x00b"})
    assert "Null characters are not allowed." in refused.content.decode()
