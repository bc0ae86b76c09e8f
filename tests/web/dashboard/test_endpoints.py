"""Endpoints in the dashboard: added, looked at, tested and replayed by owners, and by nobody else."""

import re

import pytest
from flask import Flask
from sqlalchemy import select

from commentbox.db import atomic, session
from commentbox.models import Delivery, Endpoint, MailPreference, Site
from tests.web.dashboard.people import Desk

URL = "https://hooks.example.org/secret-path"


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    return sqlite_url


@pytest.fixture
def endpoint(app: Flask, ada: Desk) -> Endpoint:
    """Return an endpoint that Ada has added."""
    ada.press("/dashboard/endpoints", site="blog", url=URL, shape="webhook", event="comment.held")
    with app.app_context():
        return session().scalars(select(Endpoint)).one()


def test_an_owner_adds_an_endpoint_and_sees_its_secret_for_a_while(
    app: Flask, ada: Desk, endpoint: Endpoint
) -> None:
    assert (endpoint.url, endpoint.events) == (URL, ["comment.held"])
    page = ada.look(f"endpoints/{endpoint.id}")
    assert endpoint.secret in page
    listed = ada.look("endpoints")
    assert "hooks.example.org" in listed
    assert "secret-path" not in listed
    with app.app_context(), atomic() as current:
        kept = current.get_one(Endpoint, endpoint.id)
        kept.created_at = kept.created_at.replace(year=2025)
    assert endpoint.secret not in ada.look(f"endpoints/{endpoint.id}")


def test_what_is_wrong_is_said_at_the_field_and_what_was_typed_stays(ada: Desk) -> None:
    answer = ada.press(
        "/dashboard/endpoints", site="blog", url="https://127.0.0.1/x", shape="slack"
    )
    assert answer.status_code == 422
    assert "not on the public internet" in answer.text
    assert 'value="https://127.0.0.1/x"' in answer.text
    assert re.search(r'value="slack" selected', answer.text)


def test_a_test_a_replay_and_the_switch(app: Flask, ada: Desk, endpoint: Endpoint) -> None:
    tested = ada.press(f"/dashboard/endpoints/{endpoint.id}/test")
    page = ada.look(tested.headers["Location"].removeprefix("/dashboard/"))
    assert "webhook.test" in page
    assert "No attempt has been made yet" in page
    ada.press(f"/dashboard/endpoints/{endpoint.id}/switch", to="off")
    assert "switched off" in ada.look("endpoints")
    assert states(app) == ["failed"]
    ada.press(f"/dashboard/endpoints/{endpoint.id}/switch", to="on")
    assert "Send again what it did not get" in ada.look(f"endpoints/{endpoint.id}?state=failed")
    ada.press(f"/dashboard/endpoints/{endpoint.id}/replay")
    assert states(app) == ["pending"]


def test_what_was_never_tried_says_so(app: Flask, ada: Desk, endpoint: Endpoint) -> None:
    tested = ada.press(f"/dashboard/endpoints/{endpoint.id}/test")
    ada.press(f"/dashboard/endpoints/{endpoint.id}/switch", to="off")
    page = ada.look(tested.headers["Location"].removeprefix("/dashboard/"))
    assert "given up" in page
    assert "the webhook was off" in page
    assert "A worker must run" not in page


def test_endpoints_of_one_host_are_told_apart_by_their_numbers(
    app: Flask, ada: Desk, endpoint: Endpoint
) -> None:
    ada.press("/dashboard/endpoints", site="blog", url=f"{URL}-too", shape="webhook")
    numbers = re.findall(r"No\. ([0-9]+) · A program", ada.look("endpoints"))
    assert numbers == [str(endpoint.id), str(endpoint.id + 1)]


def test_a_new_secret_and_other_events(app: Flask, ada: Desk, endpoint: Endpoint) -> None:
    ada.press(f"/dashboard/endpoints/{endpoint.id}/rotate")
    ada.press(f"/dashboard/endpoints/{endpoint.id}", url=URL, shape="slack", event="thread.closed")
    with app.app_context():
        kept = session().scalars(select(Endpoint)).one()
        assert kept.secret != endpoint.secret == kept.old_secret
        assert (kept.shape, kept.events) == ("slack", ["thread.closed"])


@pytest.mark.long
@pytest.mark.parametrize("who", ["ben", "cy"])
def test_who_owns_no_site_finds_no_endpoint(
    app: Flask, endpoint: Endpoint, who: str, request: pytest.FixtureRequest, ada: Desk
) -> None:
    stranger: Desk = request.getfixturevalue(who)
    test = ada.press(f"/dashboard/endpoints/{endpoint.id}/test").headers["Location"]
    assert "hooks.example.org" not in stranger.look("endpoints")
    assert "Webhooks" not in stranger.look("")
    for path in (f"/dashboard/endpoints/{endpoint.id}", test):
        assert stranger.client.get(path).status_code == 404
    for path in ("", "/test", "/rotate", "/switch", "/replay", "/remove"):
        answer = stranger.press(
            f"/dashboard/endpoints/{endpoint.id}{path}", url=URL, shape="slack", to="off"
        )
        assert answer.status_code == 404, path
    assert stranger.press(f"{test}/replay").status_code == 404
    added = stranger.press("/dashboard/endpoints", site="blog", url=URL, shape="webhook")
    assert added.status_code == 404
    with app.app_context():
        assert session().scalars(select(Endpoint.disabled_because)).all() == [None]


def test_a_moderator_chooses_how_often_mails_come(app: Flask, ben: Desk, site: Site) -> None:
    assert "no mail server yet" in ben.look("mail")
    assert "The mails go to ben@example.org." in ben.look("mail")
    ben.press("/dashboard/mail", pace="digest")
    assert re.search(r'value="digest" checked', ben.look("mail?done=1"))
    assert ben.press("/dashboard/mail", pace="hourly").status_code == 400
    with app.app_context():
        kept = session().scalars(select(MailPreference)).one()
        assert (kept.moderator_id, kept.pace) == (ben.moderator.id, "digest")


def states(app: Flask) -> list[str]:
    with app.app_context():
        return list(session().scalars(select(Delivery.state)))
