"""One's own comment: edited, deleted and fetched by its token, inside the edit window."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from commentbox import clock
from commentbox.actions.moderate import Ruling, decide
from commentbox.actions.sites import set_policy
from commentbox.db import atomic, session
from commentbox.models import Comment, Decision, Entrance, State
from tests.web.readers import ON_BOTH_DATABASES, Posted, Reader, codes

LINKS = "https://a.example https://b.example https://c.example"


def change(reader: Reader, comment: Posted, deed: str, **fields: object) -> TestResponse:
    """Do something to one's own comment."""
    return reader.to_comment(comment.id, deed, edit_token=comment.edit_token, **fields)


def by_method(reader: Reader, comment: Posted, method: str, **fields: object) -> TestResponse:
    """Do the same by the method that says it."""
    body = {"edit_token": comment.edit_token, **fields}
    return reader.send(f"/api/v1/comments/{comment.id}", body, method=method)


def age(reader: Reader, comment: Posted, seconds: int) -> None:
    """Let a comment be posted some seconds ago."""
    posted_at = clock.now() - timedelta(seconds=seconds)
    with reader.app.app_context(), atomic() as current:
        current.execute(
            update(Comment).where(Comment.id == comment.id).values(created_at=posted_at)
        )


@ON_BOTH_DATABASES
def test_an_edit_changes_the_text_and_says_so(reader: Reader):
    mine = reader.posted("Frist", name="Ada")
    answer = change(reader, mine, "edit", text="**First**")
    assert answer.status_code == 200
    assert answer.json["comment"]["html"].strip() == "<p><strong>First</strong></p>"
    assert f'id="comment-{mine.id}"' in answer.json["html"]
    [comment] = reader.read()["comments"]
    assert comment["edited_at"] is not None
    assert comment["name"] == "Ada"
    assert reader.row(mine.id).text == "**First**"


@pytest.mark.parametrize("do", [change, by_method])
def test_editing_and_deleting_work_in_both_spellings(reader: Reader, do):
    edit, remove = ("edit", "delete") if do is change else ("PATCH", "DELETE")
    mine = reader.posted()
    assert do(reader, mine, edit, text="Better said").status_code == 200
    assert do(reader, mine, remove).status_code == 200
    assert reader.read()["comments"] == []


def test_the_source_is_what_was_typed(reader: Reader):
    typed = "  *a*\r\n\tb <i>\u202e \n"
    mine = reader.posted(typed)
    answer = change(reader, mine, "source")
    assert answer.json["text"] == typed
    assert answer.json["edit_until"] > reader.read()["comments"][0]["created_at"]
    assert answer.headers["Cache-Control"] == "no-store"


WRONG_TOKENS = ["", "nonsense", "MQ.AAAA", "a" * 300, "ä.ö.ü", None]


@pytest.mark.parametrize("token", WRONG_TOKENS)
@pytest.mark.parametrize("deed", ["edit", "delete", "source"])
def test_a_wrong_token_opens_nothing(shared_reader: Reader, deed: str, token: str | None):
    mine = shared_reader.posted(f"Mine to {deed} by {token}")
    fields = {"edit_token": token} | ({"text": "Not mine"} if deed == "edit" else {})
    answer = shared_reader.to_comment(mine.id, deed, **fields)
    assert (answer.status_code, codes(answer)) == (403, ("edit_refused",))
    assert shared_reader.row(mine.id).text == f"Mine to {deed} by {token}"


@pytest.mark.parametrize("deed", ["edit", "delete", "source"])
def test_the_token_of_another_comment_opens_nothing(shared_reader: Reader, deed: str):
    mine, other = shared_reader.posted(f"Mine, {deed}"), shared_reader.posted(f"Other, {deed}")
    fields = {"text": "Not mine"} if deed == "edit" else {}
    answer = change(shared_reader, Posted(other.id, mine.edit_token), deed, **fields)
    assert codes(answer) == ("edit_refused",)
    assert shared_reader.row(other.id).state == State.PUBLISHED


def test_a_ticket_is_no_edit_token(reader: Reader):
    mine = reader.posted()
    answer = change(reader, Posted(mine.id, reader.ticket()), "delete")
    assert codes(answer) == ("edit_refused",)


