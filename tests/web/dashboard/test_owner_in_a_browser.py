"""A first owner's way in a real browser: sign in, second factor, a site, its rules and looks, a member."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from commentbox import clock
from commentbox.actions.endpoints import Wish, add_endpoint, send_test
from commentbox.actions.moderators import add_moderator
from commentbox.db import atomic
from commentbox.models import Attempt, Role, Shape
from commentbox.models.totp import code_at_step, step_at
from commentbox.outbound import Client
from tests.browser.axe import violations
from tests.websites import LiveService

pytestmark = pytest.mark.browser

EMAIL, PASSWORD = "ada@example.org", "four words of Ada's"


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """Return a SQLite database: nothing here depends on the kind."""
    return sqlite_url


@pytest.mark.parametrize("width", [360, 1200])
def test_a_first_owner_sets_up_a_site(
    live_service: LiveService,
    open_context: Callable[..., BrowserContext],
    complaints: list[str],
    width: int,
) -> None:
    with live_service.app.app_context():
        add_moderator(EMAIL, PASSWORD, role=Role.OWNER)
    context = open_context(locale="en", viewport={"width": width, "height": 800})
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto(f"{live_service.url}/dashboard/")
    page.get_by_label("E-mail").fill(EMAIL)
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/dashboard/")

    page.goto(f"{live_service.url}/dashboard/account")
    fine(page)
    page.get_by_role("link", name="Set it up").click()
    secret = page.locator("#key").inner_text().replace(" ", "")
    fine(page)
    page.get_by_label("Code", exact=True).fill(code_at_step(secret, step_at(clock.now())))
    page.get_by_label("Present password").fill(PASSWORD)
    page.get_by_role("button", name="Turn it on").click()
    expect(page.locator("#codes")).to_contain_text("-")
    recovery = page.locator("#codes").inner_text().split()[0]
    fine(page)

    page.goto(f"{live_service.url}/dashboard/sites/_new")
    page.get_by_label("Name").fill("Ada's shop")
    page.get_by_label("Key").fill("shop")
    page.get_by_label("Origins").fill("nowhere")
    page.get_by_role("button", name="Add the site").click()
    expect(page.get_by_text("is not an origin")).to_be_visible()
    fine(page)
    page.get_by_label("Origins").fill("https://shop.example")
    page.get_by_role("button", name="Add the site").click()
    page.get_by_role("button", name="Copy").click()
    expect(page.locator("[data-copy][data-done]")).to_be_attached()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert 'data-site="shop"' in copied
    fine(page)

    page.get_by_role("link", name="Rules").click()
    page.get_by_label("What is published by itself").select_option("known")
    fine(page)
    page.get_by_role("button", name="Keep the rules").click()
    expect(page.get_by_text("The rules are kept")).to_be_visible()
    expect(page.get_by_label("What is published by itself")).to_have_value("known")

    page.get_by_role("link", name="Looks").click()
    thread = page.frame_locator("#preview")
    expect(thread.get_by_role("button", name="Post comment")).to_be_visible()
    page.get_by_label("Button that posts").fill("Say it")
    expect(thread.get_by_role("button", name="Say it")).to_be_visible()
    page.locator("#colour_accent").fill("#aa3333")
    expect(thread.locator(".cb-submit")).to_have_css("background-color", "rgb(170, 51, 51)")
    fine(page)
    page.get_by_role("button", name="Keep the looks").click()
    expect(page.get_by_text("The looks are kept")).to_be_visible()

    page.get_by_role("link", name="Members").click()
    page.get_by_label("E-mail").fill("ben@example.org")
    page.get_by_role("button", name="Invite").click()
    link = page.locator("#link").inner_text().strip()
    fine(page)
    page.get_by_role("link", name="Bans").click()
    expect(page).to_have_url(re.compile("/bans$"))
    fine(page)

    ben = open_context(locale="de", color_scheme="dark").new_page()
    ben.goto(link)
    fine(ben)
    ben.get_by_label("Wähle ein Passwort").fill("vier Wörter von Ben")
    ben.get_by_label("Noch einmal").fill("vier Wörter von Ben")
    ben.get_by_role("button", name="Annehmen").click()
    ben.wait_for_url("**/dashboard/")
    ben.goto(f"{live_service.url}/dashboard/sites/shop/bans")
    fine(ben)
    assert ben.goto(f"{live_service.url}/dashboard/sites/shop/settings").status == 403

    again = open_context(locale="en", java_script_enabled=False).new_page()
    again.goto(f"{live_service.url}/dashboard/sites")
    again.get_by_label("E-mail").fill(EMAIL)
    again.get_by_label("Password").fill(PASSWORD)
    again.get_by_role("button", name="Sign in").click()
    again.get_by_label("Code").fill(recovery)
    again.get_by_role("button", name="Sign in").click()
    expect(again.get_by_role("link", name="Ada's shop")).to_be_visible()
    # The form that was shown again, and the page that is not Ben's.
    complaints[:] = [each for each in complaints if "422" not in each and "403" not in each]


@pytest.mark.parametrize(("lang", "width"), [("en", 1200), ("de", 360)])
def test_what_came_of_webhooks_and_mails_fits_the_window(
    live_service: LiveService, open_context: Callable[..., BrowserContext], lang: str, width: int
) -> None:
    with live_service.app.app_context():
        add_moderator(EMAIL, PASSWORD, role=Role.OWNER)
        endpoint, delivery = a_delivery_that_failed()
    context = open_context(locale=lang, viewport={"width": width, "height": 800})
    page = context.new_page()
    page.goto(f"{live_service.url}/dashboard/")
    page.locator("#email").fill(EMAIL)
    page.locator("#password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator("main .tabs")).to_be_visible()
    for path in (
        "endpoints",
        f"endpoints/{endpoint}",
        f"endpoints/deliveries/{delivery}",
        "mail",
        "account/second-factor",
    ):
        page.goto(f"{live_service.url}/dashboard/{path}")
        fine(page)
        wide = "each => each.filter((one) => one.scrollWidth > one.clientWidth + 1).length"
        assert page.locator(".table").evaluate_all(wide) == 0, path


def a_delivery_that_failed() -> tuple[int, int]:
    """Return the numbers of an endpoint, and of a message that it answered with one endless word."""
    client = Client(allows_private=True)
    wish = Wish("http://127.0.0.1:9/hook", (), Shape.WEBHOOK)
    endpoint = add_endpoint("blog", wish, client, clock.now())
    delivery = send_test(endpoint.id, clock.now())
    with atomic() as session:
        failed = Attempt(
            delivery_id=delivery.id, began_at=clock.now(), took_ms=7, status=500, body="x" * 1000
        )
        session.add(failed)
    return endpoint.id, delivery.id


def fine(page: Page) -> None:
    """Nothing that axe objects to, and nothing wider than the window."""
    assert violations(page) == []  # once the page has loaded
    assert not page.evaluate(
        "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    ), page.url
