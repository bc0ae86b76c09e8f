"""What people said below the demo's pages, read from the TOML file that lies beside each page."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from importlib.resources import files
from typing import Any

# One name for each page: NAME.html is the page, NAME.toml its conversation.
PAGES = ("de-social-media-leitlinien", "en-seatpost")

# Every comment was written within this time, so that the thread's end is never in the future.
AGE = timedelta(days=14)


@dataclass(frozen=True)
class DemoComment:
    """One published comment with its replies, each of them later than what it answers."""

    name: str
    website: str | None  # absolute, below a domain reserved for examples
    text: str  # Markdown
    minutes_after_start: int  # since the page was published, e.g. 38
    replies: tuple["DemoComment", ...] = ()

    def thread(self) -> Iterator["DemoComment"]:
        """Yield this comment and everything below it, in reading order."""
        yield self
        for reply in self.replies:
            yield from reply.thread()


@dataclass(frozen=True)
class DemoHeld:
    """One comment that waits in the moderator's queue."""

    page: str  # the page's path, e.g. "/de/social-media-leitlinien/"
    name: str
    website: str | None
    text: str  # Markdown
    reason: str  # the code that a spam check gives, e.g. "many_links"


@dataclass(frozen=True)
class DemoPage:
    """One blog page and its conversations."""

    site: str  # the site's key, e.g. "blog-de"
    path: str  # on the blog's origin, e.g. "/de/social-media-leitlinien/"
    title: str
    language: str  # e.g. "de"
    document: str  # the page's file beside this module's data, e.g. "en-seatpost.html"
    comments: tuple[DemoComment, ...]
    held: tuple[DemoHeld, ...]

    def thread(self) -> Iterator[DemoComment]:
        """Yield every published comment, in reading order."""
        for comment in self.comments:
            yield from comment.thread()


def demo_pages() -> tuple[DemoPage, ...]:
    """Read the demo's pages with everything that was said below them."""
    return tuple(_page(name) for name in PAGES)


def published_at(now: datetime) -> datetime:
    """Return when the demo's pages were published: the last 06:30 UTC that is AGE or more ago.

    People write at times of day that fit what they say, and the last words are hours old.
    """
    morning = datetime.combine(now.astimezone(UTC).date(), time(6, 30), UTC) - AGE
    return morning if morning + AGE <= now else morning - timedelta(days=1)


def _page(name: str) -> DemoPage:
    data = tomllib.loads(files(__package__).joinpath("pages", f"{name}.toml").read_text("utf-8"))
    return DemoPage(
        site=data["site"],
        path=data["path"],
        title=data["title"],
        language=data["language"],
        document=f"{name}.html",
        comments=tuple(_comment(row) for row in data["comment"]),
        held=tuple(_held(data["path"], row) for row in data.get("held", ())),
    )


def _comment(row: Mapping[str, Any]) -> DemoComment:
    return DemoComment(
        name=row["name"],
        website=row.get("website"),
        text=row["text"].strip(),
        minutes_after_start=row["at"],
        replies=tuple(_comment(reply) for reply in row.get("reply", ())),
    )


def _held(path: str, row: Mapping[str, Any]) -> DemoHeld:
    return DemoHeld(
        page=path,
        name=row["name"],
        website=row.get("website"),
        text=row["text"].strip(),
        reason=row["reason"],
    )
