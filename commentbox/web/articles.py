"""Comments as they were last rendered: a page that one new comment makes old renders one comment."""

import sys
import threading
from collections.abc import Callable, Hashable
from dataclasses import fields, replace
from operator import attrgetter

from markupsafe import Markup

from commentbox.reading.view import CommentView

MAX_BYTES = 6 * 1024 * 1024
"""Some two thousand usual comments."""

OVERHEAD_BYTES = 900
"""What key and entry take beside the two texts, about."""

all_but_replies = attrgetter(*(f.name for f in fields(CommentView) if f.name != "replies"))

Render = Callable[[CommentView], Markup]


class Articles:
    """Rendered comments without their replies, bounded in bytes; the oldest leave first.

    Each is kept under everything that it was made of, so none is ever out of date: a comment that
    changes is another one. Only what is published is kept.
    """

    def __init__(self, max_bytes: int = MAX_BYTES) -> None:
        self.size_bytes = 0
        self._max_bytes = max_bytes
        self._kept: dict[Hashable, tuple[Markup, int]] = {}
        self._changing = threading.Lock()

    def of(self, comment: CommentView, manner: Hashable, render: Render) -> Markup:
        """Return a comment as ``render`` writes it; ``manner`` is all else that this depends on."""
        if comment.state != "published":
            return render(comment)
        key = (all_but_replies(comment), manner)
        if (known := self._kept.get(key)) is not None:
            return known[0]
        # What is not in the key is not shown to the template either.
        article = render(replace(comment, replies=()) if comment.replies else comment)
        self._keep(key, article, sys.getsizeof(comment.html))
        return article

    def _keep(self, key: Hashable, article: Markup, html_bytes: int) -> None:
        size = sys.getsizeof(article) + html_bytes + OVERHEAD_BYTES
        if size > self._max_bytes // 16:
            return
        with self._changing:
            if key in self._kept:
                return
            while self.size_bytes + size > self._max_bytes:
                self.size_bytes -= self._kept.pop(next(iter(self._kept)))[1]
            self._kept[key] = article, size
            self.size_bytes += size
