"""A thread: the comments of one page, its key and its version."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint, bindparam, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship
from sqlalchemy.orm.attributes import set_committed_value

from commentbox import clock, markup
from commentbox.db import Base, RowId, UtcDateTime
from commentbox.errors import FieldError, InvalidFields, ThreadClosed
from commentbox.models.comment import Comment
from commentbox.models.site import Site, number_of
from commentbox.rows import stored, table_of
from commentbox.statements import Row, Statement

KEY_MAX_CHARS = 512
URL_MAX_CHARS = 2000
TITLE_MAX_CHARS = 300


class Thread(Base):
    """The conversation below one page; made by its first comment."""

    __tablename__ = "commentbox_thread"
    __table_args__ = (UniqueConstraint("site_id", "key"),)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey(Site.id, ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(String(KEY_MAX_CHARS))
    url: Mapped[str | None] = mapped_column(String(URL_MAX_CHARS))
    title: Mapped[str | None] = mapped_column(String(TITLE_MAX_CHARS))
    is_described: Mapped[bool] = mapped_column(default=False)  # by the owner: no comment changes it
    is_open: Mapped[bool] = mapped_column(default=True)
    count: Mapped[int] = mapped_column(default=0)  # published comments
    version: Mapped[int] = mapped_column(default=1)
    pinned_id: Mapped[int | None] = mapped_column(RowId)  # the conversation that is shown first
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)

    site: Mapped[Site] = relationship(lazy="joined", innerjoin=True)

    def accept(self, parent: Comment | None) -> None:
        """Let a comment in, or raise: the thread must be open and the parent a published one of it."""
        if not (self.is_open and self.site.is_open):
            raise ThreadClosed
        if parent is not None and not (parent.thread_id == self.id and parent.is_published):
            raise InvalidFields(UNKNOWN_PARENT)

    def hear(self, comment: Comment, url: str | None, title: str | None) -> None:
        """Take over what a new comment says of its page, until there is one that readers see.

        From then on only what is missing, else whoever comments could rename the page for all. A
        held comment says nothing that readers are told, and once they see others nothing at all.
        """
        if self.is_described or (self.count and not comment.is_published):
            return
        if self.count or not comment.is_published:
            url, title = self.url or url, self.title or title
        self.url, self.title = url, title

    @property
    def shown_title(self) -> str | None:
        """The title as readers see it, tamed like a name; None while they see no comment."""
        return markup.visible_name(self.title or "") or None if self.is_told else None

    @property
    def shown_url(self) -> str | None:
        """The address as readers are told it; None while they see no comment."""
        return self.url if self.is_told else None

    @property
    def is_told(self) -> bool:
        """Whether readers may know what was said of the page: by who is published, or the owner."""
        return bool(self.count) or self.is_described

    def show(self, root: Comment) -> None:
        """Count one more comment that readers see; ``root`` opens its conversation."""
        self.count += 1
        root.conversation_size += 1
        self.touch()

    def hide(self, root: Comment) -> None:
        """Count one comment less in the conversation that ``root`` opens."""
        self.count -= 1
        root.conversation_size -= 1
        self.touch()

    def touch(self) -> None:
        """Let every prepared answer of this thread be out of date."""
        self.version += 1


class ThreadAlias(Base):
    """Another key of a thread, so that a moved page keeps its comments."""

    __tablename__ = "commentbox_thread_alias"
    __table_args__ = (UniqueConstraint("site_id", "key"),)

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey(Site.id, ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(String(KEY_MAX_CHARS))
    thread_id: Mapped[int] = mapped_column(ForeignKey(Thread.id, ondelete="CASCADE"), index=True)


_THREAD, _SITE = table_of(Thread), table_of(Site)
_WITH_SITE = select(*_THREAD.columns, *_SITE.columns).join_from(_THREAD, _SITE)
BY_KEY = _WITH_SITE.where(Thread.site_id == bindparam("site_id"), Thread.key == bindparam("key"))
BY_ALIAS = _WITH_SITE.join(ThreadAlias, ThreadAlias.thread_id == Thread.id).where(
    ThreadAlias.site_id == bindparam("site_id"), ThreadAlias.key == bindparam("key")
)
TO_READ = tuple(Statement(question) for question in (BY_KEY, BY_ALIAS))
TO_WRITE = tuple(Statement(question.with_for_update(of=Thread)) for question in (BY_KEY, BY_ALIAS))


def thread_with_key(
    session: Session, site: Site, key: str, *, for_update: bool = False
) -> Thread | None:
    """Return the thread of a page, also by an alias; held against other writers if asked to."""
    session.flush()  # what is not written yet is to be found as well
    page = {"site_id": number_of(site), "key": key}
    while True:
        for question in TO_WRITE if for_update else TO_READ:
            for row in question.run(session, page):
                return _thread_with_site(session, row)
        # While we waited for the thread, it may have been merged into another one.
        if not for_update or thread_with_key(session, site, key) is None:
            return None


def _thread_with_site(session: Session, row: Row) -> Thread:
    thread = stored(session, Thread, dict(zip(_THREAD.columns.keys(), row, strict=False)))
    site = dict(zip(_SITE.columns.keys(), row[len(_THREAD.columns) :], strict=True))
    set_committed_value(thread, "site", stored(session, Site, site))
    return thread


def thread_to_write(session: Session, site: Site, key: str) -> Thread:
    """Return the thread of a page, made if there is none, held against other writers."""
    thread = thread_with_key(session, site, key, for_update=True)
    if thread is not None:
        return _held(session, thread)
    try:
        with session.begin_nested():
            session.add(Thread(site_id=site.id, key=key))
    except IntegrityError:
        pass  # another first comment of the page was faster
    made = thread_with_key(session, site, key, for_update=True)
    assert made is not None  # it was just made, by us or by the faster one
    return _held(session, made)


def _held(session: Session, thread: Thread) -> Thread:
    # A session by itself forgets what nobody refers to, and the answer to a write shows the thread:
    # it would be read a second time.
    session.info["thread"] = thread
    return thread


UNKNOWN_PARENT = FieldError(
    "parent",
    "unknown_parent",
    "The comment you answer is not there any more: cancel the reply to post on its own.",
)
