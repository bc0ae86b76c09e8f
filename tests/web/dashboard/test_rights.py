"""Every address of the dashboard × every role × a site of one's own and a foreign one, from the URL map."""

import pytest
from flask import Flask
from sqlalchemy import func, select

from commentbox.actions.bans import Wish, ban
from commentbox.actions.invitations import Guest, invite
from commentbox.actions.sites import add_site
from commentbox.db import Base, session
from commentbox.models import BanKind, Comment, Role, Site
from tests.web.dashboard.people import WRITTEN_AT, Desk, account, token_of, write

NAME = "commentbox_dashboard."

OWNERS = {
    "set_site_origins",
    "settings_page",
    "set_settings",
    "looks_page",
    "set_site_looks",
    "preview",
    "members_page",
    "invite_member",
    "change_member",
    "withdraw_invitation",
    "import_page",
    "upload_import",
    "start_import",
    "person_page",
    "find_person",
    "erase_data",
}
"""Endpoints of a site that its moderators may not use."""

OWNERS_OF_ALL = {"new_site_page", "create_site"}
"""Endpoints for who owns every site."""

FOREIGN = {"key": "other", "membership_id": 0, "invitation_id": 0, "ban_id": 0, "comment_id": 0}


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """Return a SQLite database: nothing here depends on the kind."""
    return sqlite_url


@pytest.fixture
def dee(app: Flask, site: Site) -> Desk:
    """Return Dee at her desk, signed in; she owns “blog” and no other site."""
    return Desk.of(app, account(app, "dee@example.org", Role.OWNER, site.id))


@pytest.fixture
def other_comment(app: Flask) -> Comment:
    """Return a comment on the site “other”, which has a ban, an invitation and a member as well."""
    with app.app_context():
        other = add_site("other", ["https://other.example"])
        other_id = other.id
        FOREIGN["ban_id"] = ban(other, Wish(BanKind.WORD, "cheap"), None, WRITTEN_AT).id
        guest = Guest("fay@example.org", Role.MODERATOR, other)
        FOREIGN["invitation_id"] = invite(guest, None, WRITTEN_AT).id
        other = add_site("other", [])
    cy = account(app, "cy@example.org", Role.OWNER, other_id)
    FOREIGN["membership_id"] = cy.memberships[0].id
    comment = write(app, other)
    FOREIGN["comment_id"] = comment.id
    return comment


def paths(app: Flask, values: dict[str, object]) -> list[tuple[str, str, str]]:
    """Return method, path and endpoint of every address that names something, filled in."""
    adapter = app.url_map.bind("localhost")
    return [
        (method, adapter.build(rule.endpoint, {a: values[a] for a in rule.arguments}), name)
        for rule in app.url_map.iter_rules()
        if (name := rule.endpoint.removeprefix(NAME)) != rule.endpoint
        and rule.arguments
        and rule.arguments <= values.keys()
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    ]


def rows(app: Flask) -> dict[str, int]:
    """Return how many rows each table has."""
    with app.app_context():
        return {
            table.name: session().scalar(select(func.count()).select_from(table)) or 0
            for table in Base.metadata.sorted_tables
        }


@pytest.mark.parametrize("role", ["dee", "ben"])
def test_what_is_of_another_site_is_as_if_it_did_not_exist(
    role: str, other_comment: Comment, request: pytest.FixtureRequest
) -> None:
    desk: Desk = request.getfixturevalue(role)
    token, before = token_of(desk.client), rows(desk.app)
    unknown = {**dict.fromkeys(FOREIGN, 987_654), "key": "unknown"}
    strange = {**FOREIGN, "key": "blog"}
    checked = 0
    for method, path, name in paths(desk.app, FOREIGN):
        answer = desk.client.open(path, method=method, data={"csrf_token": token})
        assert answer.status_code == 404, (name, path)
        checked += 1
    for foreign, none in zip(
        paths(desk.app, strange), paths(desk.app, {**unknown, "key": "blog"}), strict=True
    ):
        method, path, name = foreign
        if set("0123456789") & set(path):
            here = desk.client.open(path, method=method, data={"csrf_token": token, "to": "spam"})
            there = desk.client.open(
                none[1], method=method, data={"csrf_token": token, "to": "spam"}
            )
            assert here.status_code == there.status_code, (name, path)
            assert here.status_code in (403, 404), (name, path)
    assert checked >= 15
    assert rows(desk.app) == before


def test_what_is_for_owners_is_refused_to_moderators(ben: Desk) -> None:
    token, before = token_of(ben.client), rows(ben.app)
    values = {**dict.fromkeys(FOREIGN, 1), "key": "blog"}
    for method, path, name in paths(ben.app, values):
        answer = ben.client.open(path, method=method, data={"csrf_token": token})
        if name in OWNERS:
            assert answer.status_code == 403, (name, path)
        elif method == "GET" and "/sites/" in path:
            assert answer.status_code == 200, (name, path)
    for method in ("GET", "POST"):
        answer = ben.client.open("/dashboard/sites/_new", method=method, data={"csrf_token": token})
        assert answer.status_code == 403
    assert rows(ben.app) == before


def test_owners_of_one_site_add_no_others_and_touch_nobody_of_every_site(
    dee: Desk, ada: Desk
) -> None:
    token = token_of(dee.client)
    of_all = ada.moderator.memberships[0].id
    for path, form in (
        ("sites/_new", {"key": "mine", "origins": "https://mine.example", "language": "en"}),
        (f"sites/blog/members/{of_all}", {"deed": "remove"}),
        (f"sites/blog/members/{of_all}", {"role": "moderator"}),
        ("sites/blog/members", {"email": "x@example.org", "role": "owner", "scope": "all"}),
    ):
        answer = dee.client.post(f"/dashboard/{path}", data={"csrf_token": token, **form})
        assert answer.status_code == 403, path
    assert dee.client.get("/dashboard/sites/blog/members").status_code == 200


def test_every_page_of_a_site_opens_for_its_owner(dee: Desk) -> None:
    opened = [path for method, path, _ in paths(dee.app, {"key": "blog"}) if method == "GET"]
    assert len(opened) >= 6
    for path in opened:
        answer = dee.client.get(path)
        assert answer.status_code == 200, path
        assert answer.headers["Cache-Control"] == "no-store"
        ancestors = "'self'" if path.endswith("/preview") else "'none'"
        assert f"frame-ancestors {ancestors}" in answer.headers["Content-Security-Policy"]
