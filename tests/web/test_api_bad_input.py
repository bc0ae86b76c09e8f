"""Requests that are well written but not welcome get a problem, and leave nothing behind."""

from collections.abc import Callable, Mapping

import pytest
from flask import Flask
from sqlalchemy import update

from commentbox.actions.moderate import Ruling, decide
from commentbox.actions.sites import add_site, set_policy
from commentbox.db import atomic
from commentbox.models import Entrance, Site, State, Thread
from tests.web.readers import ORIGIN, PAGE, Posted, Reader, codes


@pytest.fixture(scope="module")
def shared_comment(shared_site: tuple[Flask, Site]) -> Posted:
    """Return a comment that the tests of this module try to do wrong things to."""
    return Reader(*shared_site).posted()


ORIGINS = {
    None: "origin_missing",
    "": "origin_missing",
    "null": "origin_missing",
    "https://evil.example": "origin_refused",
    "http://blog.example": "origin_refused",
    "https://blog.example:8443": "origin_refused",
    "https://blog.example.evil.example": "origin_refused",
    "https://blog.example/": "origin_refused",
    "HTTPS://BLOG.EXAMPLE": "origin_refused",
    "javascript:alert(1)": "origin_refused",
    "x" * 5_000: "origin_refused",
}


def test_our_own_pages_are_those_of_the_public_address(elsewhere: Callable[..., Reader]):
    reader = elsewhere(COMMENTBOX_PUBLIC_URL="https://comments.example")
    path = "/api/v1/sites/blog/comments"
    ours = reader.send(path, reader.comment("Ours"), Origin="https://comments.example")
    assert ours.status_code == 201
    of_any_host = reader.send(path, reader.comment("Of any host"), Origin="http://localhost")
    assert codes(of_any_host) == ("origin_refused",)


@pytest.mark.long
@pytest.mark.parametrize("origin", ORIGINS)
def test_a_write_from_a_foreign_or_missing_origin_is_refused(
    shared_reader: Reader, shared_comment: Posted, origin: str | None
):
    reader, mine = shared_reader, shared_comment
    before = reader.stored()
    stranger = Reader(reader.app, reader.site, headers={"Origin": origin} if origin else {})
    token = {"edit_token": mine.edit_token}
    for answer in (
        stranger.post("Something else"),
        stranger.send("/api/v1/sites/blog/tickets", {}),
        stranger.to_comment(mine.id, "edit", **token, text="Mine now"),
        stranger.to_comment(mine.id, "delete", **token),
        stranger.to_comment(mine.id, "source", **token),
        stranger.to_comment(mine.id, "vote", value=1),
        stranger.to_comment(mine.id, "report"),
    ):
        assert answer.status_code == 403
        assert codes(answer) == (ORIGINS[origin],)
    assert reader.stored() == before
    assert reader.row(mine.id).text == "Well said!"


def test_a_refused_origin_is_told_the_remedy(reader: Reader):
    stranger = Reader(reader.app, reader.site, headers={"Origin": "https://new.example"})
    detail = stranger.post().json["detail"]
    assert "commentbox site add blog --origin https://new.example" in detail


def test_the_services_own_pages_may_write(reader: Reader):
    own = Reader(reader.app, reader.site, headers={"Origin": "http://localhost"})
    assert own.post().status_code == 201


def test_the_site_must_exist(reader: Reader):
    answer = reader.send("/api/v1/sites/elsewhere/comments", reader.comment())
    assert (answer.status_code, codes(answer)) == (404, ("unknown_site",))


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/comments/77/vote",
        "/api/v1/comments/0/vote",
        f"/api/v1/comments/{2**63}/vote",
        f"/api/v1/comments/{'9' * 400}/vote",
    ],
)
def test_an_unknown_comment_is_not_found(shared_reader: Reader, path: str):
    assert codes(shared_reader.send(path, {"value": 1})) == ("unknown_comment",)


@pytest.mark.parametrize(
    "path", ["/api/v1/nothing", "/api/v1/comments/one/vote", f"/api/v1/comments/{'9' * 5000}/vote"]
)
def test_an_address_that_is_none_is_a_problem_too(shared_reader: Reader, path: str):
    answer = shared_reader.send(path, {"value": 1})
    assert (answer.status_code, codes(answer)) == (404, ("not_found",))


def test_a_wrong_method_is_a_problem_too(reader: Reader):
    answer = reader.send("/api/v1/preview", {"text": "Hello"}, method="PUT")
    assert (answer.status_code, codes(answer)) == (405, ("method_not_allowed",))
    assert "POST" in answer.headers["Allow"]


def test_a_parent_in_another_thread_is_refused(reader: Reader):
    elsewhere = reader.posted(page="/elsewhere")
    reader.posted("The first here")
    before = reader.stored()
    answer = reader.post("A reply", parent=elsewhere.id)
    assert codes(answer) == ("invalid_fields", "parent:unknown_parent")
    assert reader.stored() == before


def test_a_refused_reply_makes_no_thread(reader: Reader):
    elsewhere = reader.posted(page="/elsewhere")
    before = reader.stored()
    assert reader.post("A reply", parent=elsewhere.id).status_code == 422
    assert reader.stored() == before


