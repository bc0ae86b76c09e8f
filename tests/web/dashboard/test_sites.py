"""A site's pages: a new one, its rules and looks, whether it is installed, members and bans."""

import html
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import selectinload
from werkzeug.test import TestResponse

from commentbox.db import session
from commentbox.models import Ban, Membership, Sighting, Site
from tests.web.dashboard.people import Desk, publish, token_of, write


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """Return a SQLite database: nothing here depends on the kind."""
    return sqlite_url


@pytest.fixture
def app(new_app: Callable[..., Flask]) -> Flask:
    """Return an app that nobody else uses: it remembers where a site was seen a moment ago."""
    return new_app()


def post(desk: Desk, path: str, **form: str) -> TestResponse:
    """Send a form of the dashboard."""
    data = {"csrf_token": token_of(desk.client), **form}
    return desk.client.post(f"/dashboard/sites/{path}", data=data)


def kept(app: Flask, key: str = "blog") -> Site:
    """Return a site as it is stored."""
    with app.app_context():
        stored = select(Site).where(Site.key == key).options(selectinload(Site.origins))
        return session().scalars(stored).one()


def test_a_new_site_is_added_and_its_snippet_shown(ada: Desk) -> None:
    answer = post(
        ada,
        "_new",
        key="shop",
        name="Ada's shop",
        origins="https://shop.example\r\nhttp://localhost:8081",
        language="de",
    )
    assert answer.location == "/dashboard/sites/shop?done=created"
    page = ada.look("sites/shop?done=created")
    assert '<script async src="http://localhost/embed.js" data-site="shop"></script>' in page
    assert "No page of the site has asked for comments yet" in page
    assert [o.origin for o in kept(ada.app, "shop").origins] == [
        "https://shop.example",
        "http://localhost:8081",
    ]


def test_a_site_called_new_has_its_pages(ada: Desk) -> None:
    origins = "https://new.example"
    answer = post(ada, "_new", key="new", name="News", origins=origins, language="en")
    assert 'data-site="new"' in ada.look(answer.location.removeprefix("/dashboard/"))


def test_a_site_that_cannot_be_is_shown_again_with_every_reason(ada: Desk) -> None:
    answer = post(ada, "_new", key="blog", name="n" * 201, origins="blog.example", language="xx")
    assert answer.status_code == 422
    text = html.unescape(answer.text)
    for said in (
        "a site with this key already",
        "too long",
        "“blog.example” is not an origin",
        "no catalogue",
    ):
        assert said in text
    assert 'value="blog"' in answer.text


def test_rules_are_kept_or_shown_again_as_typed(ada: Desk) -> None:
    form = {
        "moderation": "known",
        "known_after": "3",
        "held_words": "casino*\r\npayday loan",
        "votes": "no",
    }
    assert post(ada, "blog/settings", **form).status_code == 303
    site = kept(ada.app)
    assert (site.moderation, site.known_after, site.votes) == ("known", 3, False)
    assert site.held_words == "casino*\npayday loan"
    wrong = post(
        ada, "blog/settings", known_after="0", max_links="many", held_words="*", votes="yes"
    )
    assert wrong.status_code == 422
    assert wrong.text.count('class="error"') == 3
    assert 'value="many"' in wrong.text
    assert not kept(ada.app).votes
    assert "Whom you trust" in ada.look("sites/blog/settings")


def test_looks_change_the_thread_and_the_snippet(ada: Desk, site: Site) -> None:
    form = {"text_send": "Ab damit", "text_rules": "Be <b>kind</b>.", "colour_accent": "#AA3333"}
    assert post(ada, "blog/looks", **form).status_code == 303
    thread = ada.client.get("/embed/blog/thread?page=/post").text
    assert "Ab damit" in thread
    assert "Be &lt;b&gt;kind&lt;/b&gt;." in thread
    assert "--comment-box-accent: #aa3333;" in ada.look("sites/blog")
    wrong = post(ada, "blog/looks", colour_accent="red;}", text_send="x" * 501)
    assert wrong.status_code == 422
    assert wrong.text.count('class="error"') == 2
    assert kept(ada.app).texts["send"] == "Ab damit"


def test_the_preview_shows_the_liveliest_thread(ada: Desk, site: Site) -> None:
    assert 'page="preview"' in ada.look("sites/blog/preview")
    publish(ada.app, site)
    assert 'page="/post"' in ada.look("sites/blog/preview")


