"""A reader on a page of the site, as the service sees one: requests with an origin and a ticket."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from commentbox import clock
from commentbox.db import session
from commentbox.models import Comment, Report, Site, Thread, Vote
from tests.apps import ORIGIN

PAGE = "/2026/social-media"
NETWORKS = (f"2001:db8:0:{n:x}::1" for n in range(0x10000))
"""Every reader calls from a network of their own, unless the test says otherwise."""


ON_BOTH_DATABASES = pytest.mark.parametrize(
    "database_kind", ["sqlite", "postgresql"], indirect=True
)
"""For what the databases might do differently; other tests of the web run on SQLite."""


@dataclass(frozen=True)
class Reader:
    """Somebody who took ten seconds to write, on a page of the site “blog”."""

    app: Flask
    site: Site
    address: str = field(default_factory=lambda: next(NETWORKS))
    headers: Mapping[str, str] = field(default_factory=lambda: {"Origin": ORIGIN})

    @property
    def client(self) -> FlaskClient:
        """Return a client that calls from the reader's address."""
        client = self.app.test_client()
        client.environ_base["REMOTE_ADDR"] = self.address
        return client

    def ticket(self, seconds_ago: float = 10) -> str:
        """Return the ticket of a form that was opened some seconds ago."""
        opened_at = clock.now() - timedelta(seconds=seconds_ago)
        return self.app.extensions["commentbox"].signatures.ticket(self.site, opened_at)

    def comment(self, text: str = "Well said!", **fields: object) -> dict[str, object]:
        """Return the fields of a good comment; None takes a field out."""
        all_fields = {"page": PAGE, "text": text, "ticket": self.ticket(), **fields}
        return {name: value for name, value in all_fields.items() if value is not None}

    def post(self, text: str = "Well said!", **fields: object) -> TestResponse:
        """Post a comment to the JSON API."""
        return self.send(f"/api/v1/sites/{self.site.key}/comments", self.comment(text, **fields))

    def posted(self, text: str = "Well said!", **fields: object) -> "Posted":
        """Post a comment that is stored, and return it with its edit token."""
        answer = self.post(text, **fields)
        assert answer.status_code in (201, 202), answer.text
        return Posted(answer.json["comment"]["id"], answer.json["edit_token"])

    def send(self, path: str, body: object, method: str = "POST", **headers: str) -> TestResponse:
        """Send JSON from a page of the site."""
        written = json.dumps(body, ensure_ascii=False).encode()
        sent = {"Content-Type": "application/json", **self.headers, **_named(headers)}
        return self.client.open(path, method=method, data=written, headers=sent)

    def to_comment(self, number: int, deed: str, **fields: object) -> TestResponse:
        """Do something to a comment, e.g. ``to_comment(7, "vote", value=1)``."""
        return self.send(f"/api/v1/comments/{number}/{deed}", fields)

    def form(self, path: str, fields: Mapping[str, object], **headers: str) -> TestResponse:
        """Send a urlencoded form from a page of the site."""
        return self.client.post(path, data=fields, headers={**self.headers, **_named(headers)})

    def post_by_page(self, text: str = "Well said!", **fields: object) -> TestResponse:
        """Post a comment by the hosted page's form."""
        return self.form(f"/sites/{self.site.key}/thread", self.comment(text, **fields))

    def read(self, **query: object) -> dict[str, Any]:
        """Return the thread as JSON."""
        path = f"/api/v1/sites/{self.site.key}/thread"
        answer = self.client.get(path, query_string={"page": PAGE, **query})
        assert answer.status_code == 200, answer.text
        return answer.json

    def look(self, **query: object) -> TestResponse:
        """Return the hosted page."""
        path = f"/sites/{self.site.key}/thread"
        return self.client.get(path, query_string={"page": PAGE, **query})

    def stored(self) -> dict[str, int]:
        """Return how many rows there are of everything a reader can leave behind."""
        with self.app.app_context():
            return {
                kind.__name__: session().scalar(select(func.count()).select_from(kind))
                for kind in (Thread, Comment, Vote, Report)
            }

    def row(self, number: int) -> Comment:
        """Return a comment as it is stored."""
        with self.app.app_context():
            return session().get_one(Comment, number)

    def thread_of(self, number: int) -> Thread:
        """Return a comment's thread as it is stored."""
        with self.app.app_context():
            return session().get_one(Thread, self.row(number).thread_id)


@dataclass(frozen=True)
class Posted:
    """A stored comment and what its author keeps of it."""

    id: int
    edit_token: str


def codes(answer: TestResponse) -> tuple[str, ...]:
    """Return a problem's code, then field and code of each error, e.g. ``("…", "text:required")``."""
    assert answer.mimetype == "application/problem+json", answer.text
    problem = answer.json
    assert problem["status"] == answer.status_code
    assert problem["detail"]
    fields = [f"{error['field']}:{error['code']}" for error in problem.get("errors", ())]
    return (problem["code"], *sorted(fields))


def _named(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}
