"""Which comments a moderator asks for: a list's tab, search and filters, as one condition."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, false, literal_column, or_, select
from sqlalchemy.orm import Session

from commentbox.errors import InvalidFields
from commentbox.models import Comment, Moderator, Report, State, Thread, ThreadAlias
from commentbox.models.page_key import explicit_key
from commentbox.reading.search import read_terms, saying
from commentbox.reading.visible import find_comment, on_sites_of, sites_of

_NOTHING: ColumnElement[str] = literal_column("''")
"""Written out, so that the database sees that a partial index holds all that is asked for."""


class Tab(StrEnum):
    """The lists of the queue."""

    HELD = "held"
    REPORTED = "reported"
    PUBLISHED = "published"
    SPAM = "spam"
    REMOVED = "removed"
    ALL = "all"


@dataclass(frozen=True)
class Selection:
    """What is asked for; everything that is set narrows it."""

    tab: Tab = Tab.HELD
    words: str = ""  # full-text search
    site: str = ""  # a site's key
    page: str = ""  # a page's id or address
    author: str = ""  # a name or an e-mail address, exactly
    since: date | None = None  # days in UTC, both included
    until: date | None = None
    like: int | None = None  # all that are signed like this comment
    near: int | None = None  # all from the network of this comment

    @property
    def is_oldest_first(self) -> bool:
        """Who waits longest comes first; elsewhere people look for what happened last."""
        return self.tab in (Tab.HELD, Tab.REPORTED)

    @property
    def is_narrowed(self) -> bool:
        """Whether anything but the tab says what is shown."""
        return self != Selection(self.tab)


@dataclass(frozen=True)
class Signature:
    """How a comment is signed: by its address, else by the name alone; a typed one proves nothing."""

    site_id: int
    email: str
    name: str

    @classmethod
    def of(cls, comment: Comment) -> "Signature | None":
        """Return a comment's signature; None for one without name and address."""
        if not (comment.email or comment.name):
            return None
        return cls(comment.site_id, comment.email, "" if comment.email else comment.name)


def signed(signature: Signature) -> ColumnElement[bool]:
    """Return the condition that a comment is signed so."""
    on_site = Comment.site_id == signature.site_id
    if signature.email:
        return and_(on_site, Comment.email == signature.email, Comment.email != _NOTHING)
    return and_(on_site, Comment.name == signature.name, Comment.email == "")


def chosen(session: Session, moderator: Moderator, selection: Selection) -> ColumnElement[bool]:
    """Return the condition that a comment is asked for, and may be seen by who asks."""
    return and_(*_conditions(session, moderator, selection))


def _conditions(
    session: Session, moderator: Moderator, selection: Selection
) -> Sequence[ColumnElement[bool]]:
    conditions = [on_sites_of(moderator), *_of_tab(selection.tab)]
    if selection.words:
        conditions.append(saying(session, read_terms(selection.words)))
    if selection.page:
        conditions.append(_on_page(session, moderator, selection))
    if selection.like is not None:
        conditions.append(_like(session, moderator, selection.like))
    if selection.near is not None:
        conditions.append(_near(session, moderator, selection.near))
    if selection.site or selection.author or selection.since or selection.until:
        numbers = _site_ids(session, moderator, selection.site)
        conditions.append(Comment.site_id.in_(numbers))
        conditions += _by_author(selection.author, numbers) + _between(selection)
    return conditions


def _of_tab(tab: Tab) -> list[ColumnElement[bool]]:
    if tab is Tab.ALL:
        return []
    if tab is Tab.REPORTED:
        return [Comment.id.in_(select(Report.comment_id).where(Report.decision_id.is_(None)))]
    return [Comment.state == State(tab.value).value]


def _site_ids(session: Session, moderator: Moderator, key: str) -> list[int]:
    return [site.id for site in sites_of(session, moderator) if key in ("", site.key)]


def _on_page(session: Session, moderator: Moderator, selection: Selection) -> ColumnElement[bool]:
    try:
        key = explicit_key(selection.page)
    except InvalidFields:
        return false()
    numbers = _site_ids(session, moderator, selection.site)
    by_key = select(Thread.id).where(Thread.site_id.in_(numbers), Thread.key == key)
    by_alias = select(ThreadAlias.thread_id).where(
        ThreadAlias.site_id.in_(numbers), ThreadAlias.key == key
    )
    threads = [*session.scalars(by_key), *session.scalars(by_alias)]
    return Comment.thread_id.in_(threads) if threads else false()


def _like(session: Session, moderator: Moderator, number: int) -> ColumnElement[bool]:
    comment = find_comment(session, moderator, number)
    signature = Signature.of(comment) if comment else None
    return signed(signature) if signature else false()


def _near(session: Session, moderator: Moderator, number: int) -> ColumnElement[bool]:
    comment = find_comment(session, moderator, number)
    if comment is None or not comment.network:
        return false()
    return and_(
        Comment.site_id == comment.site_id,
        Comment.network == comment.network,
        Comment.network != _NOTHING,
    )


def _by_author(author: str, site_ids: Sequence[int]) -> list[ColumnElement[bool]]:
    if not author:
        return []
    # Each half names the site: only then is there an index for it.
    on_site = Comment.site_id.in_(site_ids)
    return [
        or_(
            and_(on_site, Comment.email == author, Comment.email != _NOTHING),
            and_(on_site, Comment.name == author),
        )
    ]


def _between(selection: Selection) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if selection.since:
        conditions.append(Comment.created_at >= _midnight(selection.since))
    if selection.until and selection.until < date.max:
        conditions.append(Comment.created_at < _midnight(selection.until + timedelta(days=1)))
    return conditions


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, UTC)
