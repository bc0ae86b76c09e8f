"""What a reader sees of a thread: plain values that templates and the JSON API share."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from commentbox.errors import FieldError


class CommentView(NamedTuple):
    """One comment with its replies, already nested to the site's display depth.

    A tuple, because a page has a hundred: a frozen dataclass takes six times as long to make.
    """

    id: int
    parent: int | None  # the true parent, also where the display is flat
    parent_name: str | None  # whom it answers; "" when that author gave no visible name
    depth: int  # display depth: 0 is a conversation's first comment
    name: str  # visible name, tamed; "" when the author gave none
    website: str | None  # a checked absolute http(s) address
    html: str  # safe output of markup; "" for a placeholder
    created_at: datetime
    edited_at: datetime | None
    state: (
        str  # "published"; "removed" = placeholder kept for its replies; "held" only to its author
    )
    score: int
    can_reply: bool
    is_by_moderator: bool = False
    is_pinned: bool = False
    anchor: str | None = None  # what led to it in the engine it was imported from, e.g. "isso-12"
    replies: Sequence["CommentView"] = ()

    @property
    def alone(self) -> tuple[object, ...]:
        """Everything but its replies, to compare."""
        return self[:-1]


@dataclass(frozen=True)
class ThreadView:
    """One page of whole conversations of a thread."""

    site: str  # the site's key
    page: str  # the thread's key
    url: str | None
    title: str | None
    is_open: bool
    count: int  # published comments in the whole thread
    version: int
    sort: str  # "oldest" | "newest" | "top"
    comments: tuple[CommentView, ...]
    previous: str | None  # cursor of the conversations before these
    next: str | None  # cursor of the conversations after these
    action: str  # path of the hosted page, e.g. "/sites/blog/thread"
    policy: "FormPolicy" = field(default_factory=lambda: FormPolicy())


@dataclass(frozen=True)
class FormPolicy:
    """What the form must tell the reader about the site's rules."""

    max_length_chars: int = 10_000
    require_name: bool = False
    require_email: bool = False
    edit_window_seconds: int = 900
    votes: bool = True
    replies_by_mail: bool = False  # whether the service can send mail
    texts: Mapping[str, str] = field(default_factory=dict)  # the owner's own words


@dataclass(frozen=True)
class FormView:
    """The one form: typed values, the comment it answers, and what went wrong."""

    values: dict[str, str] = field(default_factory=dict)
    errors: tuple[FieldError, ...] = ()
    problem: str | None = None  # a sentence above the form
    notice: str | None = None  # e.g. "waiting for moderation", after a held comment
    reply_to: int | None = None
    reply_to_name: str | None = None
    ticket: str = ""
    proof: str = ""  # the edit token of an earlier comment, put there by the script
    idempotency_key: str = ""
    waiting: "CommentView | None" = None  # the author's own held comment, shown to nobody else
