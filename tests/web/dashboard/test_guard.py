"""What stands in front of every page of the dashboard, and around it."""

import re

import pytest
from flask import Flask, jsonify
from flask import session as host_session
from flask_wtf.csrf import CSRFProtect, generate_csrf  # type: ignore[import-untyped]

from commentbox import CommentBox
from commentbox.actions.sites import add_site
from commentbox.i18n import language
from commentbox.models import Role, Site, State
from commentbox.web.dashboard.blueprint import OPEN_TO_ALL
from commentbox.web.dashboard.visit import COOKIE
from tests.i18n.messages import messages
from tests.web.dashboard.people import Desk, account, state_of, token_of, write


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """Return a SQLite database: nothing here depends on the kind."""
    return sqlite_url


ADDRESS = {
    "comment_id": 1,
    "decision_id": 1,
    "thread_id": 1,
    "endpoint_id": 1,
    "delivery_id": 1,
    "key": "blog",
    "token": "none",
    "membership_id": 1,
    "invitation_id": 1,
    "ban_id": 1,
}


def dashboard_rules(app: Flask) -> list[tuple[str, str, str]]:
    """Return method, path and endpoint of every address of the dashboard."""
    adapter = app.url_map.bind("localhost")
    return [
        (method, adapter.build(rule.endpoint, {k: ADDRESS[k] for k in rule.arguments}), name)
        for rule in app.url_map.iter_rules()
        if (name := rule.endpoint.removeprefix("commentbox_dashboard.")) != rule.endpoint
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    ]


def test_every_address_but_the_sign_in_is_shut_to_strangers(app: Flask, site: Site) -> None:
    write(app, site)
    for method, path, name in dashboard_rules(app):
        if name not in OPEN_TO_ALL:
            client = app.test_client()
            form = {"csrf_token": token_of(client), "to": "published"} if method == "POST" else None
            answer = client.open(path, method=method, data=form)
            assert answer.status_code == 303, path
            assert answer.location.startswith("/dashboard/sign-in"), path


@pytest.mark.long
def test_every_change_without_the_visits_token_is_refused(ada: Desk, ben: Desk, site: Site) -> None:
    held = write(ada.app, site)
    changes = [path for method, path, _ in dashboard_rules(ada.app) if method == "POST"]
    assert len(changes) >= 3
    ben.client.get("/dashboard/")
    foreign = token_of(ada.app.test_client())
    for path in changes:
        for token in ({}, {"csrf_token": ""}, {"csrf_token": "0" * 64}, {"csrf_token": foreign}):
            answer = ada.client.post(path, data={"to": "published", **token})
            assert answer.status_code == 403, path
            assert answer.mimetype == "text/html"
    assert state_of(ada.app, held) == State.HELD
    assert ada.client.get("/dashboard/").status_code == 200


@pytest.mark.long
def test_what_is_on_anothers_site_is_answered_like_what_does_not_exist(
    ada: Desk, ben: Desk, other_site: Site
) -> None:
    foreign = write(ada.app, other_site, "Of the other site.", name="Secret Name")
    decision = ada.decide(foreign, "published").location
    decision_id = re.findall(r"decided=([0-9]+)", decision)[0]
    ada.press(f"/dashboard/threads/{foreign.thread_id}/open", to="closed")
    ids = {
        "comment_id": foreign.id,
        "decision_id": int(decision_id),
        "thread_id": foreign.thread_id,
    }
    adapter = ben.app.url_map.bind("localhost")
    tried = 0
    for rule in ben.app.url_map.iter_rules():
        name = rule.endpoint.removeprefix("commentbox_dashboard.")
        if name == rule.endpoint or not rule.arguments or not rule.arguments <= ids.keys():
            continue
        method = "POST" if "POST" in (rule.methods or ()) else "GET"
        there = adapter.build(rule.endpoint, {name: ids[name] for name in rule.arguments})
        nowhere = adapter.build(rule.endpoint, dict.fromkeys(rule.arguments, 10**9))
        form = {"csrf_token": token_of(ben.client), "to": "spam"} if method == "POST" else None
        answers = [ben.client.open(p, method=method, data=form) for p in (there, nowhere)]
        assert [answer.status_code for answer in answers] == [404, 404], there
        assert answers[0].text.replace(there, nowhere) == answers[1].text
        assert "Secret Name" not in answers[0].text
        tried += 1
    assert tried >= 15
    assert state_of(ben.app, foreign) == State.PUBLISHED


