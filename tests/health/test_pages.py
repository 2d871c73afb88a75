"""What holds for every page: who may see it, and that the browser need not trust or fetch anything foreign."""

import re
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

from tests.health.company import Company, client_of, text_of

PAGES = (
    "/",
    "/accounts/",
    "/first-day/",
    "/data/",
    "/data/kinds/",
    "/user/password/change/",
    "/user/2fa/",
    "/user/email/",
    "/user/logout/",
)
TEMPLATES = sorted((Path(__file__).resolve().parents[2] / "templates").rglob("*.html"))


@pytest.fixture
def job(company: Company) -> int:
    return company.job().pk


@pytest.mark.parametrize(
    "address", [*PAGES[:-1], "/data/jobs/1/", "/data/jobs/1/rejected/", "/data/nights/", "/admin/"]
)
@pytest.mark.django_db
def test_no_page_is_shown_to_somebody_who_is_not_signed_in(address: str) -> None:
    answer = Client().get(address, follow=True)
    assert answer.redirect_chain
    assert answer.redirect_chain[-1][0].startswith("/user/login/?next=")


def test_an_account_is_not_shown_to_somebody_who_is_not_signed_in(company: Company) -> None:
    account = company.account("Calloway Freight", company.dana)
    assert Client().get(f"/accounts/{account.public_id}/").status_code == 302


@pytest.mark.parametrize(
    ("address", "csm_manager_admin"),
    [
        ("/", [200, 200, 200]),
        ("/home/renewals/", [200, 200, 200]),
        ("/accounts/", [200, 200, 200]),
        ("/first-day/", [200, 200, 200]),
        ("/data/", [200, 200, 200]),
        ("/data/kinds/", [200, 200, 200]),
        ("/data/nights/", [403, 200, 200]),
        ("/data/jobs/{job}/", [403, 200, 200]),
        ("/data/jobs/{job}/rejected/", [403, 404, 404]),
        ("/admin/", [302, 302, 200]),
        ("/admin/accounts/user/", [302, 302, 200]),
        ("/accounts/{others}/", [404, 200, 200]),
        ("/accounts/{own}/", [200, 200, 200]),
    ],
)
def test_a_role_sees_what_it_may(address: str, csm_manager_admin: list[int], company: Company, job: int) -> None:
    own = company.account("Calloway Freight", company.dana).public_id
    others = company.account("Jade Hotels", company.marco).public_id
    there = address.format(job=job, own=own, others=others)
    seen = [client_of(user).get(there).status_code for user in (company.dana, company.mona, company.aiko)]
    assert seen == csm_manager_admin


def test_somebody_whose_access_is_closed_sees_nothing(company: Company) -> None:
    client = client_of(company.dana)
    company.dana.is_active = False
    company.dana.save()
    assert client.get("/accounts/").status_code == 302


@pytest.mark.parametrize("address", PAGES)
def test_a_page_allows_the_browser_nothing_inline_and_nothing_foreign(address: str, company: Company) -> None:
    answer = client_of(company.aiko).get(address)
    policy = answer.headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "script-src 'self'" in policy
    assert "style-src 'self'" in policy
    page = answer.content.decode()
    assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:", page)
    assert all("src=" in tag or "application/json" in tag for tag in re.findall(r"<script[^>]*>", page))
    assert not re.findall(r"(?:src|href|action)=\"(?:https?:)?//", page)


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_template_has_no_inline_style_or_script(template: Path) -> None:
    assert not re.search(r"<style|\sstyle=|\son(click|change|submit|load|input)=|javascript:", template.read_text())


@pytest.mark.parametrize("address", PAGES)
def test_a_page_has_one_heading_a_title_and_a_way_past_the_menu(address: str, company: Company) -> None:
    page = client_of(company.aiko).get(address).content.decode()
    assert len(re.findall(r"<h1\b", page)) == 1
    assert re.search(r"<title>\S.* · Verdant</title>", page)
    assert 'class="skip" href="#main"' in page
    assert page.count('id="main"') == 1


def test_the_menu_offers_only_what_the_role_may_open(company: Company) -> None:
    def offered(client: Client) -> set[str]:
        menu = client.get("/accounts/").content.decode().split('<nav aria-label="Pages">')[1].split("</nav>")[0]
        return set(re.findall(r'href="([^"]+)"', menu))

    assert offered(client_of(company.dana)) == {"/", "/accounts/", "/tasks/", "/alerts/", "/data/"}
    assert offered(client_of(company.mona)) == {"/", "/accounts/", "/tasks/", "/alerts/", "/data/"}
    assert offered(client_of(company.aiko)) == {"/", "/accounts/", "/tasks/", "/alerts/", "/data/", "/admin/"}


@pytest.mark.parametrize(("cookie", "theme"), [("dark", "dark"), ("light", "light"), ('"><script>', "light")])
def test_the_theme_of_the_cookie_is_in_the_page_before_any_script_runs(
    cookie: str, theme: str, company: Company
) -> None:
    client = client_of(company.dana)
    client.cookies["theme"] = cookie
    assert f'data-bs-theme="{theme}"' in client.get("/accounts/").content.decode()


def test_a_page_refuses_to_be_posted_to(company: Company) -> None:
    assert client_of(company.dana).post("/accounts/").status_code == 405


def test_the_name_of_the_organization_stands_beside_the_logo(company: Company, settings: Settings) -> None:
    settings.ORGANIZATION_NAME = "Loomline"
    assert "Verdant Loomline" in text_of(client_of(company.dana).get("/accounts/"))
