"""Rendered pieces that are kept: each is what it would be if it were rendered anew."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from commentbox.i18n import language
from commentbox.reading.view import CommentView, FormPolicy, FormView, ThreadView
from commentbox.web import rendering
from commentbox.web.pieces import Pieces
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
THREAD = ThreadView(
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
def pieces(monkeypatch: pytest.MonkeyPatch) -> Pieces:
    return _nothing_kept(monkeypatch)


def _nothing_kept(monkeypatch: pytest.MonkeyPatch) -> Pieces:
    empty = Pieces()
    monkeypatch.setattr(rendering, "PIECES", empty)
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


def test_language_heading_votes_and_the_form_are_not_mixed_up() -> None:
    written = {
        comment_html(ADA, tongue, heading=heading, votes=votes)
        for tongue in (ENGLISH, GERMAN)
        for heading in (2, 3)
        for votes in (True, False)
    }
    assert len(written) == 8
    plain = thread_html(THREAD, FormView(), ENGLISH)
    assert 'aria-expanded="false"' in plain
    assert 'aria-expanded="true"' in thread_html(THREAD, FormView(reply_to=1), ENGLISH)
    assert thread_html(THREAD, FormView(), ENGLISH) == plain


@pytest.mark.parametrize(
    "changes",
    [
        {"action": "/comments/sites/blog/thread"},
        {"page": "/other/"},
        {"site": "other"},
        {"sort": "newest"},
        {"url": "https://blog.example/"},
        {"title": "A post"},
        {"policy": FormPolicy(require_name=True)},
        {"policy": FormPolicy(texts={"rules": "Be kind."})},
        {"is_open": False},
        {"comments": ()},
        {"count": 9, "next": "n"},
    ],
    ids=str,
)
def test_whatever_changes_a_thread_is_seen_at_once(
    monkeypatch: pytest.MonkeyPatch, changes: dict[str, object]
) -> None:
    thread_html(THREAD, FormView(), ENGLISH)
    changed = replace(THREAD, **changes)  # type: ignore[arg-type]
    again = thread_html(changed, FormView(), ENGLISH)
    assert thread_html(THREAD, FormView(), ENGLISH) != again
    _nothing_kept(monkeypatch)
    assert thread_html(changed, FormView(), ENGLISH) == again


@pytest.mark.parametrize(
    "form",
    [
        FormView(values={"text": "Typed"}),
        FormView(problem="Too long."),
        FormView(notice="Posted"),
        FormView(ticket="T"),
        FormView(proof="P"),
        FormView(idempotency_key="K"),
        FormView(reply_to=1, reply_to_name="Ada"),
        FormView(waiting=ADA._replace(id=2, state="held", html="<p>Mine.</p>")),
    ],
    ids=str,
)
def test_what_is_somebodys_is_not_kept(pieces: Pieces, form: FormView) -> None:
    thread_html(THREAD, FormView(), ENGLISH)
    before = pieces.size_bytes
    own = thread_html(replace(THREAD, comments=()), form, ENGLISH)
    assert pieces.size_bytes == before
    assert thread_html(replace(THREAD, comments=()), FormView(), ENGLISH) != own


def test_a_piece_is_rendered_once() -> None:
    kept, rendered = Pieces(), []

    def render() -> str:
        rendered.append(1)
        return "ä"

    for _ in range(2):
        assert kept.of("a", ("made of this",), render) == "ä".encode()
    assert rendered == [1]


def test_what_has_changed_takes_the_place_of_what_it_was() -> None:
    kept = Pieces()
    kept.of("a", (0,), lambda: "before")
    size_bytes = kept.size_bytes
    assert kept.of("a", (1,), lambda: "behind") == b"behind"
    assert kept.of("a", (1,), lambda: "once more") == b"behind"
    assert kept.size_bytes == size_bytes
    assert kept.of("a", (0,), lambda: "as before") == b"as before"


def test_however_many_are_rendered_they_take_no_more_than_their_bytes() -> None:
    kept = Pieces(max_bytes=50_000)
    for number in range(200):
        kept.of(number, (), lambda: "x" * 1000)
        assert 0 < kept.size_bytes <= 50_000
    # What would push out many others is not kept, what it was made of counted in.
    before = kept.size_bytes
    kept.of("large", (), lambda: "x" * 40_000)
    kept.of("of much", ("x" * 40_000,), lambda: "")
    assert kept.size_bytes == before