@ON_BOTH_DATABASES
def test_after_the_window_nothing_can_be_changed(reader: Reader):
    mine = reader.posted()
    age(reader, mine, 899)
    assert change(reader, mine, "source").status_code == 200
    age(reader, mine, 901)
    for deed, fields in (("edit", {"text": "Too late"}), ("delete", {}), ("source", {})):
        assert codes(change(reader, mine, deed, **fields)) == ("edit_refused",)
    assert reader.row(mine.id).text == "Well said!"


def test_a_site_may_have_no_window_at_all(reader: Reader):
    with reader.app.app_context():
        set_policy("blog", {"edit_window_seconds": "0"})
    assert codes(change(reader, reader.posted(), "delete")) == ("edit_refused",)


@pytest.mark.parametrize("state", [State.SPAM, State.REMOVED])
def test_what_moderators_took_away_stays_as_it_is(reader: Reader, state: State):
    mine = reader.posted()
    with reader.app.app_context():
        decide(mine.id, state, Ruling(Entrance.CLI))
    assert codes(change(reader, mine, "edit", text="Back again")) == ("edit_refused",)


def test_a_held_comment_can_be_edited_while_it_waits(reader: Reader):
    mine = reader.posted(ticket=None)
    answer = change(reader, mine, "edit", text="Better said")
    assert answer.status_code == 202
    assert answer.json["comment"]["state"] == "held"
    assert reader.row(mine.id).text == "Better said"


@ON_BOTH_DATABASES
def test_links_that_come_with_an_edit_are_looked_at(reader: Reader):
    mine = reader.posted()
    answer = change(reader, mine, "edit", text=LINKS)
    assert answer.status_code == 202
    assert reader.read()["count"] == 0
    with reader.app.app_context():
        decision = session().scalars(select(Decision)).one()
    assert (decision.entrance, decision.reason) == ("rule", "links")


def test_links_that_were_approved_may_stay(reader: Reader):
    mine = reader.posted(LINKS)
    with reader.app.app_context():
        decide(mine.id, State.PUBLISHED, Ruling(Entrance.CLI))
    assert change(reader, mine, "edit", text=f"{LINKS} and words").status_code == 200


def test_approved_links_do_not_let_others_in(reader: Reader):
    mine = reader.posted(LINKS)
    with reader.app.app_context():
        decide(mine.id, State.PUBLISHED, Ruling(Entrance.CLI))
    swapped = LINKS.replace("https://", "https://evil.")
    assert swapped != LINKS
    assert change(reader, mine, "edit", text=swapped).status_code == 202


def test_where_every_comment_waits_an_edited_one_waits_again(reader: Reader):
    with reader.app.app_context():
        set_policy("blog", {"moderation": "all"})
    mine = reader.posted()
    with reader.app.app_context():
        decide(mine.id, State.PUBLISHED, Ruling(Entrance.CLI))
    assert change(reader, mine, "edit", text="Something else").status_code == 202


@ON_BOTH_DATABASES
def test_a_deleted_comment_leaves_a_placeholder_where_replies_hang_on_it(reader: Reader):
    mine = reader.posted("Secret words", name="Ada", website="https://ada.example")
    reply = reader.posted("A reply", parent=mine.id)
    answer = change(reader, mine, "delete")
    assert answer.json["comment"]["state"] == "removed"
    thread = reader.read()
    [placeholder] = thread["comments"]
    assert thread["count"] == 1
    assert placeholder["id"] == mine.id
    assert placeholder["state"] == "removed"
    assert (placeholder["name"], placeholder["website"], placeholder["html"]) == ("", None, "")
    assert [each["id"] for each in placeholder["replies"]] == [reply.id]


@ON_BOTH_DATABASES
def test_a_deleted_comment_is_forgotten(reader: Reader):
    mine = reader.posted("Secret words", name="Ada", email="ada@example.org")
    change(reader, mine, "delete")
    row = reader.row(mine.id)
    assert (row.text, row.html.strip(), row.name, row.email, row.network) == ("", "", "", "", "")
    assert row.state == State.REMOVED
    assert reader.read()["count"] == 0
    for deed, fields in (("edit", {"text": "Back"}), ("delete", {}), ("source", {})):
        assert codes(change(reader, mine, deed, **fields)) == ("edit_refused",)


def test_what_was_taken_for_spam_is_told_to_its_author_as_held(reader: Reader):
    key = {"idempotency_key": "k" * 20}
    mine = reader.posted(**key)
    with reader.app.app_context():
        decide(mine.id, State.SPAM, Ruling(Entrance.CLI))
    again = reader.post(**key)
    assert again.status_code == 202
    assert again.json["comment"]["state"] == "held"
