"""People at the dashboard, and what readers write that has to wait."""

import html
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from flask import Flask, url_for
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from commentbox import clock
from commentbox.actions.post import Draft, Page, Sender, post
from commentbox.db import atomic, session
from commentbox.models import Comment, Membership, Moderator, Role, Site
from commentbox.models.password import nobodys_hash
from commentbox.web.dashboard.visit import COOKIE, Visit, written

WRITTEN_AT = datetime(2026, 3, 1, 12, tzinfo=UTC)


@dataclass
class Desk:
    """A moderator's browser."""

    app: Flask
    client: FlaskClient
    moderator: Moderator

    @classmethod
    def of(cls, app: Flask, moderator: Moderator) -> "Desk":
        """Return a browser in which the moderator has just signed in."""
        now = clock.now()
        visit = Visit(moderator.id, moderator.session_number, "n" * 32, now, now)
        desk = cls(app, app.test_client(), moderator)
        desk.bring(visit)
        return desk

    def bring(self, visit: Visit) -> None:
        """Let the browser come with the cookie of a visit."""
        with self.app.test_request_context():
            path = url_for("commentbox_dashboard.queue")
            self.client.set_cookie(COOKIE, written(visit), path=path)

    def look(self, path: str = "", **headers: str) -> str:
        """Return a page as text with its entities resolved, e.g. ``look("?state=spam")``."""
        answer = self.client.get(f"/dashboard/{path}", headers=headers)
        assert answer.status_code == 200
        return html.unescape(answer.text)

    def decide(self, comment: Comment, to: str, **fields: str) -> TestResponse:
        """Press one of a comment's buttons."""
        form = {"csrf_token": token_of(self.client), "to": to, **fields}
        return self.client.post(f"/dashboard/comments/{comment.id}/decision", data=form)

    def press(self, path: str, **fields: object) -> TestResponse:
        """Send a form to one of the dashboard's addresses."""
        return self.client.post(path, data={"csrf_token": token_of(self.client), **fields})


def account(app: Flask, email: str, role: Role, site_id: int | None) -> Moderator:
    """Make an account that nobody can sign in to; hashing a password takes its time."""
    with app.app_context(), atomic() as current:
        membership = Membership(site_id=site_id, role=role.value)
        moderator = Moderator(email=email, password_hash=nobodys_hash(), memberships=[membership])
        moderator.session_number = 1
        current.add(moderator)
        current.flush()
        return moderator


def token_of(client: FlaskClient, path: str = "/dashboard/") -> str:
    """Return the token that the forms of a page bring."""
    page = client.get(path, follow_redirects=True).text
    found = re.search(r'name="csrf_token" value="([0-9a-f]{64})"', page)
    assert found
    return found[1]


def write(app: Flask, site: Site, text: str = "Ich bin neu hier.", **more: object) -> Comment:
    """Post a comment that waits, because it comes without a ticket."""
    return _write(app, site, text, Sender("192.0.2.1", ticket_problem="missing"), more)


def publish(app: Flask, site: Site, text: str = "Guter Punkt!", **more: object) -> Comment:
    """Post a comment that is published at once."""
    return _write(app, site, text, Sender("192.0.2.1", timedelta(minutes=1)), more)


def state_of(app: Flask, comment: Comment) -> str:
    """Return where a comment stands now."""
    with app.app_context():
        return session().get_one(Comment, comment.id).state


def fragment(client: FlaskClient, site: str = "blog", page: str = "/post") -> str:
    """Return a page's thread as readers see it."""
    return html.unescape(client.get(f"/embed/{site}/thread?page={page}").text)


def _write(app: Flask, site: Site, text: str, sender: Sender, more: dict[str, object]) -> Comment:
    page = Page("/post", f"https://{site.key}.example/post", "Ein Beitrag")
    with app.app_context():
        return post(site, page, Draft(text=text, **more), sender, WRITTEN_AT)  # type: ignore[arg-type]
