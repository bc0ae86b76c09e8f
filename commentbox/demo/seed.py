"""Fill the demo's database: sites, conversations, held comments and a moderator."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from commentbox.actions.moderate import Ruling, decide
from commentbox.actions.moderators import add_moderator
from commentbox.actions.post import Draft, Page, Sender, post
from commentbox.actions.sites import add_site
from commentbox.db import session
from commentbox.demo.conversations import DemoComment, DemoHeld, DemoPage, demo_pages, published_at
from commentbox.models import Entrance, Role, Site, State
from commentbox.models.page_key import key_of_address

WAYS_TO_BE_HELD: Mapping[str, Mapping[str, Any]] = {
    "many_links": {},  # the text has them
    "too_fast": {"ticket_age": timedelta(seconds=1)},
    "ticket_expired": {"ticket_problem": "expired"},
}
"""What makes the checks hold a comment for a reason."""

SITE_NAMES = {"blog-de": "Blog auf Deutsch", "blog-en": "English blog"}


def seed(blog_url: str, email: str, password: str, now: datetime) -> None:
    """Write the demo's content, unless it is there from an earlier run."""
    pages = demo_pages()
    is_new = session().scalar(select(Site.id).limit(1)) is None
    for page in pages:
        add_site(
            page.site, _spellings(blog_url), SITE_NAMES.get(page.site, page.site), page.language
        )
    add_moderator(email, password, None, Role.OWNER)
    if is_new:
        for page in pages:
            _Writer(page, blog_url, published_at(now), now).write()


def _spellings(blog_url: str) -> list[str]:
    """Return the blog's origin as it may stand in the address bar: by number or by name."""
    return [blog_url, blog_url.replace("127.0.0.1", "localhost")]


class _Writer:
    """Posts a page's comments as readers would, one after the other."""

    def __init__(self, page: DemoPage, blog_url: str, start: datetime, now: datetime) -> None:
        address = blog_url + page.path
        self._site = add_site(page.site, [])
        self._page = Page(key_of_address(address), address, page.title)
        self._demo, self._start, self._now = page, start, now
        self._numbers: dict[int, int] = {}

    def write(self) -> None:
        """Post everything in the order in which it was said."""
        pairs = _with_parents(self._demo.comments, None)
        for comment, parent in sorted(pairs, key=lambda pair: pair[0].minutes_after_start):
            self._publish(comment, parent)
        for held in self._demo.held:
            self._hold(held)

    def _publish(self, comment: DemoComment, parent: DemoComment | None) -> None:
        at = self._start + timedelta(minutes=comment.minutes_after_start)
        draft = Draft(
            text=comment.text,
            parent=self._numbers[id(parent)] if parent else None,
            name=comment.name,
            website=comment.website or "",
        )
        posted = post(self._site, self._page, draft, _reader(comment.name), at)
        self._numbers[id(comment)] = posted.id
        if not posted.is_published:
            decide(posted.id, State.PUBLISHED, Ruling(Entrance.CLI))

    def _hold(self, held: DemoHeld) -> None:
        draft = Draft(text=held.text, name=held.name, website=held.website or "")
        sender = replace(_reader(held.name), **WAYS_TO_BE_HELD[held.reason])
        post(self._site, self._page, draft, sender, self._now)


def _with_parents(
    comments: Iterable[DemoComment], parent: DemoComment | None
) -> Iterator[tuple[DemoComment, DemoComment | None]]:
    for comment in comments:
        yield comment, parent
        yield from _with_parents(comment.replies, comment)


def _reader(name: str) -> Sender:
    # Every name writes from a network of its own, from a range reserved for documentation.
    host = int.from_bytes(hashlib.sha256(name.encode()).digest()[:1], "big")
    return Sender(f"192.0.2.{host}", ticket_age=timedelta(minutes=1))
