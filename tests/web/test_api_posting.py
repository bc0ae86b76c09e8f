"""Posting: what comes back, tickets, and keys that make a second try harmless."""

import pytest

from commentbox.actions.moderate import Ruling, decide
from commentbox.actions.sites import add_site, set_policy
from commentbox.models import Entrance, State
from tests.web.readers import ON_BOTH_DATABASES, ORIGIN, Posted, Reader, codes

KEY = "b6f0c0de-7d5e-4b0c"


def test_a_post_answers_with_the_comment_as_data_and_as_html(reader: Reader):
    answer = reader.post("**Well** said", name="Ada", website="ada.example")
    assert answer.status_code == 201
    comment = answer.json["comment"]
    assert (comment["name"], comment["website"]) == ("Ada", "https://ada.example")
    assert (comment["state"], comment["parent"], comment["replies"]) == ("published", None, [])
    assert f'id="comment-{comment["id"]}"' in answer.json["html"]
    assert reader.read()["comments"] == [comment]


def test_a_held_comment_is_answered_to_its_author_and_to_nobody_else(reader: Reader):
    answer = reader.post(ticket=None)
    assert answer.status_code == 202
    assert answer.json["comment"]["state"] == "held"
    assert "waiting for moderation" in answer.json["html"]
    assert reader.read()["comments"] == []


@ON_BOTH_DATABASES
def test_a_reply_hangs_on_its_parent_at_any_depth(reader: Reader):
    with reader.app.app_context():
        set_policy("blog", {"max_depth": "1"})
    parent = None
    chain = []
    for number in range(5):
        parent = reader.posted(f"Number {number}", parent=parent).id
        chain.append(parent)
    [root] = reader.read()["comments"]
    assert [reply["parent"] for reply in root["replies"]] == chain[:-1]
    assert reader.row(chain[-1]).depth == 4


def test_a_ticket_from_the_service_lets_a_comment_through(reader: Reader):
    with reader.app.app_context():
        set_policy("blog", {"pace_seconds": "0"})
    ticket = reader.send("/api/v1/sites/blog/tickets", {}).json["ticket"]
    assert reader.post(ticket=ticket).status_code == 201


def test_a_ticket_is_asked_for_with_or_without_a_body(reader: Reader):
    path = "/api/v1/sites/blog/tickets"
    for answer in (reader.client.post(path, headers=reader.headers), reader.form(path, {})):
        assert answer.status_code == 200


@pytest.mark.parametrize(
    "spoil",
    [
        lambda ticket: ticket[:-1],
        lambda ticket: "other" + ticket,
        lambda ticket: ticket.replace(".", "..", 1),
        lambda ticket: ticket.split(".")[0],
        lambda ticket: "ä" + ticket,
        lambda ticket: "." * 300,
    ],
)
def test_a_spoilt_ticket_holds_the_comment_and_says_why(shared_reader: Reader, spoil):
    ticket = spoil(shared_reader.ticket())
    held = shared_reader.post("Spoilt", ticket=ticket)
    assert held.status_code == 202
    [reason] = shared_reader.row(held.json["comment"]["id"]).reasons
    assert reason["code"] == "ticket_forged"


def test_the_ticket_of_another_site_is_none(reader: Reader):
    with reader.app.app_context():
        other = Reader(reader.app, add_site("other", [ORIGIN]))
    assert reader.post(ticket=other.ticket()).status_code == 202


@ON_BOTH_DATABASES
def test_the_same_key_and_words_are_the_same_comment(reader: Reader):
    first, again = (reader.post(idempotency_key=KEY) for _ in range(2))
    assert first.status_code == again.status_code == 201
    assert first.json == again.json
    assert reader.stored()["Comment"] == 1


def test_the_key_may_come_as_a_header(reader: Reader):
    path = "/api/v1/sites/blog/comments"
    by_header = reader.send(path, reader.comment(), Idempotency_Key=KEY)
    assert reader.post(idempotency_key=KEY).json == by_header.json
    # The field wins over the header.
    other = reader.send(
        path, reader.comment("Other", idempotency_key=KEY[::-1]), Idempotency_Key=KEY
    )
    assert other.status_code == 201
    short = reader.send(path, reader.comment("Short"), Idempotency_Key="short")
    assert codes(short) == ("invalid_fields", "idempotency_key:too_short")


