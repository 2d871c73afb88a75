"""Signing in, and every page around it that somebody can reach: in the product's words, and none offers to sign up."""

import re
from typing import Any
from uuid import uuid4

import pytest
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.core import mail
from django.core.cache import cache
from django.test import Client
from pytest_django import Settings

from accounts.models import User
from tests.health.company import PASSWORD, Company, client_of, text_of


@pytest.fixture(autouse=True)
def own_limits(settings: Settings) -> None:
    """Rate limits count in the cache, which tests that run beside this one share."""
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": uuid4().hex}}


def sign_in(client: Client, address: str, password: str = PASSWORD) -> Any:
    return client.post("/user/login/", {"login": address, "password": password})


def code_of(secret: str) -> str:
    return str(format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time())))))


def test_somebody_signs_in_by_address_and_password_and_sees_the_portfolio(company: Company) -> None:
    client = Client()
    answer = sign_in(client, "Dana@Loomline.example")
    assert answer.headers["Location"] == "/"
    assert "dana@loomline.example" in text_of(client.get("/accounts/"))


def test_a_wrong_password_says_so_without_telling_whether_the_address_exists(company: Company) -> None:
    wrong = text_of(sign_in(Client(), "dana@loomline.example", "wrong"))
    unknown = text_of(sign_in(Client(), "nobody@loomline.example", "wrong"))
    assert "This address and this password do not belong together." in wrong
    assert wrong == unknown


def test_somebody_signs_out(company: Company) -> None:
    client = client_of(company.dana)
    assert "Sign out of Verdant?" in text_of(client.get("/user/logout/"))
    client.post("/user/logout/")
    assert client.get("/accounts/").status_code == 302


def test_a_user_whose_access_is_closed_is_told_so(company: Company) -> None:
    company.dana.is_active = False
    company.dana.save()
    client = Client()
    answer = sign_in(client, "dana@loomline.example")
    assert answer.status_code == 302
    assert "Your access is closed" in text_of(client.get(answer.headers["Location"]))


@pytest.mark.django_db
@pytest.mark.parametrize(
    "address",
    ["/user/login/", "/user/signup/", "/user/password/reset/", "/user/password/reset/done/", "/user/inactive/"],
)
def test_no_page_offers_to_sign_up(address: str) -> None:
    page = Client().get(address).content.decode()
    assert not re.search(r"sign.?up|register an account|create an account", page, re.IGNORECASE)
    assert 'class="bare"' in page


@pytest.mark.django_db
def test_nobody_can_sign_up() -> None:
    Client().post("/user/signup/", {"email": "x@loomline.example", "password1": PASSWORD, "password2": PASSWORD})
    assert not User.objects.exists()
    assert "Your admin adds users" in text_of(Client().get("/user/signup/"))


def test_a_lost_password_is_replaced_by_a_link_sent_to_the_address(company: Company) -> None:
    client = Client()
    client.post("/user/password/reset/", {"email": "dana@loomline.example"})
    (message,) = mail.outbox
    assert message.subject == "Verdant: Choose a new password"
    assert "example.com" not in message.body
    link = re.search(r"http://testserver(\S+)", str(message.body))
    assert link
    form = client.get(link.group(1), follow=True)
    assert "Choose a new password" in text_of(form)
    there = form.redirect_chain[-1][0]
    client.post(there, {"password1": "another-long-one", "password2": "another-long-one"})
    assert sign_in(Client(), "dana@loomline.example", "another-long-one").status_code == 302
    assert "This link no longer works" in text_of(Client().get(link.group(1), follow=True))


def test_a_user_made_without_a_password_chooses_one_by_mail(company: Company) -> None:
    User.objects.create_user("new@loomline.example")
    Client().post("/user/password/reset/", {"email": "new@loomline.example"})
    assert [message.to for message in mail.outbox] == [["new@loomline.example"]]


def test_an_unknown_address_gets_the_same_answer_and_no_mail(company: Company) -> None:
    answers = [
        Client().post("/user/password/reset/", {"email": f"{name}@loomline.example"}, follow=True)
        for name in ("dana", "nobody")
    ]
    assert text_of(answers[0]) == text_of(answers[1])
    assert len(mail.outbox) == 1


