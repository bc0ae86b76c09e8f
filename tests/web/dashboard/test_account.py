"""One's own account: the password, the second factor, and links that serve once."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from commentbox import clock
from commentbox.actions.invitations import Guest, invite
from commentbox.actions.moderators import add_moderator, find_moderator
from commentbox.actions.second_factor import set_up
from commentbox.db import session
from commentbox.models import Mail, Moderator, Role, Site
from commentbox.models.totp import STEP, code_at_step, new_secret, step_at
from commentbox.web.account_links import invitation_path, reset_path
from tests.web.dashboard.people import Desk, token_of

EMAIL, PASSWORD, OTHER = "ada@example.org", "four words of Ada's", "five other words of Ada"


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """Return a SQLite database: nothing here depends on the kind."""
    return sqlite_url


@pytest.fixture
def owner(app: Flask, site: Site) -> Moderator:
    """Return Ada, who has a password and owns every site."""
    with app.app_context():
        return add_moderator(EMAIL, PASSWORD, role=Role.OWNER)


def post(
    client: FlaskClient, path: str, page: str = "/dashboard/sign-in", **form: str
) -> TestResponse:
    """Send a form of the dashboard, with the token of a page."""
    return client.post(f"/dashboard/{path}", data={"csrf_token": token_of(client, page), **form})


def sign_in(client: FlaskClient, password: str = PASSWORD) -> TestResponse:
    return post(client, "sign-in", email=EMAIL, password=password)


def is_in(client: FlaskClient) -> bool:
    return client.get("/dashboard/account").status_code == 200


def test_a_new_password_takes_the_old_one_and_ends_other_sessions(
    app: Flask, owner: Moderator
) -> None:
    here, there = app.test_client(), app.test_client()
    for client in (here, there):
        sign_in(client)
    form = {"password": OTHER, "password_again": OTHER}
    wrong = post(here, "account/password", current_password="a guess", **form)
    assert wrong.status_code == 422
    assert "not your present password" in wrong.text
    different = {**form, "password_again": "others"}
    assert post(here, "account/password", current_password=PASSWORD, **different).status_code == 422
    short = {"password": "short", "password_again": "short"}
    answer = post(here, "account/password", current_password=PASSWORD, **short)
    assert answer.status_code == 422
    assert "characters" in answer.text
    assert post(here, "account/password", current_password=PASSWORD, **form).status_code == 303
    assert is_in(here)
    assert not is_in(there)
    assert sign_in(there).status_code == 422
    assert sign_in(there, OTHER).status_code == 303


def test_signing_out_everywhere_else_keeps_this_browser(ada: Desk) -> None:
    other = Desk.of(ada.app, ada.moderator)
    assert post(ada.client, "account/sessions").status_code == 303
    assert is_in(ada.client)
    assert not is_in(other.client)


def test_a_second_factor_is_set_up_asked_for_and_taken_off(app: Flask, owner: Moderator) -> None:
    client = app.test_client()
    sign_in(client)
    page = client.get("/dashboard/account/second-factor").text
    assert "<svg" in page
    secret = re.search(r'id="key">([A-Z2-7 ]+)<', page)[1].replace(" ", "")
    kept = re.search(r'name="kept" value="([^"]+)"', page)[1]
    code = code_at_step(secret, step_at(clock.now()))
    wrong = post(client, "account/second-factor", kept=kept, code=code, current_password="no")
    assert wrong.status_code == 422
    own = {"kept": kept, "current_password": PASSWORD}
    wrong = post(client, "account/second-factor", code="000000", **own)
    assert wrong.status_code == 422
    assert secret in wrong.text.replace(" ", "")
    codes = post(client, "account/second-factor", code=code, **own).text
    recovery = re.findall(r"[0-9a-f]{5}-[0-9a-f]{5}", codes)
    assert len(recovery) == 10
    assert is_in(client)

    stranger = app.test_client()
    half = sign_in(stranger)
    assert half.location.startswith("/dashboard/sign-in/code")
    assert not is_in(stranger)
    page = "/dashboard/sign-in/code"
    assert post(stranger, "sign-in/code", page, code=code).status_code == 422  # used already
    assert post(stranger, "sign-in/code", page, code=recovery[0]).status_code == 303
    assert is_in(stranger)
    assert post(stranger, "account/second-factor/off", current_password="no").status_code == 422
    post(stranger, "account/second-factor/off", current_password=PASSWORD)
    assert sign_in(app.test_client()).location == "/dashboard/"


def test_half_a_sign_in_opens_nothing_and_does_not_last(app: Flask, owner: Moderator) -> None:
    secret = new_secret()
    with app.app_context():
        at = clock.now() - 10 * STEP
        set_up(owner.id, secret, code_at_step(secret, step_at(at)), at)
    client = app.test_client()
    code = code_at_step(secret, step_at(clock.now()))
    assert post(client, "sign-in/code", code=code).location == "/dashboard/sign-in"
    sign_in(client)
    assert client.get("/dashboard/").status_code == 303
    answer = post(
        client, "sign-in/code", "/dashboard/sign-in/code", code=code, next="https://evil.example"
    )
    assert answer.location == "/dashboard/"


def test_a_lost_password_is_told_the_same_to_everybody(
    new_app, site: Site, owner: Moderator
) -> None:
    app = new_app(
        COMMENTBOX_SMTP_URL="smtp://mail.example",
        COMMENTBOX_MAIL_FROM="c@example.org",
        COMMENTBOX_PUBLIC_URL="https://c.example",
    )
    answers = [
        post(app.test_client(), "reset", "/dashboard/reset", email=e)
        for e in (EMAIL, "nobody@example.org")
    ]
    texts = [a.text.replace(EMAIL, "X").replace("nobody@example.org", "X") for a in answers]
    shown = [re.sub(r'value="[0-9a-f]{64}"', "", text) for text in texts]
    assert shown[0] == shown[1]
    with app.app_context():
        (mail,) = session().scalars(select(Mail))
        assert (mail.to, mail.template) == (EMAIL, "reset")
        path = str(mail.facts["path"])
    client = app.test_client()
    form = {"password": OTHER, "password_again": OTHER}
    where = path.removeprefix("/dashboard/")
    assert client.get(path).status_code == client.get(path).status_code == 200
    assert post(client, where, path, **form).location == "/dashboard/sign-in?done=reset"
    for again in (client.get(path), post(client, where, **form)):
        assert again.status_code == 404
    with app.app_context():
        assert find_moderator(EMAIL, OTHER) is not None


def test_a_reset_link_serves_for_an_hour(
    app: Flask, owner: Moderator, monkeypatch: pytest.MonkeyPatch
) -> None:
    with app.app_context():
        path = reset_path(owner)
    assert app.test_client().get(path).status_code == 200
    assert app.test_client().get(path + "x").status_code == 404
    later = (clock.now() + timedelta(hours=1, minutes=1)).timestamp()
    monkeypatch.setattr("itsdangerous.timed.time.time", lambda: later)
    assert app.test_client().get(path).status_code == 404


def test_who_is_invited_joins_by_the_link_and_is_signed_in(app: Flask, site: Site) -> None:
    with app.app_context():
        path = invitation_path(
            invite(Guest("dee@example.org", Role.MODERATOR, site), None, clock.now())
        )
    client = app.test_client()
    assert "“blog”" in client.get(path).text
    where = path.removeprefix("/dashboard/")
    different = post(client, where, path, password=OTHER, password_again="another")
    assert different.status_code == 422
    assert "not the same" in different.text
    assert post(client, where, path, password=OTHER, password_again=OTHER).status_code == 303
    assert is_in(client)
    assert app.test_client().get(path).status_code == 404


def test_who_has_an_account_joins_signed_in(ben: Desk, cy: Desk, other_site: Site) -> None:
    with ben.app.app_context():
        guest = Guest(ben.moderator.email, Role.MODERATOR, other_site)
        path = invitation_path(invite(guest, None, clock.now()))
    where = path.removeprefix("/dashboard/")
    assert "sign in with it" in ben.app.test_client().get(path).text
    for stranger in (ben.app.test_client(), cy.client):
        assert post(stranger, where, path, password=OTHER, password_again=OTHER).status_code == 404
    assert post(ben.client, where, path).status_code == 303
    assert ben.client.get("/dashboard/sites/other").status_code == 200
