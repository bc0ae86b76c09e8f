"""Comments and their replies as nested lists, put together from what is kept of each."""

import secrets
from collections.abc import Sequence
from functools import cache, partial
from typing import NamedTuple

from markupsafe import Markup

from commentbox.reading.view import CommentView
from commentbox.web.article import Manner, article_html, rendered_article
from commentbox.web.environment import environment_of
from commentbox.web.pieces import Pieces

HOLE = Markup(secrets.token_hex(16))
"""Stands in a template's text where something is put in later; nobody can know and type it."""


class Answer(NamedTuple):
    """The number of the comment that is being answered, and the form to stand below it."""

    parent: int
    form: str


class CommentList:
    """Writes lists of comments; what it wrote of a published one is kept and given again.

    In bytes: to make one text of a hundred comments, and bytes of that, took longer than all else here.
    And without a template that calls itself for each of them, which took longer still.
    """

    def __init__(self, pieces: Pieces, manner: Manner) -> None:
        self._pieces, self._manner = pieces, manner
        self._item = _item(manner.code)

    def written(
        self,
        comments: Sequence[CommentView],
        answer: Answer | None = None,
        waiting: CommentView | None = None,
    ) -> bytes:
        """Return comments as items; ``waiting`` is the author's own one, which nobody else is shown."""
        written: list[bytes] = []
        add = written.append
        begin, end = self._item.leaf
        begin_branch, begin_replies, end_branch = self._item.branch

        def write(comments: Sequence[CommentView], between: bytes) -> None:
            for place, comment in enumerate(comments):
                if place:
                    add(between)
                replies = _with(waiting, comment.replies, comment.id)
                add(begin_branch if replies else begin)
                is_answered = answer is not None and answer.parent == comment.id
                add(self._article(comment, is_answered))
                if answer is not None and is_answered:
                    add(f"\n{answer.form}".encode())
                if replies:
                    add(begin_replies)
                    write(replies, b"\n")
                    add(end_branch)
                else:
                    add(end)

        write(_with(waiting, comments, None), b"")
        return b"".join(written)

    def _article(self, comment: CommentView, is_answered: bool) -> bytes:
        if comment.state != "published":
            return rendered_article(comment, self._manner, is_answered).encode()
        render = partial(article_html, comment, self._manner, is_answered)
        return self._pieces.of((comment.id, is_answered, self._manner), comment.alone, render)


class _Item(NamedTuple):
    """What stands around an article without replies, and around one with them."""

    leaf: list[bytes]
    branch: list[bytes]


@cache
def _item(code: str) -> _Item:
    template = environment_of(code).get_template("comment.html")
    return _Item(
        parts(f"{template.render(article=HOLE, replies=None)}\n"),
        parts(f"{template.render(article=HOLE, replies=HOLE)}\n"),
    )


def parts(text: str) -> list[bytes]:
    """Return what stands around the holes of a text."""
    return text.encode().split(HOLE.encode())


def _with(
    waiting: CommentView | None, replies: Sequence[CommentView], parent: int | None
) -> Sequence[CommentView]:
    return replies if waiting is None or waiting.parent != parent else [*replies, waiting]
