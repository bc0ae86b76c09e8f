"""Votes and reports: one of each network, and the preview, which stores nothing."""

import pytest
from sqlalchemy import select

from commentbox.actions.moderate import Ruling, decide
from commentbox.db import session
from commentbox.models import Entrance, Report, State
from tests.web.readers import ON_BOTH_DATABASES, Reader, codes


@pytest.fixture
def other(reader: Reader) -> Reader:
    """Return somebody in another network."""
    return Reader(reader.app, reader.site)


@ON_BOTH_DATABASES
def test_a_vote_is_counted_changed_and_taken_back(reader: Reader, other: Reader):
    comment = reader.posted()
    votes = [
        (reader, 1),
        (reader, 1),
        (other, 1),
        (other, -1),
        (reader, 0),
        (reader, 0),
        (other, 0),
    ]
    scores = [who.to_comment(comment.id, "vote", value=v).json["score"] for who, v in votes]
    assert scores == [1, 1, 2, 0, -1, -1, 0]
    assert reader.stored()["Vote"] == 0


def test_a_household_has_one_vote(reader: Reader):
    comment = reader.posted()
    for host in ("::1", "::2", ":ffff:1:2:3"):
        neighbour = Reader(reader.app, reader.site, address=f"2001:db8:1:2{host}")
        neighbour.to_comment(comment.id, "vote", value=1)
    assert reader.read()["comments"][0]["score"] == 1


@ON_BOTH_DATABASES
def test_the_most_helpful_comes_first_where_asked(reader: Reader, other: Reader):
    first, second, third = (reader.posted(f"Number {n}").id for n in range(3))
    for who in (reader, other):
        who.to_comment(second, "vote", value=1)
    reader.to_comment(first, "vote", value=-1)
    order = [comment["id"] for comment in reader.read(sort="top")["comments"]]
    assert order == [second, third, first]


@pytest.mark.parametrize("deed", ["vote", "report"])
@pytest.mark.parametrize("state", [State.HELD, State.SPAM, State.REMOVED])
def test_what_nobody_sees_cannot_be_voted_on_or_reported(
    shared_reader: Reader, deed: str, state: State
):
    comment = shared_reader.posted(f"{deed} {state}")
    with shared_reader.app.app_context():
        decide(comment.id, state, Ruling(Entrance.CLI))
    fields = {"value": 1} if deed == "vote" else {"reason": "rude"}
    before = shared_reader.stored()
    answer = shared_reader.to_comment(comment.id, deed, **fields)
    assert (answer.status_code, codes(answer)) == (404, ("unknown_comment",))
    assert shared_reader.stored() == before


@ON_BOTH_DATABASES
def test_a_report_is_kept_once_for_each_network(reader: Reader, other: Reader):
    comment = reader.posted()
    for who, reason in ((reader, "rude"), (reader, "very rude"), (other, "")):
        assert who.to_comment(comment.id, "report", reason=reason).json == {"reported": True}
    with reader.app.app_context():
        reports = session().scalars(select(Report)).all()
    assert sorted(report.reason for report in reports) == ["", "very rude"]


def test_no_address_is_stored(reader: Reader):
    comment = reader.posted()
    reader.to_comment(comment.id, "report")
    assert "2001:db8" not in reader.row(comment.id).network
    with reader.app.app_context():
        [report] = session().scalars(select(Report)).all()
    assert report.network == reader.row(comment.id).network


def test_a_preview_shows_and_stores_nothing(reader: Reader):
    before = reader.stored()
    answer = reader.client.post("/api/v1/preview", json={"text": "*Hello* <script>"})
    assert answer.json["html"].strip() == "<p><em>Hello</em> &lt;script&gt;</p>"
    assert reader.stored() == before
    assert codes(reader.client.post("/api/v1/preview", json={"text": ""}))[1] == "text:required"