@pytest.mark.parametrize("state", [State.HELD, State.SPAM, State.REMOVED])
def test_a_parent_that_readers_cannot_see_is_refused(reader: Reader, state: State):
    parent = reader.posted()
    with reader.app.app_context():
        decide(parent.id, state, Ruling(Entrance.CLI))
    before = reader.stored()
    answer = reader.post("A reply", parent=parent.id)
    assert codes(answer) == ("invalid_fields", "parent:unknown_parent")
    assert reader.stored() == before


def test_a_closed_thread_takes_nothing(reader: Reader):
    parent = reader.posted()
    with reader.app.app_context(), atomic() as session:
        session.execute(update(Thread).values(is_open=False))
    before = reader.stored()
    for fields in ({}, {"parent": parent.id}):
        answer = reader.post("Too late", **fields)
        assert (answer.status_code, codes(answer)) == (409, ("thread_closed",))
    assert reader.stored() == before


def test_a_closed_site_takes_nothing(reader: Reader):
    with reader.app.app_context():
        set_policy("blog", {"is_open": "no"})
    before = reader.stored()
    answer = reader.post()
    assert (answer.status_code, codes(answer)) == (409, ("thread_closed",))
    assert reader.stored() == before


def test_what_a_site_requires_must_be_there(reader: Reader):
    with reader.app.app_context():
        set_policy("blog", {"require_name": "yes", "require_email": "yes"})
    before = reader.stored()
    missing = ("invalid_fields", "email:required", "name:required")
    assert codes(reader.post()) == missing
    assert codes(reader.post(name=" \u200b ", email=" ")) == missing
    assert reader.stored() == before
    assert reader.post(name="Ada", email="ada@example.org").status_code == 201


UNITS = ["x", "ä", "😀", "e\u0301", "👩\u200d👩\u200d👧", "\n", "\r\n", "中"]


@pytest.mark.long
@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("max_chars", [20, 10_000])
def test_a_text_may_be_as_long_as_the_site_says_and_is_kept_as_sent(
    shared_reader: Reader, unit: str, max_chars: int
):
    reader = shared_reader
    with reader.app.app_context():
        set_policy("blog", {"max_length_chars": str(max_chars)})
    longest = ("." + unit * max_chars)[: max_chars - 1] + "."
    kept = reader.post(longest)
    assert kept.status_code == 201
    assert reader.row(kept.json["comment"]["id"]).text == longest
    assert len(longest) == max_chars
    before = reader.stored()
    assert codes(reader.post(longest + ".")) == ("invalid_fields", "text:too_long")
    assert reader.stored() == before


@pytest.mark.parametrize(
    ("deed", "fields", "expected"),
    [
        ("vote", {}, "value:required"),
        ("vote", {"value": 2}, "value:invalid"),
        ("vote", {"value": -2}, "value:invalid"),
        ("vote", {"value": 10**30}, "value:not_a_number"),
        ("vote", {"value": 0.5}, "value:not_a_number"),
        ("vote", {"value": True}, "value:not_a_number"),
        ("vote", {"value": 1, "weight": 9}, "weight:unknown_field"),
        ("report", {"reason": "a" * 501}, "reason:too_long"),
        ("report", {"reason": "a\nb"}, "reason:invalid_characters"),
        ("report", {"reason": 7}, "reason:not_a_text"),
    ],
)
def test_votes_and_reports_are_checked_too(
    shared_reader: Reader,
    shared_comment: Posted,
    deed: str,
    fields: Mapping[str, object],
    expected: str,
):
    before = shared_reader.stored()
    answer = shared_reader.to_comment(shared_comment.id, deed, **fields)
    assert codes(answer) == ("invalid_fields", expected)
    assert shared_reader.stored() == before


def test_an_edit_is_checked_like_a_post(reader: Reader):
    mine = reader.posted()
    for text, wrong in (
        ("", "required"),
        ("a\0b", "invalid_characters"),
        ("a" * 10_001, "too_long"),
    ):
        answer = reader.to_comment(mine.id, "edit", edit_token=mine.edit_token, text=text)
        assert codes(answer) == ("invalid_fields", f"text:{wrong}")
    assert reader.row(mine.id).text == "Well said!"


def test_problems_speak_the_language_asked_for_and_else_the_sites(reader: Reader):
    with reader.app.app_context():
        add_site("zeitung", [ORIGIN], language="de")
    german = reader.send("/api/v1/sites/zeitung/comments", {"page": PAGE, "text": ""})
    english = reader.send(
        "/api/v1/sites/zeitung/comments", {"page": PAGE, "text": "", "lang": "en"}
    )
    assert german.json["code"] == english.json["code"]
    assert german.json["detail"] != english.json["detail"]
    assert german.json["errors"][0]["message"] != english.json["errors"][0]["message"]


def test_a_foreign_origin_does_not_learn_whose_comment_it_is(reader: Reader):
    comment = reader.posted()
    stranger = Reader(reader.app, reader.site, headers={"Origin": "https://shop.example"})
    refused = stranger.to_comment(comment.id, "vote", value=1)
    assert codes(refused) == ("origin_refused",)
    assert "https://shop.example" in refused.json["detail"]
    assert "blog" not in refused.json["detail"]
