"""A moderator with a real browser, from the sign-in to an undone decision, with scripts switched off."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from commentbox.actions.moderators import add_moderator
from commentbox.db import session
from commentbox.models import Role
from commentbox.models.site import site_with_key
from tests.web.dashboard.people import fragment, write
from tests.websites import LiveService

EMAIL, PASSWORD = "ada@example.org", "four words of Ada's"


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """Return a SQLite database: nothing here depends on the kind."""
    return sqlite_url


@pytest.mark.parametrize("width", [320, 1200])
def test_a_moderator_clears_the_queue_without_scripts(
    live_service: LiveService, open_context: Callable[..., BrowserContext], width: int
) -> None:
    app = live_service.app
    with app.app_context():
        add_moderator(EMAIL, PASSWORD, role=Role.OWNER)
        site = site_with_key(session(), "blog")
        assert site
    for name in ("Noor", "Sam", "Kim"):
        write(app, site, f"{name} has something to say.", name=name)
    context = open_context(
        java_script_enabled=False, locale="en", viewport={"width": width, "height": 700}
    )
    page = _signed_in(context.new_page(), live_service.url)

    _entry(page, "Sam").get_by_role("button", name="Approve").click()
    notice = page.locator("#decided")
    expect(notice).to_be_focused()
    expect(notice).to_be_in_viewport()
    expect(notice).to_contain_text("The comment by Sam is published.")
    assert "Sam has something to say." in fragment(app.test_client())

    notice.get_by_role("button", name="Undo").click()
    expect(page.locator("#decided")).to_contain_text("is waiting again")
    assert "Sam has something to say." not in fragment(app.test_client())

    for name, button in (("Noor", "Approve"), ("Sam", "Spam"), ("Kim", "Remove")):
        _entry(page, name).get_by_role("button", name=button).click()
    expect(page.get_by_text("Nothing is waiting.")).to_be_visible()
    page.get_by_role("link", name="Spam").click()
    expect(_entry(page, "Sam")).to_be_visible()
    assert not _overflows(page)

    if (menu := page.get_by_role("button", name="Menu")).is_visible():
        menu.click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_label("Password")).to_be_visible()


def _signed_in(page: Page, url: str) -> Page:
    page.goto(f"{url}/dashboard/")
    page.get_by_label("E-mail").fill(EMAIL)
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Comments")).to_be_visible()
    return page


def _entry(page: Page, name: str) -> Locator:
    return page.get_by_role("article", name=name)


def _overflows(page: Page) -> bool:
    is_wider = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    return bool(page.evaluate(is_wider))
