"""One vote per network and comment, changed or taken back at will; and reports."""

import pytest
from sqlalchemy import select

from commentbox.actions.report import report
from commentbox.actions.vote import cast_vote
from commentbox.db import session
from commentbox.errors import InvalidFields, UnknownComment, VotesOff
from commentbox.models import Report, Site, State, Thread, Vote
from tests.factories import WRITTEN_AT, rule, with_policy, write

NETWORK, OTHER_NETWORK = "192.0.2.20", "2001:db8::1"


@pytest.mark.parametrize(
    ("values", "score", "votes"),
    [
        ([1], 1, 1),
        ([-1], -1, 1),
        ([0], 0, 0),
        ([1, 1], 1, 1),
        ([1, -1], -1, 1),
        ([1, 0], 0, 0),
        ([-1, 0, 0, 1], 1, 1),
    ],
)
def test_the_last_vote_of_a_network_counts(
    site: Site, values: list[int], score: int, votes: int
) -> None:
    comment = write(site)
    for value in values:
        last = cast_vote(comment.id, value, NETWORK, WRITTEN_AT)
    assert last.score == score
    assert len(session().scalars(select(Vote)).all()) == votes


def test_where_the_site_has_no_votes_nobody_votes(site: Site) -> None:
    comment = write(with_policy(site, votes="no"))
    with pytest.raises(VotesOff):
        cast_vote(comment.id, 1, NETWORK, WRITTEN_AT)


def test_networks_vote_apart(site: Site) -> None:
    comment = write(site)
    cast_vote(comment.id, 1, NETWORK, WRITTEN_AT)
    assert cast_vote(comment.id, 1, OTHER_NETWORK, WRITTEN_AT).score == 2


def test_only_a_vote_that_changes_something_makes_answers_stale(site: Site) -> None:
    comment = write(site)
    before = version()
    cast_vote(comment.id, 0, NETWORK, WRITTEN_AT)
    assert version() == before
    cast_vote(comment.id, 1, NETWORK, WRITTEN_AT)
    assert version() == before + 1
    cast_vote(comment.id, 1, NETWORK, WRITTEN_AT)
    assert version() == before + 1


@pytest.mark.parametrize("value", [2, -2, 10**20])
def test_a_vote_is_one_up_or_one_down(site: Site, value: int) -> None:
    comment = write(site)
    with pytest.raises(InvalidFields):
        cast_vote(comment.id, value, NETWORK, WRITTEN_AT)


@pytest.mark.parametrize("state", [State.HELD, State.SPAM, State.REMOVED])
def test_what_nobody_sees_nobody_judges(site: Site, state: State) -> None:
    comment = rule(write(site), state)
    with pytest.raises(UnknownComment):
        cast_vote(comment.id, 1, NETWORK, WRITTEN_AT)
    with pytest.raises(UnknownComment):
        report(comment.id, "rude", NETWORK, WRITTEN_AT)


def test_a_second_report_of_a_network_replaces_the_reason(site: Site) -> None:
    comment = write(site)
    report(comment.id, "rude", NETWORK, WRITTEN_AT)
    report(comment.id, "very rude", NETWORK, WRITTEN_AT)
    report(comment.id, "rude", OTHER_NETWORK, WRITTEN_AT)
    reasons = session().scalars(select(Report.reason)).all()
    assert sorted(reasons) == ["rude", "very rude"]


def version() -> int:
    """Return the only thread's version as it stands on disk."""
    session().expire_all()
    return session().scalars(select(Thread)).one().version
