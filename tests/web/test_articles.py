"""Rendered comments that are kept: each is what it would be if it were rendered anew."""

from datetime import UTC, datetime

import pytest
from markupsafe import Markup

from commentbox.i18n import language
from commentbox.reading.view import CommentView, FormView, ThreadView
from commentbox.web import rendering
from commentbox.web.articles import Articles
from commentbox.web.rendering import comment_html, thread_html

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
ENGLISH, GERMAN = language("en"), language("de")
ADA = CommentView(
    id=1,
    parent=None,
    parent_name=None,
    depth=0,
    name="Ada",
    website=None,
    html="<p>Hello.</p>",
    created_at=AT,
    edited_at=None,
    state="published",
    score=0,
    can_reply=True,
)
CHANGES: dict[str, object] = {
    "id": 2,
    "parent": 7,
    "parent_name": "Ben",
    "name": "Ada L.",
    "website": "https://ada.example/",
    "html": "<p>Hello again.</p>",
    "created_at": AT.replace(year=2025),
    "edited_at": AT,
    "score": 1,
    "can_reply": False,
    "is_by_moderator": True,
    "is_pinned": True,
    "anchor": "isso-1",
}


@pytest.fixture(autouse=True)
def articles(monkeypatch: pytest.MonkeyPatch) -> Articles:
    return _nothing_kept(monkeypatch)


def _nothing_kept(monkeypatch: pytest.MonkeyPatch) -> Articles:
    empty = Articles()
    monkeypatch.setattr(rendering, "ARTICLES", empty)
    return empty


def test_whatever_changes_a_comment_is_seen_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    reply = ADA._replace(parent=3)
    changed = [reply._replace(**{name: to}) for name, to in CHANGES.items()]  # type: ignore[arg-type]
    changed += [reply._replace(state=state) for state in ("held", "removed")]
    comment_html(reply, ENGLISH)
    kept = [comment_html(each, ENGLISH) for each in changed]
    for each, html in zip(changed, kept, strict=True):
        _nothing_kept(monkeypatch)
        assert comment_html(each, ENGLISH) == html
    assert len(set(kept)) == len(kept)


def test_language_heading_votes_and_the_form_are_not_mixed_up(articles: Articles) -> None:
    written = {
        comment_html(ADA, tongue, heading=heading, votes=votes)
        for tongue in (ENGLISH, GERMAN)
        for heading in (2, 3)
        for votes in (True, False)
    }
    assert len(written) == 8
    thread = ThreadView(
        site="blog",
        page="/",
        url=None,
        title=None,
        is_open=True,
        count=1,
        version=1,
        sort="oldest",
        comments=(ADA,),
        previous=None,
        next=None,
        action="/sites/blog/thread",
    )
    plain = thread_html(thread, FormView(), ENGLISH)
    assert 'aria-expanded="false"' in plain
    assert 'aria-expanded="true"' in thread_html(thread, FormView(reply_to=1), ENGLISH)
    assert thread_html(thread, FormView(), ENGLISH) == plain


def test_a_comment_is_rendered_once_whoever_answers_it() -> None:
    articles, rendered = Articles(), []

    def render(comment: CommentView) -> Markup:
        rendered.append(comment)
        return Markup("<article>")

    for replies in ((), (ADA._replace(id=2),)):
        assert articles.of(ADA._replace(replies=replies), "en", render) == "<article>"
    assert rendered == [ADA]


def test_a_comment_that_has_changed_takes_the_place_of_what_it_was() -> None:
    articles = Articles()
    articles.of(ADA, "en", lambda _: Markup("before"))
    size_bytes = articles.size_bytes
    changed = ADA._replace(score=1)
    assert articles.of(changed, "en", lambda _: Markup("behind")) == "behind"
    assert articles.of(changed, "en", lambda _: Markup("once more")) == "behind"
    assert articles.size_bytes == size_bytes
    assert articles.of(ADA, "en", lambda _: Markup("as before")) == "as before"


def test_what_readers_may_not_see_is_not_kept() -> None:
    articles = Articles()
    articles.of(ADA._replace(state="held"), "en", lambda _: Markup("mine"))
    assert articles.size_bytes == 0


def test_however_many_are_rendered_they_take_no_more_than_their_bytes() -> None:
    articles = Articles(max_bytes=50_000)
    for number in range(200):
        articles.of(ADA._replace(id=number), "en", lambda _: Markup("x" * 1000))
        assert 0 < articles.size_bytes <= 50_000
    # What would push out many others is not kept.
    before = articles.size_bytes
    articles.of(ADA, "de", lambda _: Markup("x" * 40_000))
    assert articles.size_bytes == before
