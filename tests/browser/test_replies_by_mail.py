"""Replies by mail, from the box that is ticked to the link that ends them, through a mail server."""

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from email.message import EmailMessage

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from commentbox import clock
from commentbox.actions.sites import add_site
from commentbox.outbox import worker_of
from tests.browser.blog import Blog
from tests.browser.box import Box
from tests.grounds import eventually
from tests.mail_server import MailServer, taking_mail
from tests.ports import free_port
from tests.websites import LiveBlog, LiveService, serving


@pytest.fixture
def server() -> Iterator[MailServer]:
    """Return a mail server."""
    with taking_mail() as server:
        yield server


@pytest.fixture
def port() -> int:
    """Return the service's port: it has to be known before, since mails name the address."""
    return free_port()


@pytest.fixture
def app(new_app: Callable[..., Flask], server: MailServer, port: int) -> Flask:
    """Return the service as an app that sends mail."""
    return new_app(
        COMMENTBOX_SMTP_URL=server.url,
        COMMENTBOX_MAIL_FROM="comments@example.org",
        COMMENTBOX_PUBLIC_URL=f"http://127.0.0.1:{port}",
    )


@pytest.fixture
def live_service(app: Flask, live_blog: LiveBlog, port: int) -> Iterator[LiveService]:
    """Return the service under the address that its mails name."""
    with app.app_context():
        add_site("blog", [live_blog.url])
    with serving(app, port=port) as url:
        yield LiveService(url, app)


def test_who_ticks_the_box_and_says_yes_hears_of_replies_until_one_click_ends_it(
    blog: Blog,
    visit: Callable[..., Box],
    open_page: Callable[..., Page],
    app: Flask,
    server: MailServer,
    complaint: Callable[[Page, str], AbstractContextManager[None]],
) -> None:
    with working(app):
        box = visit()
        wish = box.form.get_by_role("checkbox", name="Tell me about replies by mail")
        expect(wish).not_to_be_checked()
        wish.check()
        box.write("Who knows more?", name="Dora")
        with complaint(box.page, "422"):
            box.send.click()
        expect(box.alert).not_to_be_empty()  # where to?
        expect(box.field("E-mail")).to_be_focused()
        box.field("E-mail").fill("dora@example.org")
        box.send.click()
        expect(box.comments).to_have_count(1)

        asked = mail_number(server, 1)
        assert asked["To"] == "dora@example.org"
        page = open_page(link(asked, "/mail/confirmation/"))
        page.get_by_role("button", name="Yes, it is mine: tell me about replies").click()
        expect(page.get_by_role("status")).to_contain_text("tells you about replies from now on")

        [mine] = blog.stored()
        answer = blog.write("I do.", parent=mine.id, name="Ada", at=clock.now())
        told = mail_number(server, 2)
        assert "I do." in body(told)
        Box.of(open_page(link(told, f"#comment-{answer}")))

        page = open_page(link(told, "/mail/unsubscription/"))
        page.get_by_role("button", name="Stop it").click()
        expect(page.get_by_role("status")).to_contain_text("no longer tells you")
        blog.write("Me too.", parent=mine.id, name="Ben", at=clock.now())
    assert len(server.mails) == 2


@contextmanager
def working(app: Flask) -> Iterator[None]:
    """Let a worker send what waits while the block runs; what waits at its end is sent as well."""
    worker = worker_of(app)
    thread = threading.Thread(target=worker.run)
    thread.start()
    try:
        yield
    finally:
        worker.stop()
        thread.join()


def mail_number(server: MailServer, number: int) -> EmailMessage:
    """Wait for as many mails and return the last."""
    assert eventually(lambda: len(server.mails) >= number)
    assert len(server.mails) == number
    return server.mails[-1]


def body(mail: EmailMessage) -> str:
    """Return a mail's words."""
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def link(mail: EmailMessage, holding: str) -> str:
    """Return the one link that holds something."""
    [url] = {url for url in re.findall(r"https?://\S+", body(mail)) if holding in url}
    return str(url)
