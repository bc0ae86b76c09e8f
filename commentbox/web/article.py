"""A comment's article. Its template is rendered once for each shape that a comment can have, then filled in.

A template looks up and escapes everything each time, which for one comment takes 30 µs. So it is
rendered with marks in place of what differs between comments of one shape, and from then on the marks
are replaced. What a template may ask of a marked value is whether it is there, and nothing else.
"""

import re
import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache, lru_cache
from typing import Any, NamedTuple

from markupsafe import escape

from commentbox.i18n import language
from commentbox.reading.view import CommentView
from commentbox.web.environment import environment_of
from commentbox.web.times import rfc3339

MAX_SHAPES = 128
"""Of these some twenty are common: with a website or without, a reply, by a moderator, edited, …"""


def _mark(name: str) -> Any:
    # Nobody can know it, and so nobody can write it.
    return f"{name}-{secrets.token_hex(16)}"


MARKED = CommentView(
    id=_mark("id"),
    parent=_mark("parent"),
    parent_name=_mark("parent name"),
    depth=1,
    name=_mark("name"),
    website=_mark("website"),
    html=_mark("html"),
    # Written in words, these are marks as well: nobody wrote comments then.
    created_at=datetime(1001, 1, 1, tzinfo=UTC),
    edited_at=datetime(1002, 1, 1, tzinfo=UTC),
    state="published",
    score=_mark("score"),
    can_reply=True,
    is_by_moderator=True,
    is_pinned=True,
    anchor=_mark("anchor"),
)
EMPTY = CommentView(
    id=0,
    parent=None,
    parent_name=None,
    depth=0,
    name="",
    website=None,
    html="",
    created_at=MARKED.created_at,
    edited_at=None,
    state="published",
    score=0,
    can_reply=False,
)


class Manner(NamedTuple):
    """What all articles of a list look like: in which language, below which heading, with votes or not."""

    code: str
    heading: int
    votes: bool


def article_html(comment: CommentView, manner: Manner, is_answered: bool) -> str:
    """Return a published comment without its replies; ``is_answered`` if the form stands below it."""
    pattern = _pattern(manner, is_answered, tuple(map(bool, comment.alone)))
    fills = _fills(manner.code)
    return pattern.text % {name: fills[name](comment) for name in pattern.names}


def rendered_article(comment: CommentView, manner: Manner, is_answered: bool) -> str:
    """Return the same by the template, also of a comment that is not published."""
    module = environment_of(manner.code).get_template("article.html").module
    article: Callable[..., str] = module.article  # type: ignore[attr-defined]
    return str(article(comment._replace(replies=()), manner.heading, manner.votes, is_answered))


class _Pattern(NamedTuple):
    text: str  # with %(name)s for each mark
    names: frozenset[str]


@lru_cache(maxsize=MAX_SHAPES)
def _pattern(manner: Manner, is_answered: bool, shape: tuple[bool, ...]) -> _Pattern:
    values = zip(shape, MARKED.alone, EMPTY.alone, strict=True)
    marked = CommentView._make([mark if is_there else no for is_there, mark, no in values] + [()])
    written = rendered_article(marked, manner, is_answered).replace("%", "%%")
    marks = {fill(MARKED): name for name, fill in _fills(manner.code).items()}
    names: set[str] = set()

    def place(found: re.Match[str]) -> str:
        names.add(marks[found[0]])
        return f"%({marks[found[0]]})s"

    text = re.sub("|".join(map(re.escape, marks)), place, written)
    return _Pattern(text, frozenset(names))


@cache
def _fills(code: str) -> dict[str, Callable[[CommentView], str]]:
    """Return what is written of a comment in a language, by the name that it has in patterns."""
    tongue = language(code)
    return {
        "id": lambda comment: str(comment.id),
        "parent": lambda comment: str(comment.parent),
        "parent name": lambda comment: escape(comment.parent_name),
        "name": lambda comment: escape(comment.name),
        "website": lambda comment: escape(comment.website),
        "html": lambda comment: comment.html,
        "created at": lambda comment: rfc3339(comment.created_at),
        "created": lambda comment: escape(tongue.datetime(comment.created_at)),
        "edited": lambda comment: escape(tongue.datetime(comment.edited_at or comment.created_at)),
        "score": lambda comment: str(comment.score),
        "anchor": lambda comment: escape(comment.anchor),
    }
