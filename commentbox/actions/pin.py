"""Pin a conversation: readers see it first, in every order."""

from commentbox.actions.deed import keep_deed
from commentbox.actions.moderate import Ruling
from commentbox.actions.threads import thread_of
from commentbox.db import atomic
from commentbox.errors import Refused, UnknownComment
from commentbox.models import Comment, Deed, Thread


class NotPinnable(Refused):
    """What was to be pinned is a reply, or not to be seen."""

    message = "Only a published comment that opens a conversation can be pinned."


def pin(comment_id: int, ruling: Ruling) -> Thread:
    """Show the conversation that a comment opens before all others; it takes the place of the last.

    Raises UnknownComment, and NotPinnable for a reply and for what readers do not see.
    """
    with atomic() as session:
        comment = session.get(Comment, comment_id)
        if comment is None:
            raise UnknownComment
        thread = thread_of(session, comment)
        if comment.parent_id is not None or not comment.is_published:
            raise NotPinnable
        if thread.pinned_id != comment.id:
            thread.pinned_id = comment.id
            thread.touch()
            keep_deed(session, thread, Deed.PINNED, ruling, comment=comment.id)
        return thread


def unpin(comment_id: int, ruling: Ruling) -> Thread:
    """Let a conversation stand among the others again. Raises UnknownComment."""
    with atomic() as session:
        comment = session.get(Comment, comment_id)
        if comment is None:
            raise UnknownComment
        thread = thread_of(session, comment)
        if thread.pinned_id == comment.id:
            thread.pinned_id = None
            thread.touch()
            keep_deed(session, thread, Deed.UNPINNED, ruling, comment=comment.id)
        return thread