def test_a_number_that_no_row_can_have_is_not_found(ada: Desk, site: Site) -> None:
    adapter, token = ada.app.url_map.bind("localhost"), token_of(ada.client)
    tried = 0
    for rule in ada.app.url_map.iter_rules():
        numbers = {name: 2**63 for name in rule.arguments if name.endswith("_id")}
        if rule.endpoint.startswith("commentbox_dashboard.") and numbers:
            path = adapter.build(rule.endpoint, ADDRESS | numbers)
            method = "POST" if "POST" in (rule.methods or ()) else "GET"
            answer = ada.client.open(path, method=method, data={"csrf_token": token})
            assert (answer.status_code, answer.mimetype) == (404, "text/html"), path
            tried += 1
    assert tried >= 20


def test_a_form_with_a_nul_is_refused_before_the_database_is(ada: Desk, site: Site) -> None:
    for path, fields in {
        "bans": {"kind": "word", "value": "a\0b", "days": ""},
        "settings": {"name": "Bl\0g"},
    }.items():
        answer = ada.press(f"/dashboard/sites/{site.key}/{path}", **fields)
        assert (answer.status_code, answer.mimetype) == (400, "text/html"), path


def test_a_decision_that_no_button_makes_is_refused(ben: Desk, site: Site) -> None:
    held = write(ben.app, site)
    for to in ("", "erased", "PUBLISHED", "\0"):
        assert ben.decide(held, to).status_code == 400
    assert state_of(ben.app, held) == State.HELD


def test_parameters_that_cannot_be_read_show_the_first_page(ben: Desk, site: Site) -> None:
    held = write(ben.app, site)
    for query in (
        "state=everything",
        "state=",
        "after=x",
        "after=-1",
        f"after={10**40}",
        "after=²",
        "before=1e5",
        "decided=x",
        f"decided={2**63}",
        "lang=xx",
        "_external=1&_anchor=x&_scheme=ftp&endpoint=x",
        "state=%00",
    ):
        assert held.text in ben.look(f"?{query}"), query


def test_a_place_cannot_lead_elsewhere(ben: Desk, site: Site) -> None:
    held = write(ben.app, site)
    for place in (
        "//evil.example",
        "_external=1&_scheme=evil",
        "lang=xx&next=https://evil.example",
    ):
        location = ben.decide(held, "spam", place=place).location
        assert re.fullmatch(r"/dashboard/(\?decided=[0-9]+)?#decided", location)


def test_hostile_texts_stay_texts(ben: Desk, site: Site) -> None:
    write(
        ben.app,
        site,
        "<script>alert(1)</script><img src=x onerror=alert(1)>",
        name="<script>alert(2)</script>",
        email='"><script>@x.example',
        website='javascript:alert(3)//"><script>',
    )
    raw = ben.client.get("/dashboard/").text
    assert re.findall(r"<script[^>]*>", raw) == ['<script src="/dashboard/dashboard.js" defer>']
    assert "<img" not in raw
    assert 'href="javascript' not in raw
    assert "&lt;script&gt;alert(2)&lt;/script&gt;" in raw


