"""Comments as they were last rendered: a page that one new comment makes old renders one comment."""

import sys
import threading
from collections.abc import Callable, Hashable
from typing import NamedTuple

from markupsafe import Markup

from commentbox.reading.view import CommentView

MAX_BYTES = 6 * 1024 * 1024
"""Some two thousand usual comments."""

OVERHEAD_BYTES = 900
"""What entry and facts take beside the two texts, about."""

Render = Callable[[CommentView], Markup]


class Articles:
    """Rendered comments without their replies, bounded in bytes; the oldest leave first.

    Each is kept with everything that it was made of, so none is ever out of date: a comment that has
    changed is not equal. To compare is cheaper than to look it up by all of that, and what was
    outrun leaves at once. Only what is published is kept.
    """

    def __init__(self, max_bytes: int = MAX_BYTES) -> None:
        self.size_bytes = 0
        self._max_bytes = max_bytes
        self._kept: dict[Hashable, _Article] = {}
        self._changing = threading.Lock()

    def of(self, comment: CommentView, manner: Hashable, render: Render) -> Markup:
        """Return a comment as ``render`` writes it; ``manner`` is all else that this depends on."""
        if comment.state != "published":
            return render(comment)
        place, alone = (comment.id, manner), comment.alone
        known = self._kept.get(place)
        if known is not None and known.made_of == alone:
            return known.html
        # What is not compared is not shown to the template either.
        html = render(comment._replace(replies=()))
        size_bytes = sys.getsizeof(html) + sys.getsizeof(comment.html) + OVERHEAD_BYTES
        self._keep(place, _Article(alone, html, size_bytes))
        return html

    def _keep(self, place: Hashable, article: "_Article") -> None:
        with self._changing:
            self._let_go(place)
            if article.size_bytes > self._max_bytes // 16:
                return
            while self.size_bytes + article.size_bytes > self._max_bytes:
                self._let_go(next(iter(self._kept)))
            self._kept[place] = article
            self.size_bytes += article.size_bytes

    def _let_go(self, place: Hashable) -> None:
        if (article := self._kept.pop(place, None)) is not None:
            self.size_bytes -= article.size_bytes


class _Article(NamedTuple):
    made_of: tuple[object, ...]
    html: Markup
    size_bytes: int
