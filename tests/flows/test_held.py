"""A doubtful comment waits: its author sees it, nobody else does, a moderator decides."""

from collections.abc import Callable

from flask import Flask

from commentbox.actions.sites import set_policy
from tests.flows.conftest import Desk
from tests.web.readers import Reader

NewReader = Callable[[], Reader]


def test_a_comment_without_a_ticket_waits_until_ben_publishes_it(
    new_reader: NewReader, ben: Desk
) -> None:
    cy, ada = new_reader(), new_reader()
    answer = cy.post("Sent by a program?", ticket=None)

    assert answer.status_code == 202
    assert answer.json["comment"]["state"] == "held"
    assert "Sent by a program?" in answer.json["html"]
    assert ada.read()["comments"] == []
    assert ben.sees("Sent by a program?")

    ben.decide(answer.json["comment"]["id"], "published")
    assert [c["html"] for c in ada.read()["comments"]] == ["<p>Sent by a program?</p>"]
    assert not ben.sees("Sent by a program?")


def test_a_held_comment_can_still_be_changed_and_taken_back_by_its_author(
    new_reader: NewReader,
) -> None:
    cy = new_reader()
    held = cy.posted("Frist!", ticket=None)

    edited = cy.to_comment(held.id, "edit", edit_token=held.edit_token, text="First!")
    assert edited.status_code == 202
    deleted = cy.to_comment(held.id, "delete", edit_token=held.edit_token)
    assert deleted.status_code == 200
    assert cy.row(held.id).text == ""


def test_nobody_can_answer_what_waits(new_reader: NewReader) -> None:
    held = new_reader().posted("Wait for me.", ticket=None)

    answer = new_reader().post("I saw you!", parent=held.id)

    assert answer.status_code == 422
    assert [e["code"] for e in answer.json["errors"]] == ["unknown_parent"]


def test_on_a_site_where_every_comment_waits_a_good_one_waits_too(
    app: Flask, new_reader: NewReader, ben: Desk
) -> None:
    with app.app_context():
        set_policy("blog", {"moderation": "all"})
    cy = new_reader()

    answer = cy.post("A good one.")

    assert answer.status_code == 202
    assert cy.read()["count"] == 0
    ben.decide(answer.json["comment"]["id"], "spam")
    assert cy.read()["count"] == 0
    assert ben.sees("A good one.", "spam")


def test_the_hosted_page_shows_what_waits_to_its_author_alone(new_reader: NewReader) -> None:
    cy, ada = new_reader(), new_reader()
    answer = cy.post_by_page("Without the script.", ticket=None)
    assert answer.status_code == 303

    assert "Without the script." in cy.client.get(answer.headers["Location"]).text
    assert "Without the script." not in ada.look().text
