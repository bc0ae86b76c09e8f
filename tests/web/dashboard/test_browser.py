"""A moderator with a real browser: by keyboard, by hand on a phone, and with scripts switched off."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from commentbox import clock
from commentbox.actions.moderate import Ruling, decide
from commentbox.actions.moderators import add_moderator
from commentbox.actions.report import report
from commentbox.db import session
from commentbox.models import Comment, Entrance, Role, Site, State
from commentbox.models.site import site_with_key
from tests.browser.axe import violations
from tests.web.dashboard.people import fragment, publish, write
from tests.websites import LiveService

PATIENCE = 180_000  # milliseconds; a busy machine takes its time for fifty decisions
EMAIL, PASSWORD = "ada@example.org", "four words of Ada's"


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """Return a SQLite database: nothing here depends on the kind."""
    return sqlite_url


def test_a_reason_is_typed_before_the_decision_and_enter_decides_nothing(
    live_service: LiveService, open_context: Callable[..., BrowserContext]
) -> None:
    app, site = live_service.app, _blog(live_service)
    write(app, site, "Buy this!", name="Noor")
    context = open_context(locale="en", viewport={"width": 1200, "height": 800})
    page = _signed_in(context.new_page(), live_service.url)
    _await_keys(page)
    _entry(page, "Noor").focus()
    page.keyboard.press("w")
    reason = page.get_by_label("Reason for the decision on the comment by Noor")
    expect(reason).to_be_focused()
    page.keyboard.type("Advertisement, again")
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    expect(_entry(page, "Noor")).to_be_focused()
    page.keyboard.press("s")
    expect(page.locator("#decided")).to_contain_text("The comment by Noor is marked as spam.")
    page.get_by_role("link", name="Log", exact=True).click()
    expect(page.get_by_role("table")).to_contain_text("Advertisement, again")


@pytest.mark.parametrize("width", [360, 1200])
def test_ticked_comments_are_decided_on_with_a_reason(
    live_service: LiveService, open_context: Callable[..., BrowserContext], width: int
) -> None:
    site = _blog(live_service)
    held = [write(live_service.app, site, f"Nummer {n}.", name=f"N{n}") for n in range(3)]
    context = open_context(
        java_script_enabled=False, locale="de", viewport={"width": width, "height": 700}
    )
    page = _signed_in(context.new_page(), live_service.url)
    for name in ("N0", "N2"):
        page.get_by_label(f"Den Kommentar von {name} ankreuzen").check()
    bar = page.locator(".ticked")
    bar.locator("summary", has_text="Grund").click()
    reason = bar.get_by_role("combobox", name="Grund der Entscheidung über die angekreuzten")
    expect(reason).to_be_in_viewport()
    assert not _overflows(page)
    reason.fill("Zweimal Werbung")
    reason.press("Enter")
    assert _states(live_service, held) == ["held"] * 3
    bar.get_by_role("button", name="Spam").click()
    expect(page.locator("#decided")).to_contain_text("2 Kommentare")
    assert _states(live_service, held) == ["spam", "held", "spam"]
    for path in ("log", f"comments/{held[2].id}"):
        page.goto(f"{live_service.url}/dashboard/{path}")
        expect(page.get_by_role("table").last).to_contain_text("Zweimal Werbung")


@pytest.mark.parametrize("width", [320, 1200])
def test_a_moderator_clears_the_queue_without_scripts(
    live_service: LiveService, open_context: Callable[..., BrowserContext], width: int
) -> None:
    app = live_service.app
    site = _blog(live_service)
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
    expect(notice).to_contain_text("is waiting again")
    assert "Sam has something to say." not in fragment(app.test_client())

    for name, button in (("Noor", "Approve"), ("Sam", "Spam"), ("Kim", "Remove")):
        _entry(page, name).get_by_role("button", name=button).click()
        expect(notice).to_contain_text(f"The comment by {name} is")
    expect(page.get_by_text("Nothing is waiting.")).to_be_visible()
    page.get_by_role("link", name="Spam").click()
    expect(_entry(page, "Sam")).to_be_visible()
    assert not _overflows(page)

    if width == 320:
        page.get_by_role("button", name="Menu").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_label("Password")).to_be_visible()


@pytest.fixture
def desk(live_service: LiveService, open_context: Callable[..., BrowserContext]) -> Page:
    """Return a page on which the owner is signed in, with scripts, in English."""
    _blog(live_service)
    context = open_context(locale="en", viewport={"width": 1200, "height": 800})
    return _signed_in(context.new_page(), live_service.url)


def test_fifty_held_comments_are_cleared_from_the_keyboard(
    desk: Page, live_service: LiveService
) -> None:
    site = _site(live_service)
    comments = [write(live_service.app, site, f"Nummer {n}.", name="Noor") for n in range(50)]
    desk.reload()
    expect(desk.locator(".sections .count")).to_have_text("50")
    desk.keyboard.press("j")
    expect(desk.locator(".entry").first).to_be_focused()
    # Pressed as fast as can be: each waits for the one before.
    for n in range(50):
        desk.keyboard.press("asd"[n % 3])
    expect(desk.get_by_text("Nothing is waiting.")).to_be_visible(timeout=PATIENCE)
    wanted = [("published", "spam", "removed")[n % 3] for n in range(50)]
    assert _states(live_service, comments) == wanted

    desk.keyboard.press("u")
    expect(desk.locator(".entry")).to_have_count(1)
    expect(desk.locator(".entry")).to_be_focused()
    assert _states(live_service, comments)[-1] == "held"


def test_what_the_keys_do_is_shown_and_done(desk: Page, live_service: LiveService) -> None:
    app, site = live_service.app, _site(live_service)
    for name in ("Noor", "Sam", "Kim"):
        write(app, site, f"{name} hat eine Frage.", name=name)
    desk.reload()
    desk.keyboard.press("?")
    expect(desk.get_by_role("dialog", name="Keys")).to_be_visible()
    desk.keyboard.press("a")  # the keys rest while they are read about
    desk.keyboard.press("Escape")
    expect(desk.locator(".entry")).to_have_count(3)

    desk.keyboard.press("j")
    desk.keyboard.press("j")
    expect(_entry(desk, "Sam")).to_be_focused()
    desk.keyboard.press("k")
    expect(_entry(desk, "Noor")).to_be_focused()
    desk.keyboard.press("r")
    answer = _entry(desk, "Noor").get_by_label("Your answer")
    expect(answer).to_be_focused()
    desk.keyboard.type("a spam joke, dear reader")
    _entry(desk, "Noor").get_by_role("button", name="Publish the answer").click()
    expect(desk.locator("#decided")).to_contain_text("Your answer is published.")
    assert "a spam joke, dear reader" in fragment(app.test_client())

    _await_keys(desk)
    desk.keyboard.press("/")
    expect(desk.get_by_role("searchbox")).to_be_focused()
    desk.keyboard.type("frage kim")
    desk.keyboard.press("Enter")
    expect(desk.get_by_text("1 found.")).to_be_visible()
    _await_keys(desk)
    desk.keyboard.press("o")
    expect(desk.get_by_role("heading", name="Comment by Kim")).to_be_visible()


def test_all_by_one_author_are_marked_as_spam_after_a_preview_and_undone(
    desk: Page, live_service: LiveService
) -> None:
    app, site = live_service.app, _site(live_service)
    spam = [write(app, site, f"Kauft {n}!", name="Max", email="max@x.example") for n in range(30)]
    other = write(app, site, "Kauft nichts.", name="Kim")
    desk.reload()
    _entry(desk, "Max").first.get_by_label("More about").click()
    desk.get_by_role("link", name="Mark all that is signed like this as spam").first.click()
    expect(desk.get_by_text("This touches 30 comments.")).to_be_visible()
    desk.get_by_role("button", name="Mark all as spam").click()
    expect(desk.locator("#decided")).to_contain_text("30 comments are marked as spam.")
    assert _states(live_service, [*spam, other]) == ["spam"] * 30 + ["held"]
    desk.get_by_role("button", name="Undo").click()
    expect(desk.locator("#decided")).to_contain_text("30 comments are as they were before.")
    assert set(_states(live_service, spam)) == {"held"}

    desk.get_by_label("All on this page").check()
    desk.get_by_role("button", name="Approve", exact=True).last.click()
    expect(desk.locator("#decided")).to_contain_text("25 comments are published.")


def test_a_session_on_a_phone(
    live_service: LiveService, open_context: Callable[..., BrowserContext]
) -> None:
    app, site = live_service.app, _blog(live_service)
    write(app, site, "Donaudampfschifffahrtsgesellschaft" * 5, name="Noor" * 20)
    context = open_context(
        locale="de", viewport={"width": 360, "height": 640}, has_touch=True, is_mobile=True
    )
    page = _signed_in(context.new_page(), live_service.url)
    page.get_by_role("button", name="Freischalten", exact=True).first.tap()
    expect(page.locator("#decided")).to_contain_text("ist veröffentlicht")
    page.get_by_role("button", name="Rückgängig").tap()
    expect(page.locator(".entry")).to_have_count(1)
    for section in ("Threads", "Protokoll", "Zahlen"):
        page.get_by_role("button", name="Menü").tap()
        page.get_by_role("link", name=section, exact=True).tap()
        expect(page.get_by_role("heading", name=section, level=1)).to_be_visible()
        assert not _overflows(page), section
    for button in page.locator("button:visible, .button:visible").all():
        box = button.bounding_box()
        assert box
        assert box["height"] >= 36


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_any_page(
    live_service: LiveService, open_context: Callable[..., BrowserContext], scheme: str
) -> None:
    app, site = live_service.app, _blog(live_service)
    root = publish(app, site, "Ein Anfang.", name="Kim", email="kim@example.net")
    reported = publish(app, site, "Kauft!", name="Kim", email="kim@example.net", parent=root.id)
    held = write(app, site, "Und **weiter**, `so`.\n\n> Zitat", name="Noor", parent=root.id)
    with app.app_context():
        report(reported.id, "Werbung", "192.0.2.9", clock.now())
        for state in (State.SPAM, State.REMOVED, State.PUBLISHED):
            decide(held.id, state, Ruling(Entrance.CLI, reason="Versehen"))
        decide(write(app, site, "Spam!").id, State.SPAM, Ruling(Entrance.CLI))
    write(app, site, "Wartet.", name="Noor")
    context = open_context(
        locale="en", viewport={"width": 1200, "height": 800}, color_scheme=scheme
    )
    page = _signed_in(context.new_page(), live_service.url)
    found = {}
    for path in (
        "",
        "?state=reported",
        "?state=all&q=kim&since=2026-01-01",
        "?state=spam&q=nowhere",
        f"comments/{reported.id}",
        f"comments/{held.id}",
        f"comments/{held.id}/purge",
        "bulk?to=purge&state=all",
        "threads",
        f"threads/{root.thread_id}",
        "log",
        "log/threads",
        "numbers?days=365",
    ):
        page.goto(f"{live_service.url}/dashboard/{path}")
        page.evaluate("document.querySelectorAll('details').forEach((each) => (each.open = true))")
        if wrong := violations(page):
            found[path] = wrong
        assert not _overflows(page), path
    page.goto(f"{live_service.url}/dashboard/")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    found |= {"keys": wrong} if (wrong := violations(page)) else {}
    assert found == {}


def _blog(service: LiveService) -> Site:
    """Return the site, with an owner who can sign in."""
    with service.app.app_context():
        add_moderator(EMAIL, PASSWORD, role=Role.OWNER)
    return _site(service)


def _site(service: LiveService) -> Site:
    with service.app.app_context():
        return site_with_key(session(), "blog")


def _states(service: LiveService, comments: list[Comment]) -> list[str]:
    with service.app.app_context():
        return [session().get_one(Comment, comment.id).state for comment in comments]


def _signed_in(page: Page, url: str) -> Page:
    page.goto(f"{url}/dashboard/")
    page.locator("#email").fill(EMAIL)
    page.locator("#password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator("main .tabs")).to_be_visible()
    page.wait_for_load_state()
    return page


def _await_keys(page: Page) -> None:
    """Wait until the script of the page listens: a page shows before its deferred script runs."""
    expect(page.locator("html.scripted")).to_be_attached()


def _entry(page: Page, name: str) -> Locator:
    return page.get_by_role("article", name=name)


def _overflows(page: Page) -> bool:
    page.wait_for_load_state()  # without its style sheet a page is another
    is_wider = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    return bool(page.evaluate(is_wider))
