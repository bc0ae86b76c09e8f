"""All there is to know about one comment: its conversation, every decision on it, and its text."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from commentbox.models import Comment, State, Thread
from commentbox.reading.decisions import Decided, decisions_on
from commentbox.reading.queue import Answered, QueueEntry, answered, entries_of

ANCESTORS_MAX = 12
REPLIES_MAX = 50


@dataclass(frozen=True)
class Dossier:
    """One comment as its own page shows it."""

    entry: QueueEntry
    ancestors: Sequence[Answered]  # from the conversation's first comment down to the parent
    has_more_ancestors: bool
    replies: Sequence[Answered]  # direct ones, oldest first
    decisions: Sequence[Decided]  # newest first
    name: str  # as typed
    text: str  # as its author would type it
    is_pinned: bool
    can_be_pinned: bool


def view_dossier(session: Session, comment: Comment) -> Dossier:
    """Return what a moderator who may see the comment finds on its page."""
    thread = session.get_one(Thread, comment.thread_id)
    ancestors = _ancestors(session, comment)
    replies = session.scalars(
        select(Comment).where(Comment.parent_id == comment.id).order_by(Comment.id)
    )
    return Dossier(
        entry=entries_of(session, [comment])[0],
        ancestors=[answered(each) for each in ancestors],
        has_more_ancestors=bool(ancestors and ancestors[0].parent_id),
        replies=[answered(each) for each in replies.fetchmany(REPLIES_MAX)],
        decisions=decisions_on(session, comment),
        name=comment.name,
        text=comment.text_as_markdown,
        is_pinned=thread.pinned_id == comment.id,
        can_be_pinned=comment.parent_id is None and comment.state == State.PUBLISHED,
    )


def _ancestors(session: Session, comment: Comment) -> list[Comment]:
    found: list[Comment] = []
    parent_id = comment.parent_id
    while parent_id is not None and len(found) < ANCESTORS_MAX:
        found.append(session.get_one(Comment, parent_id))
        parent_id = found[-1].parent_id
    return found[::-1]
