"""A comment: its text, its place in the thread and its state."""

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import (
    JSON,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    select,
    text,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from commentbox import clock, markup
from commentbox.db import Base, RowId, UtcDateTime
from commentbox.errors import FieldError, InvalidFields, Refused

SOURCE_MAX_CHARS = 32
FOREIGN_ID_MAX_CHARS = 255
ANCHOR_MAX_CHARS = 300


class State(StrEnum):
    """Where a comment stands."""

    PUBLISHED = "published"
    HELD = "held"
    SPAM = "spam"
    REMOVED = "removed"


ALLOWED_MOVES: Mapping[State, frozenset[State]] = {
    State.HELD: frozenset({State.PUBLISHED, State.SPAM, State.REMOVED}),
    State.PUBLISHED: frozenset({State.HELD, State.SPAM, State.REMOVED}),
    State.SPAM: frozenset({State.PUBLISHED, State.HELD, State.REMOVED}),
    State.REMOVED: frozenset({State.PUBLISHED, State.HELD, State.SPAM}),
}


class TextFormat(StrEnum):
    """What a comment's text is written in."""

    MARKDOWN = "markdown"  # as readers type it
    HTML = "html"  # as another engine kept it


_OPENS_A_PAGE = text("parent_id IS NULL AND conversation_size > 0")
"""Conversations that a reader sees; the index of a thread's pages holds nothing else."""

_HAS_EMAIL = text("email <> ''")
_HAS_NETWORK = text("network <> ''")
_IS_FOREIGN = text("source IS NOT NULL")
_AWAITS = text("awaited_id IS NOT NULL")
_HAS_ANCHOR = text("anchor IS NOT NULL")
WAS_HELD = {"sqlite": text("reasons <> '[]'"), "postgresql": text("reasons::text <> '[]'")}
"""Comments that the rules held on arrival, by dialect; JSON is text on SQLite."""

_HAS_AN_EARLIER_ONE = text("author_id IS NOT NULL")
"""Comments of proven authors; all others cost the index nothing."""


NOTHING_TO_SEE = FieldError("text", "empty", "Nothing of this text would be seen.")


class NothingLeft(Refused):
    """What was to be decided on was erased."""

    message = "Nothing is left of this comment: there is nothing to decide on any more."


class Comment(Base):
    """What somebody wrote. A reply is a comment with a parent, nothing else.

    Name, addresses and text are stored as typed; escaping happens where they are shown.
    """

    __tablename__ = "commentbox_comment"
    __table_args__ = (
        UniqueConstraint("thread_id", "idempotency_digest"),
        Index("ix_commentbox_comment_conversation", "thread_id", "root_id", "id"),
        Index(
            "ix_commentbox_comment_page",
            "thread_id",
            "created_at",
            "id",
            sqlite_where=_OPENS_A_PAGE,
            postgresql_where=_OPENS_A_PAGE,
        ),
        Index(
            "ix_commentbox_comment_top",
            "thread_id",
            "score",
            "id",
            sqlite_where=_OPENS_A_PAGE,
            postgresql_where=_OPENS_A_PAGE,
        ),
        # The newest ones are those of the latest time: an import brings old ones under new numbers.
        Index("ix_commentbox_comment_thread_state", "thread_id", "state", "created_at", "id"),
        Index("ix_commentbox_comment_site_state", "site_id", "state", "created_at", "id"),
        Index("ix_commentbox_comment_state", "state", "created_at", "id"),
        Index("ix_commentbox_comment_newest", "created_at", "id"),
        # All that one author, or one network, wrote on a site: see reading/selection.py.
        Index(
            "ix_commentbox_comment_email",
            "site_id",
            "email",
            "state",
            "id",
            sqlite_where=_HAS_EMAIL,
            postgresql_where=_HAS_EMAIL,
        ),
        # Its last columns let the most active authors be counted without a look at the comments.
        Index(
            "ix_commentbox_comment_name",
            "site_id",
            "name",
            "email",
            "state",
            "id",
            "created_at",
            "is_by_moderator",
        ),
        Index(
            "ix_commentbox_comment_network",
            "site_id",
            "network",
            "state",
            "id",
            sqlite_where=_HAS_NETWORK,
            postgresql_where=_HAS_NETWORK,
        ),
        # What the numbers count is in the indexes: see reading/numbers.py.
        Index("ix_commentbox_comment_day", "site_id", "created_at", "state", "thread_id"),
        Index(
            "ix_commentbox_comment_held_on_arrival",
            "site_id",
            "created_at",
            sqlite_where=WAS_HELD["sqlite"],
            postgresql_where=WAS_HELD["postgresql"],
        ),
        Index("ix_commentbox_comment_same_text", "site_id", "text_digest", "id"),
        # What an import has brought is known again, and its old address still leads to it.
        Index(
            "uq_commentbox_comment_foreign",
            "site_id",
            "source",
            "foreign_id",
            unique=True,
            sqlite_where=_IS_FOREIGN,
            postgresql_where=_IS_FOREIGN,
        ),
        Index(
            "ix_commentbox_comment_awaited",
            "site_id",
            "source",
            "awaited_id",
            sqlite_where=_AWAITS,
            postgresql_where=_AWAITS,
        ),
        Index(
            "ix_commentbox_comment_anchor",
            "thread_id",
            "anchor",
            sqlite_where=_HAS_ANCHOR,
            postgresql_where=_HAS_ANCHOR,
        ),
        Index(
            "ix_commentbox_comment_author",
            "author_id",
            "state",
            sqlite_where=_HAS_AN_EARLIER_ONE,
            postgresql_where=_HAS_AN_EARLIER_ONE,
        ),
        # A number once given is never given again: edit tokens name it.
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("commentbox_site.id", ondelete="CASCADE"))
    thread_id: Mapped[int] = mapped_column(ForeignKey("commentbox_thread.id", ondelete="CASCADE"))
    parent_id: Mapped[int | None] = mapped_column(
        ForeignKey("commentbox_comment.id", ondelete="CASCADE"), index=True
    )
    root_id: Mapped[int | None] = mapped_column(RowId)  # first comment of the conversation
    depth: Mapped[int] = mapped_column(default=0)
    conversation_size: Mapped[int] = mapped_column(default=0)  # published ones; kept on the root
    has_replies: Mapped[bool] = mapped_column(default=False)

    # The first comment of the same proven author; None for that one and for authors without proof.
    author_id: Mapped[int | None] = mapped_column(RowId)
    name: Mapped[str] = mapped_column(Text, default="")
    email: Mapped[str] = mapped_column(Text, default="")
    website: Mapped[str] = mapped_column(Text, default="")
    text: Mapped[str] = mapped_column(Text)
    text_format: Mapped[str] = mapped_column(String(12), default=TextFormat.MARKDOWN.value)
    html: Mapped[str] = mapped_column(Text)
    markup_version: Mapped[int] = mapped_column(index=True)
    text_digest: Mapped[bytes] = mapped_column(LargeBinary(16))

    is_by_moderator: Mapped[bool] = mapped_column(default=False)  # written in the dashboard

    state: Mapped[str] = mapped_column(String(12))
    reasons: Mapped[list[dict[str, object]]] = mapped_column(JSON, default=list)  # why it was held
    score: Mapped[int] = mapped_column(default=0)
    network: Mapped[str] = mapped_column(String(32), default="")  # token, see models/network.py
    idempotency_digest: Mapped[bytes | None] = mapped_column(LargeBinary(16))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=clock.now)
    edited_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    # Where an imported comment comes from: e.g. "isso", "12" and "isso-12".
    source: Mapped[str | None] = mapped_column(String(SOURCE_MAX_CHARS))
    foreign_id: Mapped[str | None] = mapped_column(String(FOREIGN_ID_MAX_CHARS))
    anchor: Mapped[str | None] = mapped_column(String(ANCHOR_MAX_CHARS))
    # What it answers there, as long as that has not come here.
    awaited_id: Mapped[str | None] = mapped_column(String(FOREIGN_ID_MAX_CHARS))

    @property
    def is_published(self) -> bool:
        """Whether every reader sees it."""
        return self.state == State.PUBLISHED

    @property
    def is_erased(self) -> bool:
        """Whether its author took it back, and with it all that was written."""
        return self.state == State.REMOVED and not self.text

    @property
    def author(self) -> int:
        """The number that all comments of its author share as far as that is proven."""
        return self.author_id or self.id

    def write(self, source: str, text_format: TextFormat = TextFormat.MARKDOWN) -> None:
        """Set the text and what follows from it, together."""
        self.text = source
        self.text_format = text_format.value
        self.text_digest = text_digest(source)
        self.render()

    def require_words(self) -> None:
        """Raise InvalidFields where nothing of the text can be seen, such as a lone ``>``."""
        if not markup.shows_something(self.html):
            raise InvalidFields(NOTHING_TO_SEE)

    def render(self) -> None:
        """Make the HTML anew from the text, by today's pipeline."""
        self.html = html_of(self.text, TextFormat(self.text_format))
        self.markup_version = markup.VERSION

    @property
    def text_as_markdown(self) -> str:
        """The text as its author would type it here: what an edit begins with."""
        is_html = self.text_format == TextFormat.HTML
        return markup.as_markdown(self.html) if is_html else self.text

    def open_conversation(self) -> None:
        """Begin a conversation, in which readers see nobody yet; for this it must have its number."""
        self.root_id, self.conversation_size = self.id, 0

    def answer(self, parent: "Comment") -> None:
        """Take the place below a parent of the same thread."""
        self.parent_id = parent.id
        parent.has_replies = True
        self.root_id = parent.root_id
        self.depth = parent.depth + 1

    def move_to(self, state: State) -> None:
        """Change the state if the table of moves allows it and there is something left to move."""
        if self.is_erased:
            raise NothingLeft
        if state not in ALLOWED_MOVES[State(self.state)]:
            raise Refused(
                "A comment that is %(old)s cannot become %(new)s.", old=self.state, new=state.value
            )
        self.state = state.value

    def erase(self) -> None:
        """Forget what its author wrote; the row stays while replies need it."""
        self.name = self.email = self.website = self.network = ""
        self.write("")

    def purge(self) -> None:
        """Forget also what was thought about it."""
        self.erase()
        self.reasons = []
        self.idempotency_digest = None

    def is_editable_at(self, moment: datetime, window: timedelta) -> bool:
        """Whether its author may still change it."""
        is_alive = self.state in (State.PUBLISHED, State.HELD)
        return is_alive and moment < self.created_at + window


def html_of(source: str, text_format: TextFormat) -> str:
    """Return the safe HTML of a text of any format."""
    return markup.clean(source) if text_format is TextFormat.HTML else markup.render(source)


def spellings_of(session: Session, site_id: int, address: str) -> list[str]:
    """Return the ways in which an address, in lower case, is written in a site's comments.

    Found here, because SQLite and PostgreSQL's “C” fold the case of ASCII letters alone.
    """
    written = select(Comment.email).where(Comment.site_id == site_id, Comment.email != "")
    return [each for each in session.scalars(written.distinct()) if each.lower() == address]


def text_digest(source: str) -> bytes:
    """Return 16 bytes that are equal for texts which differ in case and white space only."""
    return hashlib.sha256(" ".join(source.casefold().split()).encode("utf-8")).digest()[:16]
