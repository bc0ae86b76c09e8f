"""Nesting: true parents become places in the display, to the site's depth and no deeper."""

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from commentbox.reading.tree import Row, nest
from commentbox.reading.view import CommentView

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
NAMES = {1: "Ada", 2: "Ben", 3: "Cy", 4: "Dee", 5: "Eve"}


@pytest.fixture
def app() -> None:
    """Nothing here needs an app."""


@pytest.fixture(autouse=True)
def _in_the_app() -> None:
    """Nor a context of one."""


@pytest.mark.parametrize(
    ("parents", "max_depth", "drawn"),
    [
        ("", 5, ""),
        ("1", 5, "1"),
        ("1 2 3", 5, "1 2 3"),
        ("1 2<1 3<2", 5, "1(2(3))"),
        ("1 2<1 3<1", 5, "1(2 3)"),
        ("1 2<1 3<1 4<2 5", 5, "1(2(4) 3) 5"),
        # at the deepest level replies follow flat, in the order they came
        ("1 2<1 3<2 4<3 5<4", 0, "1 2 3 4 5"),
        ("1 2<1 3<2 4<3 5<4", 1, "1(2 3 4 5)"),
        ("1 2<1 3<2 4<3 5<4", 2, "1(2(3 4 5))"),
        ("1 2<1 3<2 4<3 5<4", 3, "1(2(3(4 5)))"),
        ("1 2<1 3<2 4<3 5<4", 4, "1(2(3(4(5))))"),
        ("1 2<1 3<2 4<3 5<4", 5, "1(2(3(4(5))))"),
        ("1 2<1 3<1 4<2 5<3", 1, "1(2 3 4 5)"),
        ("1 2 3<1 4<2", 0, "1 2 3 4"),
        # what is not published stays where published replies hang on it, and only there
        ("1x", 5, ""),
        ("1 2x<1", 5, "1"),
        ("1x 2<1", 5, "x(2)"),
        ("1x 2x<1 3<2", 5, "x(x(3))"),
        ("1x 2x<1 3x<2", 5, ""),
        ("1 2x<1 3x<1 4<3", 5, "1(x(4))"),
        ("1x 2<1 3x<2", 5, "x(2)"),
        ("1 2x<1 3<2", 1, "1(x 3)"),
        # a reply whose clock was wrong stands where it answers
        ("2<1 1", 5, "1(2)"),
        ("3<2 2x<1 1x", 5, "x(x(3))"),
        ("4 3<2 1 2<1", 0, "4 1 2 3"),
    ],
)
def test_comments_nest_below_what_they_answer(parents: str, max_depth: int, drawn: str) -> None:
    assert draw(nest(rows(parents), max_depth, is_open=True)) == drawn


@pytest.mark.parametrize("max_depth", range(6))
def test_a_view_knows_its_depth_and_its_true_parent(max_depth: int) -> None:
    nested = nest(rows("1 2<1 3<2 4<3 5<4"), max_depth, is_open=True)
    found = {view.id: view for view in walk(nested)}
    assert [found[n].depth for n in range(1, 6)] == [min(n, max_depth) for n in range(5)]
    assert [found[n].parent for n in range(1, 6)] == [None, 1, 2, 3, 4]


def test_a_reply_names_whom_it_answers() -> None:
    found = {view.id: view for view in walk(nest(rows("1 2<1 3<2"), 1, is_open=True))}
    assert [found[n].parent_name for n in (1, 2, 3)] == [None, "Ada", "Ben"]


def test_a_reply_to_a_placeholder_names_nobody() -> None:
    found = {view.id: view for view in walk(nest(rows("1 2x<1 3<2"), 1, is_open=True))}
    assert found[3].parent_name == ""


@pytest.mark.parametrize("state", ["held", "spam", "removed"])
def test_a_placeholder_tells_nothing_but_that_something_was_there(state: str) -> None:
    (placeholder,) = nest([row(1, None, state), row(2, 1, "published")], 5, is_open=True)
    assert placeholder.state == "removed"
    told = (placeholder.name, placeholder.website, placeholder.html, placeholder.score)
    assert told == ("", None, "", 0)
    assert placeholder.edited_at is None
    assert not placeholder.can_reply


@pytest.mark.parametrize("is_open", [True, False])
def test_only_in_an_open_thread_a_comment_can_be_answered(is_open: bool) -> None:
    (comment,) = nest(rows("1"), 5, is_open=is_open)
    assert comment.can_reply is is_open


@pytest.mark.parametrize("max_depth", [0, 5])
def test_a_chain_of_10_000_replies_needs_no_recursion(max_depth: int) -> None:
    chain = [row(n, n - 1 or None, "published") for n in range(1, 10_001)]
    views = list(walk(nest(chain, max_depth, is_open=True)))
    assert sorted(view.id for view in views) == list(range(1, 10_001))


def test_a_chain_of_10_000_removed_ones_is_kept_for_the_last() -> None:
    chain = [row(n, n - 1 or None, "removed") for n in range(1, 10_000)]
    views = list(walk(nest([*chain, row(10_000, 9_999, "published")], 5, is_open=True)))
    assert len(views) == 10_000


def rows(parents: str) -> list[Row]:
    """Read rows such as ``"1 2<1 3x<2"``: 2 answers 1, and 3, which was removed, answers 2."""
    read = []
    for word in parents.split():
        number, _, parent = word.partition("<")
        state = "removed" if number.endswith("x") else "published"
        read.append(row(int(number.rstrip("x")), int(parent) if parent else None, state))
    return read


def row(number: int, parent: int | None, state: str) -> Row:
    """Return a comment as the store has it."""
    return Row(
        id=number,
        parent=parent,
        name=NAMES.get(number, "Cy"),
        website="https://cy.example",
        html="<p>Hello.</p>",
        state=state,
        score=3,
        created_at=AT,
        edited_at=AT,
    )


def draw(views: Sequence[CommentView]) -> str:
    """Draw views as ``"1(2 3)"``, placeholders as ``"x"``."""
    return " ".join(
        ("x" if view.state == "removed" else str(view.id))
        + (f"({draw(view.replies)})" if view.replies else "")
        for view in views
    )


def walk(views: Sequence[CommentView]) -> list[CommentView]:
    """Return all views, at any depth."""
    found, rest = [], list(views)
    while rest:
        found.append(rest.pop())
        rest.extend(found[-1].replies)
    return found
