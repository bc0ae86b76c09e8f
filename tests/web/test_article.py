"""An article that was filled in is what its template would have written."""

from datetime import UTC, datetime
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commentbox.reading.view import CommentView
from commentbox.web.article import MARKED, Manner, article_html, rendered_article

HOSTILE = (
    "",
    "Ada & Ben",
    '"><script>alert(1)</script>',
    "%(id)s %s %% %",
    "{{ 7*7 }}",
    "\N{RIGHT-TO-LEFT OVERRIDE}'",
    MARKED.name,
    str(MARKED.id),
    "1 January 1001, 00:00 UTC",
    "1001-01-01T00:00:00Z",
)
MANNERS = [Manner(*each) for each in product(("en", "de"), (1, 4), (True, False))]

words = st.sampled_from(HOSTILE) | st.text()
moments = st.datetimes(datetime(1000, 1, 1), datetime(3000, 1, 1), timezones=st.just(UTC))
comments = st.builds(
    CommentView,
    id=st.integers(1, 2**63 - 1),
    parent=st.none() | st.integers(1),
    parent_name=st.none() | words,
    depth=st.integers(0, 9),
    name=words,
    website=st.none() | words,
    html=words,
    created_at=moments,
    edited_at=st.none() | moments,
    state=st.just("published"),
    score=st.integers(),
    can_reply=st.booleans(),
    is_by_moderator=st.booleans(),
    is_pinned=st.booleans(),
    anchor=st.none() | words,
)


@given(comments, st.sampled_from(MANNERS), st.booleans())
def test_it_is_what_the_template_writes(
    comment: CommentView, manner: Manner, is_answered: bool
) -> None:
    written = article_html(comment, manner, is_answered)
    assert written == rendered_article(comment, manner, is_answered)


@pytest.mark.parametrize("manner", MANNERS, ids=str)
def test_of_marks_nothing_is_left(manner: Manner) -> None:
    plain = MARKED._replace(
        id=7,
        parent=8,
        parent_name="Ben",
        name="Ada",
        website="https://ada.example",
        html="<p>Hello.</p>",
        created_at=datetime(2026, 3, 1, tzinfo=UTC),
        edited_at=datetime(2026, 3, 2, tzinfo=UTC),
        score=9,
        anchor="isso-1",
    )
    for is_answered in (True, False):
        written = article_html(plain, manner, is_answered)
        assert "100" not in written
        assert not [
            mark
            for mark in MARKED.alone
            if isinstance(mark, str) and "-" in mark and mark in written
        ]
        for word in ("Ada", "Ben", "ada.example", "Hello.", "2026", "isso-1", "comment-7"):
            assert word in written
