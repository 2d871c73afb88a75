"""Two tasks checked off faster than the server answers: both are done, and both say so."""

import pytest
from django.utils import timezone
from playwright.sync_api import Page, Route, expect

from accounts import work
from tests.health.company import Company
from tests.health.test_browser import sign_in

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("slow", [(0,), (1,), (0, 1)], ids=["first late", "second late", "both late"])
@pytest.mark.parametrize("between", [0, 150])
def test_two_fast_clicks_give_two_toasts(slow: tuple[int, ...], between: int, company: Company, walk: Page) -> None:
    account = company.account("Calloway Freight", company.dana)
    for title in ("Call them", "Write to them", "Visit them"):
        work.add_task(account, title, owner=company.dana, author=company.dana, now=timezone.now())
    sign_in(walk)
    walk.goto(walk.url.split("/accounts/")[0] + f"/accounts/{account.public_id}/")
    asked: list[str] = []

    def hold(route: Route) -> None:
        asked.append(route.request.url)
        if len(asked) - 1 in slow:
            walk.wait_for_timeout(300)
        route.continue_()

    walk.route("**/done/", hold)
    boxes = walk.locator("#next").get_by_role("checkbox")
    walk.evaluate(
        """async between => {
          const [one, other] = ["Call them", "Write to them"].map(title => `#next [aria-label="Done: ${title}"]`)
          document.querySelector(one).click()
          if (between) await new Promise(done => setTimeout(done, between))
          document.querySelector(other).click()
        }""",
        between,
    )
    toasts = walk.locator(".toast-line")
    expect(toasts.filter(has_text="Done: Call them")).to_have_count(1)
    expect(toasts.filter(has_text="Done: Write to them")).to_have_count(1)
    expect(boxes).to_have_count(1)
    expect(walk.locator("#tasks-open")).to_have_text("1")
    assert account.tasks.filter(done_at=None).count() == 1