def test_every_answer_is_private_and_runs_no_script_but_ours(ben: Desk, site: Site) -> None:
    held = write(ben.app, site)
    for answer in (
        ben.client.get("/dashboard/"),
        ben.client.get("/dashboard/sign-in"),
        ben.decide(held, "spam"),
        ben.decide(held, "nonsense"),
        ben.client.post("/dashboard/sign-out"),
        ben.app.test_client().get("/dashboard/"),
    ):
        assert answer.headers["Cache-Control"] == "no-store"
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert "script-src 'self';" in policy
        assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.parametrize(
    ("attribute", "mimetype"),
    [('rel="stylesheet" href', "text/css"), ("script src", "text/javascript")],
)
def test_style_and_script_are_there_for_everybody(
    app: Flask, site: Site, attribute: str, mimetype: str
) -> None:
    client = app.test_client()
    found = re.search(rf'{attribute}="([^"]+)"', client.get("/dashboard/sign-in").text)
    assert found
    answer = client.get(found[1])
    assert (answer.status_code, answer.mimetype) == (200, mimetype)
    again = client.get(found[1], headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


@pytest.mark.long
def test_a_german_page_has_no_english_left(ben: Desk, site: Site) -> None:
    german = language("de").gettext
    english = [m for m in messages() if isinstance(m, str) and german(m) != m]
    decided = [write(ben.app, site, f"Nummer {n}.", name="Noor") for n in range(4)]
    pages = []
    for comment, to in zip(decided, ("published", "spam", "removed", "held"), strict=True):
        ben.decide(comment, to)
        pages.append(ben.look(f"?state={to}&decided={comment.id}&lang=de"))
        pages.append(ben.look(f"?state={to}&after=1&lang=de"))
    stranger = ben.app.test_client()
    pages.append(stranger.get("/dashboard/sign-in?lang=de").text)
    pages.append(stranger.post("/dashboard/sign-in?lang=de").text)
    pages.append(ben.client.post("/dashboard/sign-out?lang=de").text)
    for page in pages:
        assert '<html lang="de"' in page
        words = " | ".join(_visible(page))
        assert [m for m in english if re.search(rf"\b{_pattern(m)}(?!\w)", words)] == []


def test_the_language_asked_for_stays_while_one_works(ben: Desk, site: Site) -> None:
    held = write(ben.app, site)
    page = ben.look("?lang=de", **{"Accept-Language": "en"})
    assert "Freischalten" in page
    addresses = re.findall(r'(?:href|action)="(/dashboard/[^"]*)"', page)
    assert all("lang=" in address for address in addresses if ".css" not in address)
    form = {"csrf_token": token_of(ben.client), "to": "spam"}
    answer = ben.client.post(f"/dashboard/comments/{held.id}/decision?lang=de", data=form)
    assert "lang=de" in answer.location
    assert "lang=de" in ben.app.test_client().get("/dashboard/?lang=de").location


def test_in_a_host_app_the_dashboard_leaves_session_key_and_protection_of_the_host_alone(
    sqlite_url: str,
) -> None:
    host = Flask("host")
    host.config.update(
        SECRET_KEY="the host's own",
        COMMENTBOX_SECRET_KEY="known to every test",
        COMMENTBOX_DATABASE_URL=sqlite_url,
        COMMENTBOX_POST_LIMIT="",
        WTF_CSRF_FIELD_NAME="the_hosts_field",
        WTF_CSRF_TIME_LIMIT=-1,
        SESSION_COOKIE_PATH="/",
    )
    CSRFProtect(host)
    CommentBox(host, url_prefix="/talk")
    host.add_url_rule("/", "home", lambda: jsonify(generate_csrf(), host_session["csrf_token"]))
    host.add_url_rule("/change", "change", lambda: "changed", methods=["POST"])
    with host.app_context():
        site = add_site("blog", ["https://blog.example"])
    ben = Desk.of(host, account(host, "ben@example.org", Role.MODERATOR, site.id))
    ben.client.get("/")
    before = ben.client.get_cookie("session")
    held = write(host, site)

    form = {"csrf_token": token_of(ben.client, "/talk/dashboard/"), "to": "published"}
    decision = f"/talk/dashboard/comments/{held.id}/decision"
    assert ben.client.post(decision, data={"to": "published"}).status_code == 403
    assert ben.client.post(decision, data=form).status_code == 303
    assert state_of(host, held) == State.PUBLISHED
    assert ben.client.get_cookie("session") == before
    assert ben.client.get_cookie(COOKIE, path="/talk/dashboard/")
    assert ben.client.post("/change", data=form).status_code == 400


def _visible(page: str) -> list[str]:
    """Return the texts and spoken attributes of a page."""
    spoken = re.findall(r'(?:aria-label|title|alt|placeholder)="([^"]+)"', page)
    texts = re.sub(r"<[^>]+>", "\n", page.partition("<body>")[2])
    return [text.strip() for text in (*spoken, *texts.splitlines()) if text.strip()]


def _pattern(message: str) -> str:
    return re.sub(r"%\\\((\w+)\\\)s", ".+?", re.escape(message))
