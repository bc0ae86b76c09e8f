"""Sign in and out: cookies, throttles, and where it leads."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from commentbox import clock
from commentbox.actions.moderators import add_moderator, end_visit, set_password
from commentbox.db import session
from commentbox.models import Moderator, Site
from commentbox.web.dashboard.visit import COOKIE, FORM_COOKIE, Visit, read
from commentbox.web.limits import KNOWN_BROWSER
from tests.web.dashboard.people import Desk, token_of

EMAIL, PASSWORD = "dee@example.org", "four words of Dee's"

OUTSIDE = (
    "https://evil.example/",
    "//evil.example/",
    "/\\evil.example/",
    "\\\\evil.example",
    "/dashboard/../../evil",
    "/dashboard/%2e%2e/healthz",
    "/dashboard//evil.example",
    "/dashboard/\t/evil.example",
    "/dashboard/\r\nSet-Cookie: a=b",
    "/dashboardevil",
    "javascript:alert(1)",
    "http:/dashboard/",
    "https:///dashboard/",
    "//[/dashboard/",
    "/embed.js",
    "sign-out",
    "",
)


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """Return a SQLite database: nothing here depends on the kind."""
    return sqlite_url


@pytest.fixture
def dee(app: Flask, site: Site) -> Moderator:
    """Return Dee, who has an account with a password and is not signed in."""
    with app.app_context():
        return add_moderator(EMAIL, PASSWORD, site.key)


def sign_in(client: FlaskClient, email: str, password: str, **more: str) -> TestResponse:
    """Fill in the form and send it."""
    form = {"csrf_token": token_of(client), "email": email, "password": password, **more}
    return client.post("/dashboard/sign-in", data=form)


def test_the_services_bare_address_leads_to_the_dashboard(app: Flask) -> None:
    answer = app.test_client().get("/", follow_redirects=True)
    assert answer.status_code == 200
    assert 'type="password"' in answer.text


def test_a_stranger_is_led_to_the_form_and_from_there_to_the_page_asked_for(
    client: FlaskClient, dee: Moderator
) -> None:
    led = client.get("/dashboard/?state=spam")
    assert led.status_code == 303
    form = client.get(led.location).text
    wanted = re.search(r'name="next" value="([^"]+)"', form)
    assert wanted
    answer = sign_in(client, EMAIL, PASSWORD, next=wanted[1])
    assert (answer.status_code, answer.location) == (303, "/dashboard/?state=spam")
    assert client.get(answer.location).status_code == 200


def test_next_never_leaves_the_dashboard(client: FlaskClient, dee: Moderator, ada: Desk) -> None:
    for wanted in OUTSIDE:
        already_in = ada.client.get(f"/dashboard/sign-in?next={quote(wanted)}")
        assert already_in.location == "/dashboard/", wanted
    assert sign_in(client, EMAIL, PASSWORD, next=OUTSIDE[0]).location == "/dashboard/"


def test_unknown_address_and_wrong_password_get_the_same_answer(app: Flask, dee: Moderator) -> None:
    answers = []
    for email in (EMAIL, "nobody@example.org"):
        client = app.test_client()
        client.set_cookie(FORM_COOKIE, "f" * 32, path="/dashboard/")
        answers.append(sign_in(client, email, "not the password"))
    known, unknown = answers
    assert known.status_code == unknown.status_code == 422
    assert known.text.replace(EMAIL, "nobody@example.org") == unknown.text
    assert [h[0] for h in known.headers] == [h[0] for h in unknown.headers]


def test_a_wrong_password_keeps_the_address_and_not_the_password(
    client: FlaskClient, dee: Moderator
) -> None:
    page = sign_in(client, EMAIL, "not the password").text
    assert f'value="{EMAIL}"' in page
    assert "not the password" not in page


def test_an_odd_address_is_just_a_wrong_one(client: FlaskClient, site: Site) -> None:
    for email in ("@", "x" * 5000, "ää@ö.example", "'--"):
        assert sign_in(client, email, "not the password").status_code == 422


def test_sign_in_without_the_browsers_own_token_is_refused(app: Flask, dee: Moderator) -> None:
    client, foreign = app.test_client(), token_of(app.test_client())
    token_of(client)
    for token in ("", "ä", "0" * 64, foreign):
        form = {"csrf_token": token, "email": EMAIL, "password": PASSWORD}
        answer = client.post("/dashboard/sign-in", data=form)
        assert answer.status_code == 403
        assert client.get_cookie(COOKIE, path="/dashboard/") is None


def test_without_cookies_signing_in_is_refused_and_says_why(app: Flask, dee: Moderator) -> None:
    client = app.test_client(use_cookies=False)
    answer = sign_in(client, EMAIL, PASSWORD)
    assert answer.status_code == 403
    assert "keeps no cookies" in answer.text


@pytest.mark.parametrize(("scheme", "is_secure"), [("http", False), ("https", True)])
def test_cookies_are_for_the_dashboard_alone(
    client: FlaskClient, dee: Moderator, scheme: str, is_secure: bool
) -> None:
    base = f"{scheme}://localhost"
    form = client.get("/dashboard/sign-in", base_url=base)
    token = re.search(r'csrf_token" value="(\w+)', form.text)
    assert token
    data = {"csrf_token": token[1], "email": EMAIL, "password": PASSWORD}
    answer = client.post("/dashboard/sign-in", data=data, base_url=base)
    cookies = [*form.headers.getlist("Set-Cookie"), *answer.headers.getlist("Set-Cookie")]
    assert {cookie.partition("=")[0] for cookie in cookies} == {
        COOKIE,
        FORM_COOKIE,
        KNOWN_BROWSER,
    }
    for cookie in cookies:
        attributes = cookie.split("; ")[1:]
        assert {"HttpOnly", "Path=/dashboard/", "SameSite=Lax"} <= set(attributes)
        assert ("Secure" in attributes) is is_secure


def test_signing_in_makes_new_tokens(client: FlaskClient, dee: Moderator) -> None:
    before = token_of(client)
    sign_in(client, EMAIL, PASSWORD)
    assert token_of(client) != before


def test_readers_never_get_a_cookie(ada: Desk) -> None:
    for path in (
        "/embed.js",
        "/embed.css",
        "/embed/blog/thread?page=/post",
        "/sites/blog/thread?page=/post",
        "/api/v1/sites/blog/counts?page=/post",
        "/feeds/blog.atom",
        "/healthz",
    ):
        for client in (ada.client, ada.app.test_client()):
            assert "Set-Cookie" not in client.get(path).headers


def test_a_visit_ends_when_it_is_unused_or_old(ada: Desk) -> None:
    for began_ago, unused_for, status in (
        (timedelta(0), timedelta(0), 200),
        (timedelta(days=6), timedelta(hours=11), 200),
        (timedelta(days=1), timedelta(hours=12), 303),
        (timedelta(days=7), timedelta(0), 303),
    ):
        now = clock.now()
        ada.bring(Visit(ada.moderator.id, 1, "n" * 32, now - began_ago, now - unused_for))
        assert ada.client.get("/dashboard/").status_code == status


def test_using_the_dashboard_keeps_a_visit_alive_but_not_beyond_its_end(ada: Desk) -> None:
    now = clock.now()
    began, seen = now - timedelta(days=6), now - timedelta(hours=11)
    ada.bring(Visit(ada.moderator.id, 1, "n" * 32, began, seen))
    assert COOKIE in ada.client.get("/dashboard/").headers["Set-Cookie"]
    assert "Set-Cookie" not in ada.client.get("/dashboard/").headers


def test_a_new_password_ends_every_visit(ada: Desk) -> None:
    with ada.app.app_context():
        set_password(ada.moderator.id, "another password")
    answer = ada.client.get("/dashboard/")
    assert answer.status_code == 303
    assert ada.client.get_cookie(COOKIE, path="/dashboard/") is None


def test_a_forged_cookie_is_no_visit(ada: Desk, dee: Moderator) -> None:
    cookie = ada.client.get_cookie(COOKIE, path="/dashboard/")
    assert cookie
    for forged in ("", "x", cookie.value[:-1], f"x{cookie.value}", "W10.x", "ä"):
        client = ada.app.test_client()
        client.set_cookie(COOKIE, forged, path="/dashboard/")
        assert client.get("/dashboard/").status_code == 303


def test_the_visit_of_a_deleted_account_is_over(ada: Desk) -> None:
    now = clock.now()
    ada.bring(replace(Visit(0, 1, "n" * 32, now, now), moderator_id=ada.moderator.id + 1))
    assert ada.client.get("/dashboard/").status_code == 303


def test_signing_out_takes_the_cookie_away(ada: Desk) -> None:
    form = {"csrf_token": token_of(ada.client)}
    answer = ada.client.post("/dashboard/sign-out", data=form)
    assert (answer.status_code, answer.location) == (303, "/dashboard/sign-in")
    assert ada.client.get_cookie(COOKIE, path="/dashboard/") is None
    assert ada.client.get("/dashboard/").status_code == 303


def test_a_copy_of_the_cookie_is_good_for_nothing_once_its_browser_signed_out(ada: Desk) -> None:
    copy = ada.client.get_cookie(COOKIE, path="/dashboard/")
    assert copy is not None
    thief, other = ada.app.test_client(), Desk.of(ada.app, ada.moderator)
    other.bring(replace(visit_of(other), nonce="o" * 32))
    thief.set_cookie(COOKIE, copy.value, path="/dashboard/")
    assert thief.get("/dashboard/").status_code == 200
    ada.client.post("/dashboard/sign-out", data={"csrf_token": token_of(ada.client)})
    assert thief.get("/dashboard/").status_code == 303
    assert other.client.get("/dashboard/").status_code == 200, "another browser goes on"


@pytest.mark.long
def test_what_is_remembered_of_ended_visits_is_bounded(ada: Desk) -> None:
    with ada.app.app_context():
        now = clock.now()
        before = ada.moderator.session_number
        for number in range(250):
            end_visit(ada.moderator.id, str(number), now + timedelta(days=7), now)
        kept = session().get_one(Moderator, ada.moderator.id)
        assert len(kept.ended_visits) <= 100
        assert kept.session_number == before + 2
        end_visit(kept.id, "later", now + timedelta(days=15), now + timedelta(days=8))
        assert len(kept.ended_visits) == 1


def visit_of(desk: Desk) -> Visit:
    """Return the visit that a browser's cookie tells of."""
    cookie = desk.client.get_cookie(COOKIE, path="/dashboard/")
    assert cookie is not None
    with desk.app.app_context():
        visit = read(cookie.value)
    assert visit is not None
    return visit


