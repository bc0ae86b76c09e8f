"""Change what somebody wrote, as a moderator: the words before are kept until they are purged."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from commentbox.actions.moderate import Ruling
from commentbox.actions.threads import thread_of
from commentbox.db import atomic
from commentbox.errors import UnknownComment
from commentbox.models import Change, Comment, Decision, EventType
from commentbox.models.comment import NothingLeft, TextFormat
from commentbox.models.event import record


@dataclass(frozen=True)
class Words:
    """What of a comment can be changed."""

    text: str
    name: str
    website: str


def amend(comment_id: int, words: Words, ruling: Ruling, at: datetime) -> Decision | None:
    """Give a comment other words and keep the decision; None where nothing changes.

    Raises UnknownComment, and NothingLeft where it was erased.
    """
    with atomic() as session:
        comment = session.get(Comment, comment_id)
        if comment is None:
            raise UnknownComment
        thread = thread_of(session, comment)
        if comment.is_erased:
            raise NothingLeft
        if words == Words(comment.text_as_markdown, comment.name, comment.website):
            return None
        before = wording_of(comment)
        comment.name, comment.website = words.name, words.website
        if words.text != comment.text_as_markdown:
            comment.write(words.text)
            comment.edited_at = at
        record(session, EventType.COMMENT_EDITED, comment, at)
        thread.touch()
        return changed(session, comment, Change.EDITED, ruling, before)


def changed(
    session: Session,
    comment: Comment,
    change: Change,
    ruling: Ruling,
    before: dict[str, object] | None = None,
) -> Decision:
    """Keep a decision that leaves the comment's state as it is, inside the caller's transaction."""
    decision = Decision(
        comment_id=comment.id,
        moderator_id=ruling.by.id if ruling.by else None,
        change=change.value,
        old_state=comment.state,
        new_state=comment.state,
        reason=ruling.reason,
        entrance=ruling.entrance.value,
        before=before,
    )
    session.add(decision)
    session.flush()
    return decision


def wording_of(comment: Comment) -> dict[str, object]:
    """Return a comment's words as a decision keeps them."""
    return {
        "text": comment.text,
        "text_format": comment.text_format,
        "name": comment.name,
        "website": comment.website,
        "edited_at": comment.edited_at.isoformat() if comment.edited_at else None,
    }


def forget_wordings(session: Session, comments: Sequence[Comment]) -> None:
    """Take out of decisions what comments said before they were changed."""
    session.execute(
        update(Decision)
        .where(Decision.comment_id.in_([comment.id for comment in comments]))
        .values(before=None)
        .execution_options(synchronize_session=False)
    )


def put_wording(comment: Comment, kept: dict[str, object]) -> None:
    """Give a comment the words back that a decision kept."""
    comment.name, comment.website = str(kept["name"]), str(kept["website"])
    comment.write(str(kept["text"]), TextFormat(str(kept["text_format"])))
    edited_at = kept["edited_at"]
    comment.edited_at = datetime.fromisoformat(str(edited_at)) if edited_at else None
