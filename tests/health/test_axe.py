"""Every page under axe, in both themes, wide and on a phone: nothing to find, no error in the console, nothing sideways."""

from collections.abc import Iterator
from importlib.resources import files
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.contrib import admin
from django.test import Client
from django.urls import URLPattern, reverse
from playwright.sync_api import Browser, BrowserContext, Page
from pytest_django.live_server_helper import LiveServer

from accounts.models import Job, Source, User
from health.urls import urlpatterns
from tests.health.company import Company, client_of
from tests.health.filled import fill

AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text()
# All that WCAG 2.2 asks at levels A and AA, and what axe calls best practice.
RUN = "async (rules) => (await axe.run(document, rules)).violations.map(one => [one.id, one.nodes.map(n => n.html.slice(0, 160))])"
CONTRAST: dict[str, Any] = {"runOnly": ["color-contrast"]}
TO_SIGN_IN = ("/user/login/", "/user/password/reset/")
OF_ONES_OWN = ("/user/password/change/", "/user/2fa/", "/user/email/", "/user/logout/", "/nowhere/")


@pytest.fixture
def served(company: Company, live_server: LiveServer, monkeypatch: pytest.MonkeyPatch) -> Company:
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    fill(company)
    return company


def addresses(company: Company, user: User) -> list[str]:
    """The address of everything that answers `user` with a page."""
    account = company.dana.accounts.get(name="Calloway Freight")
    given: dict[str, Any] = {"public_id": account.public_id, "number": Job.objects.latest("pk").pk, "name": "bands"}
    client, found = client_of(user), []
    for pattern in urlpatterns:
        if isinstance(pattern, URLPattern) and pattern.name is not None:
            wanted = pattern.pattern.regex.groupindex
            if wanted.keys() <= given.keys():
                there = reverse(pattern.name, kwargs={key: given[key] for key in wanted})
                found += [there] if is_page(client, there) else []
    return [*found, *OF_ONES_OWN]


def admin_addresses(user: User) -> list[str]:
    """The address of each page of the admin: of each list, its form, and what one row of it says and how that came about."""
    there = [reverse("admin:index"), reverse("admin:auth_user_password_change", args=[user.pk])]
    for model, of_model in admin.site._registry.items():
        pages = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        there += [reverse(f"{pages}_changelist"), reverse(f"{pages}_add")]
        if of_model.list_display_links is not None:
            first = model._default_manager.earliest("pk")
            there += [reverse(f"{pages}_change", args=[first.pk]), reverse(f"{pages}_history", args=[first.pk])]
    client = client_of(user)
    return [address for address in there if client.get(address).status_code == 200]


def is_page(client: Client, there: str) -> bool:
    """Not a fragment, a file, a redirection or something that is only posted to."""
    answer = client.get(there)
    if answer.status_code not in {200, 403} or not answer.headers["Content-Type"].startswith("text/html"):
        return False
    return answer.content.lstrip().startswith(b"<!DOCTYPE html>")


def context_of(browser: Browser, live_server: LiveServer, user: User | None, width: int) -> BrowserContext:
    context = browser.new_context(viewport={"width": width, "height": 900}, base_url=live_server.url)
    if user is not None:
        session = client_of(user).cookies[settings.SESSION_COOKIE_NAME].value
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])
    return context


class Findings(list[str]):
    """What is wrong with the pages walked so far."""

    def watch(self, page: Page) -> None:
        page.on("console", lambda said: self.console(page, said.type, said.text))
        page.on("pageerror", lambda error: self.append(f"{page.url}: {error}"))
        page.on("request", lambda asked: self.foreign(page, asked.url))

    def console(self, page: Page, kind: str, text: str) -> None:
        # A browser says of each page that is not there that it is not.
        if kind == "error" and "status of 40" not in text:
            self.append(f"{page.url}: {text}")

    def foreign(self, page: Page, url: str) -> None:
        if not url.startswith("data:") and urlsplit(url).hostname != "localhost":
            self.append(f"{page.url} asks {url}")

    def look(self, page: Page, there: str) -> None:
        page.goto(there)
        page.evaluate(AXE)
        self.axe(page, f"{there} in light", {})
        # The admin's theme goes by a class.
        page.evaluate(
            "document.documentElement.dataset.bsTheme = 'dark'; document.documentElement.classList.add('dark')"
        )
        self.axe(page, f"{there} in dark", CONTRAST)
        wide, room = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
        if wide > room:
            self.append(f"{there} is {wide} wide on a screen of {room}")

    def axe(self, page: Page, where: str, rules: dict[str, Any]) -> None:
        for rule, nodes in page.evaluate(RUN, rules):
            self.append(f"{where}: {rule}: {len(nodes)} × {nodes[0]}")


def walked(context: BrowserContext, there: list[str]) -> Iterator[str]:
    found, page = Findings(), context.new_page()
    found.watch(page)
    for address in there:
        found.look(page, address)
    context.close()
    yield from found


@pytest.mark.slow
@pytest.mark.parametrize("width", [1440, 390])
def test_no_page_of_a_csm_has_anything_to_find(
    width: int, served: Company, browser: Browser, live_server: LiveServer
) -> None:
    there = addresses(served, served.dana)
    assert {"/", "/accounts/", "/data/"} <= set(there)
    assert list(walked(context_of(browser, live_server, served.dana, width), there)) == []


@pytest.mark.slow
@pytest.mark.parametrize("width", [1440, 390])
def test_nor_has_a_page_of_an_admin_who_sees_more(
    width: int, served: Company, browser: Browser, live_server: LiveServer
) -> None:
    account = reverse("account", args=[served.dana.accounts.get(name="Calloway Freight").public_id])
    of_a_csm = set(addresses(served, served.dana)) - {"/", "/accounts/", "/data/", account}
    there = [address for address in addresses(served, served.aiko) if address not in of_a_csm]
    assert {"/", "/accounts/", "/data/", account} <= set(there)
    assert list(walked(context_of(browser, live_server, served.aiko, width), there)) == []


@pytest.mark.slow
@pytest.mark.parametrize("width", [1440, 390])
def test_nor_has_any_page_of_the_admin(width: int, served: Company, browser: Browser, live_server: LiveServer) -> None:
    token = {"name": "CRM sync", "kind": "server", "source": Source.objects.earliest("pk").pk, "scopes": ["crm:write"]}
    assert client_of(served.aiko).post(reverse("admin:accounts_token_add"), token).status_code == 200
    there = admin_addresses(served.aiko)
    assert len(there) > 3 * len(admin.site._registry)
    assert list(walked(context_of(browser, live_server, served.aiko, width), there)) == []


@pytest.mark.parametrize("width", [1440, 390])
def test_nor_has_any_page_before_the_sign_in(
    width: int, served: Company, browser: Browser, live_server: LiveServer
) -> None:
    assert list(walked(context_of(browser, live_server, None, width), list(TO_SIGN_IN))) == []


@pytest.mark.slow
@pytest.mark.parametrize("width", [1440, 390])
def test_nor_have_the_charts_of_an_account_as_tables(
    width: int, served: Company, browser: Browser, live_server: LiveServer
) -> None:
    account = served.dana.accounts.get(name="Calloway Freight")
    tables = "&".join(f"{name}-as=table" for name in ("history", "licenses", "users"))
    there = [f"{reverse('account', args=[account.public_id])}?range={span}&{tables}" for span in ("90d", "1y")]
    assert list(walked(context_of(browser, live_server, served.dana, width), there)) == []