def test_a_link_cannot_sign_anybody_out(ada: Desk) -> None:
    assert ada.client.get("/dashboard/sign-out").status_code == 405
    assert ada.client.post("/dashboard/sign-out").status_code == 403
    assert ada.client.get("/dashboard/").status_code == 200


def test_trying_passwords_on_one_account_is_throttled_from_all_networks_together(
    new_app: Callable[..., Flask],
) -> None:
    app = new_app()
    with app.app_context():
        add_moderator(EMAIL, PASSWORD)
    answers = [_try(app, f"192.0.2.{number}", EMAIL) for number in range(11)]
    assert [answer.status_code for answer in answers] == [422] * 10 + [429]
    assert int(answers[-1].headers["Retry-After"]) > 0
    assert _try(app, "192.0.2.200", EMAIL.upper(), PASSWORD).status_code == 429
    assert _try(app, "192.0.2.1", "somebody.else@example.org").status_code == 422


def test_trying_passwords_does_not_shut_the_owner_out_of_a_browser_that_was_in(
    new_app: Callable[..., Flask],
) -> None:
    app = new_app()
    with app.app_context():
        add_moderator(EMAIL, PASSWORD)
        add_moderator("eve@example.org", PASSWORD)
    owner, eve = app.test_client(), app.test_client()
    assert sign_in(owner, EMAIL, PASSWORD).status_code == 303
    assert sign_in(eve, "eve@example.org", PASSWORD).status_code == 303
    for client in (owner, eve):
        client.post("/dashboard/sign-out", data={"csrf_token": token_of(client)})
    for number in range(10):
        _try(app, f"192.0.2.{number}", EMAIL)
    assert sign_in(eve, EMAIL, PASSWORD).status_code == 429
    assert [sign_in(owner, EMAIL, "a guess").status_code for _ in range(9)] == [422] * 9
    assert sign_in(owner, EMAIL, PASSWORD).status_code == 303