def test_the_password_is_changed_with_the_old_one(company: Company) -> None:
    client = Client()
    sign_in(client, "dana@loomline.example")
    new = {"password1": "another-long-one", "password2": "another-long-one"}
    assert client.post("/user/password/change/", {"oldpassword": "wrong", **new}).status_code == 200
    assert "Password saved." in text_of(
        client.post("/user/password/change/", {"oldpassword": PASSWORD, **new}, follow=True)
    )


def test_a_new_address_applies_once_its_link_was_opened(company: Company) -> None:
    client = Client()
    sign_in(client, "dana@loomline.example")
    client.post("/user/email/", {"action_add": "", "email": "dana.w@loomline.example"})
    (message,) = mail.outbox
    assert (message.to, message.subject) == (["dana.w@loomline.example"], "Verdant: Confirm your address")
    assert "Changing to dana.w@loomline.example" in text_of(client.get("/user/email/"))
    company.dana.refresh_from_db()
    assert company.dana.email == "dana@loomline.example"
    link = re.search(r"http://testserver(\S+)", str(message.body))
    assert link
    assert "Confirm your address" in text_of(client.get(link.group(1)))
    client.post(link.group(1))
    company.dana.refresh_from_db()
    assert company.dana.email == "dana.w@loomline.example"


def test_a_second_factor_is_set_up_and_asked_for_and_a_recovery_code_replaces_it(company: Company) -> None:
    client = Client()
    sign_in(client, "dana@loomline.example")
    assert "Off. Signing in takes your password only." in text_of(client.get("/user/2fa/"))
    asked = client.get("/user/2fa/totp/activate/", follow=True)
    assert "Confirm that it is you" in text_of(asked)
    form = client.post(asked.redirect_chain[-1][0], {"password": PASSWORD}, follow=True)
    secret = form.context["form"].secret
    assert secret in text_of(form)
    codes = client.post("/user/2fa/totp/activate/", {"code": code_of(secret)}, follow=True)
    assert "Recovery codes 10 of 10 left" in text_of(codes)
    assert "On. Signing in takes your password and a code" in text_of(client.get("/user/2fa/"))

    again = Client()
    assert sign_in(again, "dana@loomline.example").headers["Location"] == "/user/2fa/authenticate/"
    assert "Enter your code" in text_of(again.get("/user/2fa/authenticate/"))
    assert again.get("/accounts/").status_code == 302
    recovery = codes.context["unused_codes"][0]
    assert again.post("/user/2fa/authenticate/", {"code": recovery}).headers["Location"] == "/"
    assert "9 of 10 left" in text_of(again.get("/user/2fa/"))


def test_a_change_of_the_second_factor_asks_who_it_is(company: Company) -> None:
    TOTP.activate(company.dana, generate_totp_secret())
    client = client_of(company.dana)
    answer = client.get("/user/2fa/totp/deactivate/", follow=True)
    assert "Confirm that it is you" in text_of(answer)


def test_too_many_tries_are_stopped_in_words(company: Company) -> None:
    client = Client()
    answers = [sign_in(client, "dana@loomline.example", "wrong") for _ in range(12)]
    assert "Too many tries. Wait a few minutes, then try again." in text_of(answers[-1])
    cache.clear()
    resets = [client.post("/user/password/reset/", {"email": f"{n}@loomline.example"}) for n in range(25)]
    assert resets[-1].status_code == 429
    assert "Too many tries." in text_of(resets[-1])


@pytest.mark.parametrize(
    "address",
    [
        "/user/password/change/",
        "/user/2fa/",
        "/user/email/",
        "/user/reauthenticate/",
        "/user/2fa/recovery-codes/generate/",
    ],
)
def test_labels_are_written_in_sentence_case(address: str, company: Company) -> None:
    client = Client()
    sign_in(client, "dana@loomline.example")
    page = client.get(address, follow=True).content.decode()
    for label in re.findall(r"<(?:label|h1|h2|button)[^>]*>\s*([^<]+?)\s*<", page):
        assert label == label[0] + label[1:].replace("Verdant", "verdant").lower(), label
