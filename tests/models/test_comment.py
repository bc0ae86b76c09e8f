"""A comment keeps text and HTML together, moves by the table, and is edited for a while."""

from datetime import UTC, datetime, timedelta

import pytest

from commentbox import markup
from commentbox.errors import Refused
from commentbox.models import Comment, State
from commentbox.models.comment import text_digest

MOMENT = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_writing_sets_source_html_version_and_digest_together() -> None:
    comment = Comment()
    comment.write("Well *said*!")
    assert comment.text == "Well *said*!"
    assert comment.html == markup.render("Well *said*!")
    assert comment.markup_version == markup.VERSION
    assert comment.text_digest == text_digest("Well *said*!")


@pytest.mark.parametrize("same", ["buy CHEAP  pills", " Buy\ncheap\tpills ", "Buy cheap pills"])
def test_texts_that_differ_in_case_and_space_only_have_one_digest(same: str) -> None:
    assert text_digest(same) == text_digest("Buy cheap pills")


@pytest.mark.parametrize("other", ["Buy cheap pills!", "Buy cheappills", ""])
def test_other_texts_have_other_digests(other: str) -> None:
    assert text_digest(other) != text_digest("Buy cheap pills")


def test_a_digest_fits_its_column() -> None:
    assert len(text_digest("ß" * 10_000)) == 16


@pytest.mark.parametrize("old", list(State))
@pytest.mark.parametrize("new", list(State))
def test_a_comment_moves_to_every_state_but_its_own(old: State, new: State) -> None:
    comment = Comment(state=old.value, text="Hello.")
    if old is new:
        with pytest.raises(Refused, match=f"{old} cannot become {new}"):
            comment.move_to(new)
    else:
        comment.move_to(new)
    assert comment.state == (old if old is new else new)


@pytest.mark.parametrize("state", [State.PUBLISHED, State.HELD, State.SPAM])
def test_what_its_author_erased_never_comes_back(state: State) -> None:
    comment = Comment(state=State.REMOVED.value)
    comment.erase()
    with pytest.raises(Refused, match="Nothing is left"):
        comment.move_to(state)


def test_erasing_forgets_all_that_its_author_gave() -> None:
    comment = Comment(name="Cy", email="cy@example.org", website="https://cy.example", network="n")
    comment.write("My number is 555.")
    comment.erase()
    kept = (comment.name, comment.email, comment.website, comment.network, comment.text)
    assert kept == ("", "", "", "", "")
    assert "555" not in comment.html
    assert comment.text_digest == text_digest("")


@pytest.mark.parametrize(
    ("state", "seconds_later", "is_editable"),
    [
        (State.PUBLISHED, 0, True),
        (State.PUBLISHED, 899.999, True),
        (State.PUBLISHED, 900, False),
        (State.HELD, 899, True),
        (State.SPAM, 1, False),
        (State.REMOVED, 1, False),
    ],
)
def test_its_author_may_change_it_within_the_window_while_it_is_alive(
    state: State, seconds_later: float, is_editable: bool
) -> None:
    comment = Comment(state=state.value, created_at=MOMENT)
    later = MOMENT + timedelta(seconds=seconds_later)
    assert comment.is_editable_at(later, timedelta(seconds=900)) is is_editable


def test_an_answer_stands_below_its_parent_in_the_same_conversation() -> None:
    parent = Comment(id=7, root_id=3, depth=4, has_replies=False)
    reply = Comment()
    reply.answer(parent)
    assert (reply.parent_id, reply.root_id, reply.depth) == (7, 3, 5)
    assert parent.has_replies
