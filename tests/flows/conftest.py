"""The ground of the flows: readers on the pages of a blog, and Ben at the dashboard."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from flask import Flask
from flask.testing import FlaskClient

from commentbox.actions.moderators import add_moderator
from commentbox.models import Site
from tests.web.dashboard.people import token_of
from tests.web.readers import Reader

PASSWORD = "four words of Ben's"


@dataclass(frozen=True)
class Desk:
    """Ben's browser, in which he signed in with his password."""

    client: FlaskClient

    def decide(self, comment_id: int, to: str) -> None:
        """Press one of the comment's buttons and follow where it leads."""
        form = {"csrf_token": token_of(self.client), "to": to}
        answer = self.client.post(
            f"/dashboard/comments/{comment_id}/decision", data=form, follow_redirects=True
        )
        assert answer.status_code == 200, answer.text

    def sees(self, words: str, state: str = "held") -> bool:
        """Whether the list of a state shows the words."""
        return words in self.client.get("/dashboard/", query_string={"state": state}).text


@pytest.fixture
def new_reader(app: Flask, site: Site) -> Callable[[], Reader]:
    """Return a function that gives somebody new on a page of the site “blog”."""
    return lambda: Reader(app, site)


@pytest.fixture
def ben(app: Flask, site: Site) -> Desk:
    """Return Ben at his desk; he moderates “blog”."""
    with app.app_context():
        add_moderator("ben@example.org", PASSWORD, site.key)
    client = app.test_client()
    form = {
        "csrf_token": token_of(client),
        "email": "ben@example.org",
        "password": PASSWORD,
    }
    assert client.post("/dashboard/sign-in", data=form).status_code == 303
    return Desk(client)
