"""Where links in mails lead: looking changes nothing, and a link is good for one thing, once."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from commentbox import clock
from commentbox.actions.edit import edit
from commentbox.db import session
from commentbox.delivery.email.letters import last_decision_id
from commentbox.delivery.email.links import DecisionLink, Links
from commentbox.models import Comment, Decision, Mail, Moderator, Site, State, Subscription
from tests.factories import WRITTEN_AT, ada, rule, write_held

LINKS = Links("known to every test")
MAIL = {
    "COMMENTBOX_SMTP_URL": "smtp://127.0.0.1:1",
    "COMMENTBOX_MAIL_FROM": "comments@example.org",
    "COMMENTBOX_PUBLIC_URL": "http://localhost",
}


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    return sqlite_url


@pytest.fixture
def app(new_app) -> Flask:  # type: ignore[no-untyped-def]
    """Return the service as an app that can send mail."""
    return new_app(**MAIL)  # type: ignore[no-any-return]


def decision_path(comment: Comment, by: Moderator, to: State = State.PUBLISHED) -> str:
    last = last_decision_id(session(), comment)
    link = DecisionLink(comment.id, to.value, by.id, by.session_number, last)
    return f"/mail/decision/{LINKS.decision(link)}"


def seen(page: str) -> str:
    return page.partition('name="seen" value="')[2].partition('"')[0]


def test_looking_at_a_decision_changes_nothing_and_posting_decides_once(
    app: Flask, client: FlaskClient, site: Site
) -> None:
    with app.app_context():
        comment, owner = write_held(site, text="Well *said*!"), ada()
        path = decision_path(comment, owner)
    page = client.get(path)
    assert "<em>said</em>" in page.text
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert page.headers["Cache-Control"] == "no-store"
    assert state_of(app, comment) == State.HELD
    assert "is published" in client.post(path, data={"seen": seen(page.text)}).text
    assert state_of(app, comment) == State.PUBLISHED
    with app.app_context():
        kept = session().scalars(select(Decision)).one()
        assert (kept.moderator_id, kept.entrance) == (owner.id, "mail")
    again = client.post(path, data={"seen": seen(page.text)})
    assert again.status_code == 404
    assert "has been decided on" in again.text


def test_a_link_that_somebody_was_faster_than_decides_nothing(
    app: Flask, client: FlaskClient, site: Site
) -> None:
    with app.app_context():
        comment = write_held(site)
        path = decision_path(comment, ada())
        rule(comment, State.SPAM)
        rule(comment, State.HELD)
    assert client.post(path, data={"seen": comment.text_digest.hex()}).status_code == 404
    assert state_of(app, comment) == State.HELD


def test_words_that_changed_since_must_be_looked_at_first(
    app: Flask, client: FlaskClient, site: Site
) -> None:
    with app.app_context():
        comment = write_held(site)
        path = decision_path(comment, ada())
        before = seen(client.get(path).text)
        edit(comment.id, "Buy this!", WRITTEN_AT + timedelta(minutes=1))
    answer = client.post(path, data={"seen": before})
    assert "changed the comment meanwhile" in answer.text
    assert "Buy this!" in answer.text
    assert state_of(app, comment) == State.HELD


def test_a_link_ends_with_its_moderators_rights_and_cannot_be_made_up(
    app: Flask, client: FlaskClient, site: Site
) -> None:
    with app.app_context():
        comment, owner = write_held(site), ada()
        path = decision_path(comment, owner)
        other = decision_path(comment, Moderator(id=4711, session_number=1))
        changed = Moderator(id=owner.id, session_number=owner.session_number + 1)
        old = decision_path(comment, changed)
    for dead in (other, old, f"{path}x", "/mail/decision/", "/mail/decision/x"):
        assert client.get(dead).status_code == 404
        assert client.post(dead, data={"seen": comment.text_digest.hex()}).status_code == 404
    assert state_of(app, comment) == State.HELD


def posted(client: FlaskClient, **fields: object) -> dict[str, object]:
    words = {"page": "/a", "text": "Hello there.", "name": "Cy", "email": "cy@example.org"}
    answer = client.post(
        "/api/v1/sites/blog/comments",
        json=words | fields,
        headers={"Origin": "https://blog.example"},
    )
    body: dict[str, object] = answer.get_json()
    return body | {"status": answer.status_code}


def test_a_ticked_box_asks_the_address_once_and_its_word_is_kept(
    app: Flask, client: FlaskClient, site: Site
) -> None:
    assert posted(client, notify=True, lang="de")["status"] == 202
    with app.app_context():
        wish = session().scalars(select(Subscription)).one()
        assert (wish.email, wish.language, wish.is_confirmed) == ("cy@example.org", "de", False)
        assert session().scalars(select(Mail.template)).all() == ["confirmation"]
    path = f"/mail/confirmation/{LINKS.confirmation(wish.id)}"
    page = client.get(path).text
    assert "Ja, er ist von mir" in page
    assert "Hello there." in page
    for other in ("", "00", "x"):  # other words than these were looked at
        client.post(path, data={"decision": "1", "seen": other})
    assert not wish_of(app).is_confirmed
    client.post(path, data={"decision": "1", "seen": seen(page)})
    kept = wish_of(app)
    assert kept.confirmed_at is not None
    assert kept.requested_at <= kept.confirmed_at <= clock.now()
    assert kept.wants_decision


def test_one_click_unsubscribes_without_cookie_or_token_in_a_form(
    app: Flask, client: FlaskClient, site: Site
) -> None:
    posted(client, notify="on")
    wish = wish_of(app)
    path = f"/mail/unsubscription/{LINKS.unsubscription(site.id, wish.email, wish.id)}"
    assert client.get(path).status_code == 200
    assert wish_of(app).id == wish.id
    for _ in range(2):
        one_click = client.post(path, data={"List-Unsubscribe": "One-Click"})
        assert one_click.status_code == 200
        assert "Set-Cookie" not in one_click.headers
    with app.app_context():
        assert session().scalars(select(Subscription)).all() == []


def test_refusing_ends_everything_for_that_address(
    app: Flask, client: FlaskClient, site: Site
) -> None:
    posted(client, notify=True)
    wish = wish_of(app)
    path = f"/mail/refusal/{LINKS.unsubscription(site.id, wish.email, wish.id)}"
    client.get(path)
    assert wish_of(app).id == wish.id
    client.post(path)
    posted(client, notify=True, text="Once more.")
    with app.app_context():
        assert session().scalars(select(Subscription)).all() == []


def test_who_wants_replies_must_say_where_to(client: FlaskClient, site: Site) -> None:
    refused = posted(client, notify=True, email="")
    assert refused["status"] == 422
    assert [error["field"] for error in refused["errors"]] == ["email"]  # type: ignore[index,attr-defined]
    assert posted(client, notify="perhaps")["status"] == 422


def test_the_box_is_unticked_and_shown_only_where_mail_can_be_sent(
    new_app,
    client: FlaskClient,
    site: Site,  # type: ignore[no-untyped-def]
) -> None:
    for path in ("/embed/blog/thread?page=/a", "/sites/blog/thread?page=/a"):
        with_mail = client.get(path)
        without = new_app().test_client().get(path)
        assert 'name="notify" value="1">' in with_mail.text
        assert "notify" not in without.text
        if "ETag" in with_mail.headers:
            assert with_mail.headers["ETag"] != without.headers["ETag"]


def test_without_a_mail_server_a_ticked_box_asks_in_vain(
    new_app,
    site: Site,  # type: ignore[no-untyped-def]
) -> None:
    app = new_app()
    assert posted(app.test_client(), notify=True)["status"] == 202
    with app.app_context():
        assert session().scalars(select(Subscription)).all() == []


def wish_of(app: Flask) -> Subscription:
    with app.app_context():
        return session().scalars(select(Subscription)).one()


def state_of(app: Flask, comment: Comment) -> str:
    with app.app_context():
        return session().get_one(Comment, comment.id).state
