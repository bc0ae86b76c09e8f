"""Answer a comment as a moderator: published at once, and marked for all to see."""

from datetime import datetime

from commentbox.actions.moderate import Ruling, move
from commentbox.actions.post import place
from commentbox.actions.threads import thread_of
from commentbox.db import atomic
from commentbox.errors import Refused, UnknownComment
from commentbox.models import Comment, EventType, Moderator, State
from commentbox.models.event import TYPE_OF_STATE, record


class NotAnswerable(Refused):
    """Readers will never see what was to be answered."""

    message = "Only a comment that is published or waits can be answered."


def answer(comment_id: int, text: str, name: str, ruling: Ruling, at: datetime) -> Comment:
    """Write a reply below a comment, which is published with it if it waits.

    A closed thread takes it all the same: the last word is the owner's. The name is remembered for
    the next reply. Raises UnknownComment, and NotAnswerable below spam and what was removed.
    """
    reply = Comment(name=name, created_at=at, is_by_moderator=True, state=State.PUBLISHED.value)
    reply.write(text)
    with atomic() as session:
        parent = session.get(Comment, comment_id)
        if parent is None:
            raise UnknownComment
        thread = thread_of(session, parent)
        if parent.state not in (State.PUBLISHED, State.HELD):
            raise NotAnswerable
        move(session, parent, State.PUBLISHED, ruling)
        reply.site_id = thread.site_id
        place(session, reply, thread, parent)
        record(session, EventType.COMMENT_POSTED, reply, at)
        record(session, TYPE_OF_STATE[reply.state], reply, at)
        if ruling.by is not None:
            session.get_one(Moderator, ruling.by.id).name = name
        return reply