def test_where_a_site_was_seen_and_what_went_wrong_is_told(
    ada: Desk, site: Site, new_app: Callable[..., Flask]
) -> None:
    reader = new_app().test_client()  # it has noted nothing yet
    fragment = "/embed/blog/thread?page=/post"
    reader.get(fragment, headers={"Origin": "https://evil.example"})
    assert "asked for comments yet" in ada.look("sites/blog")
    assert "a page of https://evil.example wanted" in ada.look("sites/blog")
    reader.post("/api/v1/sites/blog/tickets", headers={"Origin": "https://blog.example"})
    assert "Pages of https://blog.example last asked" in ada.look("sites/blog")
    reader.post("/api/v1/sites/blog/tickets", headers={"Origin": "https://www.blog.example"})
    assert "a page of https://evil.example wanted" in ada.look("sites/blog")  # noted a moment ago
    with ada.app.app_context():
        assert session().scalars(select(Sighting)).one().trouble == "origin_refused"
    reader.post("/api/v1/sites/unknown/tickets", headers={"Origin": "https://blog.example"})


def test_origins_are_kept_as_written_and_a_wrong_one_keeps_the_old(ada: Desk) -> None:
    assert post(ada, "blog/origins", origins="https://www.blog.example").status_code == 303
    assert [o.origin for o in kept(ada.app).origins] == ["https://www.blog.example"]
    for wrong in ("", "ftp://blog.example", "https://blog.example javascript:alert(1)"):
        assert post(ada, "blog/origins", origins=wrong).status_code == 422
    assert [o.origin for o in kept(ada.app).origins] == ["https://www.blog.example"]


def test_members_are_invited_by_a_link_and_change_roles(ada: Desk, ben: Desk) -> None:
    invited = post(ada, "blog/members", email="dee@example.org", role="owner", scope="site")
    assert "http://localhost/dashboard/invitations/" in invited.text
    assert "dee@example.org" in ada.look("sites/blog/members")
    again = post(ada, "blog/members", email="nobody", role="owner")
    assert again.status_code == 422
    assert 'value="nobody"' in again.text
    with ada.app.app_context():
        bens = session().scalars(select(Membership).where(Membership.site_id.is_not(None))).one()
    assert post(ada, f"blog/members/{bens.id}", role="owner").status_code == 303
    assert ben.client.get("/dashboard/sites/blog/settings").status_code == 200
    assert post(ben, f"blog/members/{bens.id}", deed="remove").location == "/dashboard/"
    assert ben.client.get("/dashboard/sites/blog").status_code == 404


def test_the_last_owner_stays(app: Flask, ada: Desk) -> None:
    of_all = ada.moderator.memberships[0].id
    for form in ({"role": "moderator"}, {"deed": "remove"}):
        answer = post(ada, f"blog/members/{of_all}", **form)
        assert answer.status_code == 403
        assert "needs an owner" in answer.text


def test_moderators_ban_by_a_comment_and_lift(ben: Desk, site: Site) -> None:
    comment = write(ben.app, site, name="Mallory", email="mallory@spam.example")
    there = f"sites/blog/bans?comment={comment.id}"
    assert f"/dashboard/{there}" in ben.look(f"comments/{comment.id}")
    page = ben.look(there)
    assert "Ban for the comment by Mallory" in page
    assert "Network" in page
    form = {"comment": str(comment.id), "days": "30", "manner": "open", "reason": "insults"}
    assert post(ben, "blog/bans", kind="author", **form).status_code == 303
    shown = ben.look("sites/blog/bans")
    assert "Mallory" in shown
    assert "insults" in shown
    wrong = post(ben, "blog/bans", kind="word", value="*", days="7", manner="shadow", reason="why")
    assert wrong.status_code == 422
    assert 'value="why"' in wrong.text
    with ben.app.app_context():
        placed = session().scalars(select(Ban)).one()
        assert (placed.kind, placed.value, placed.is_open) == ("author", str(comment.author), True)
    assert post(ben, f"blog/bans/{placed.id}/lift").status_code == 303
    assert "Nobody is banned." in ben.look("sites/blog/bans")


def test_a_comment_of_another_site_bans_nobody(ben: Desk, site: Site, other_site: Site) -> None:
    foreign = write(ben.app, other_site)
    assert "Mallory" not in ben.look(f"sites/blog/bans?comment={foreign.id}")
    answer = post(
        ben, "blog/bans", kind="author", comment=str(foreign.id), days="", manner="shadow"
    )
    assert answer.status_code == 422
