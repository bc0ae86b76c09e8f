"""Vote on a comment: one vote per network and day, changed or taken back on that day."""

from datetime import datetime

from commentbox.actions.threads import thread_of
from commentbox.db import atomic
from commentbox.errors import FieldError, InvalidFields, UnknownComment, VotesOff
from commentbox.models import Comment, Vote
from commentbox.models.network import network_token


def cast_vote(comment_id: int, value: int, address: str, at: datetime) -> Comment:
    """Count -1, 0 or +1 for a published comment.

    Raises UnknownComment, InvalidFields, and VotesOff where the site's readers do not vote.
    """
    if value not in (-1, 0, 1):
        raise InvalidFields(FieldError("value", "invalid", "A vote is -1, 0 or 1."))
    with atomic() as session:
        comment = session.get(Comment, comment_id)
        if comment is None:
            raise UnknownComment
        thread = thread_of(session, comment)
        if not comment.is_published:
            raise UnknownComment
        if not thread.site.votes:
            raise VotesOff
        network = network_token(session, address, at.date())
        vote = session.get(Vote, (comment_id, network))
        change = value - (vote.value if vote else 0)
        if vote and not value:
            session.delete(vote)
        elif vote:
            vote.value = value
        elif value:
            session.add(Vote(comment_id=comment_id, network=network, value=value))
        if change:
            comment.score += change
            thread.touch()
        return comment