def test_trying_accounts_from_one_network_is_throttled(new_app: Callable[..., Flask]) -> None:
    app = new_app()
    answers = [_try(app, "192.0.2.1", f"{number}@example.org") for number in range(21)]
    assert [answer.status_code for answer in answers] == [422] * 20 + [429]
    assert "Too many attempts" in answers[-1].text
    assert _try(app, "198.51.100.1", "0@example.org").status_code == 422


def test_a_throttled_form_does_not_sign_out_who_is_signed_in(ada: Desk) -> None:
    form = {"csrf_token": token_of(ada.client), "email": "ada@example.org"}
    for _ in range(11):
        answer = ada.client.post("/dashboard/sign-in", data=form)
    assert answer.status_code == 429
    assert ada.client.get("/dashboard/").status_code == 200


def test_a_body_that_is_too_large_is_refused_and_signs_nobody_out(ada: Desk) -> None:
    form = {"csrf_token": token_of(ada.client), "email": "x" * 70_000}
    for path in ("sign-in", "sign-out"):
        answer = ada.client.post(f"/dashboard/{path}", data=form)
        assert answer.status_code == 413
        assert "64 kB" in answer.text
    assert ada.client.get("/dashboard/").status_code == 200


def _try(app: Flask, address: str, email: str, password: str = "a guess") -> TestResponse:
    client = app.test_client()
    client.environ_base["REMOTE_ADDR"] = address
    return sign_in(client, email, password)