@ON_BOTH_DATABASES
def test_a_retry_is_answered_with_what_became_of_the_comment(reader: Reader):
    first = reader.post(idempotency_key=KEY, ticket=None)
    assert first.status_code == 202
    with reader.app.app_context():
        decide(first.json["comment"]["id"], State.PUBLISHED, Ruling(Entrance.CLI))
    assert reader.post(idempotency_key=KEY, ticket=None).status_code == 201


def test_a_retry_is_answered_also_when_the_thread_was_closed_meanwhile(reader: Reader):
    first = reader.post(idempotency_key=KEY)
    with reader.app.app_context():
        set_policy("blog", {"is_open": "no"})
    assert reader.post(idempotency_key=KEY).json["edit_token"] == first.json["edit_token"]


def test_who_knows_a_key_does_not_get_the_comment_by_it(reader: Reader):
    first = reader.post("Mine", idempotency_key=KEY)
    thief = reader.post("Yours?", idempotency_key=KEY)
    assert (thief.status_code, codes(thief)) == (422, ("idempotency_key_reused",))
    assert first.json["edit_token"] not in thief.text


def test_a_key_counts_within_a_page_only(reader: Reader):
    first = reader.post("Here", page="/a", idempotency_key=KEY)
    second = reader.post("There", page="/b", idempotency_key=KEY)
    assert first.status_code == second.status_code == 201


def test_another_network_may_say_the_same(reader: Reader):
    other = Reader(reader.app, reader.site)
    assert reader.post("Thank you!").status_code == 201
    assert other.post("Thank you!").status_code == 201
    assert codes(reader.post("thank  YOU! ")) == ("invalid_fields", "text:duplicate")


def test_edit_tokens_of_two_comments_differ(reader: Reader):
    tokens = {reader.posted("One").edit_token, reader.posted("Two").edit_token}
    assert len(tokens) == 2


def test_another_secret_opens_nothing(elsewhere, reader: Reader):
    mine = reader.posted()
    other = elsewhere(COMMENTBOX_SECRET_KEY="another")
    theirs = Posted(mine.id, mine.edit_token)
    answer = other.to_comment(theirs.id, "delete", edit_token=theirs.edit_token)
    assert codes(answer) == ("edit_refused",)
    assert other.post("With a ticket of mine", ticket=reader.ticket()).status_code == 202


def test_a_retry_finds_the_comment_whatever_the_rules_say_by_now(reader: Reader):
    sent = reader.comment("Well said!", idempotency_key=KEY)
    path = "/api/v1/sites/blog/comments"
    first = reader.send(path, sent)
    with reader.app.app_context():
        set_policy("blog", {"require_name": "yes", "max_length_chars": "3"})
    again = reader.send(path, sent)
    assert (again.status_code, again.json["comment"]["id"]) == (201, first.json["comment"]["id"])
    other = reader.send(path, {**sent, "text": "Another text"})
    assert codes(other) == ("idempotency_key_reused",)
    assert codes(reader.post("Unheard of", idempotency_key="x" * 20))[0] == "invalid_fields"


def test_a_retry_finds_the_comment_that_was_edited_meanwhile(reader: Reader):
    first = reader.posted("Frist!", idempotency_key=KEY)
    assert reader.to_comment(first.id, "edit", text="First!", edit_token=first.edit_token)
    assert reader.posted("Frist!", idempotency_key=KEY).id == first.id
    assert codes(reader.post("First!", idempotency_key=KEY)) == ("idempotency_key_reused",)


def test_line_ends_count_as_typed_in_every_form(reader: Reader):
    with reader.app.app_context():
        set_policy("blog", {"max_length_chars": "3"})
    sent = reader.comment("a\r\nb", idempotency_key=KEY)
    by_api = reader.form("/api/v1/sites/blog/comments", sent)
    assert by_api.status_code == 201
    assert reader.row(by_api.json["comment"]["id"]).text == "a\nb"
    by_page = reader.form("/sites/blog/thread", sent)
    assert by_page.status_code == 303
    assert by_page.location.endswith(f"#comment-{by_api.json['comment']['id']}")
