"""Look-ups for the views: what the moderator may not see is the same 404 as what does not exist."""

from collections.abc import Mapping

from commentbox.db import session
from commentbox.errors import Unknown, UnknownComment, UnknownThread
from commentbox.models import Comment, Decision, Thread, ThreadDecision
from commentbox.reading import visible
from commentbox.web.dashboard.visit import current_moderator
from commentbox.web.parse import MAX_NUMBER


class UnknownDecision(Unknown):
    """No decision has this number."""

    code = "unknown_decision"
    message = "There is no such decision."


class UnknownNumber(Unknown):
    """No row can have this number."""

    code = "unknown_number"
    message = "There is nothing with this number."


def require_possible(values: Mapping[str, object]) -> None:
    """Let in an address whose numbers rows can have: databases stumble over larger ones.

    Raises UnknownNumber.
    """
    if any(isinstance(value, int) and value > MAX_NUMBER for value in values.values()):
        raise UnknownNumber


def comment_or_404(comment_id: int) -> Comment:
    """Return a comment of the moderator's sites. Raises UnknownComment."""
    found = visible.find_comment(session(), current_moderator(), comment_id)
    if found is None:
        raise UnknownComment
    return found


def thread_or_404(thread_id: int) -> Thread:
    """Return a thread of the moderator's sites. Raises UnknownThread."""
    found = visible.find_thread(session(), current_moderator(), thread_id)
    if found is None:
        raise UnknownThread
    return found


def decision_or_404(decision_id: int) -> Decision:
    """Return a decision on a comment of the moderator's sites. Raises UnknownDecision."""
    found = visible.find_decision(session(), current_moderator(), decision_id)
    if found is None:
        raise UnknownDecision
    return found


def thread_decision_or_404(decision_id: int) -> ThreadDecision:
    """Return a decision on a thread of the moderator's sites. Raises UnknownDecision."""
    found = visible.find_thread_decision(session(), current_moderator(), decision_id)
    if found is None:
        raise UnknownDecision
    return found


def named_comment(comment_id: int | None) -> Comment | None:
    """Return the comment that a list is narrowed by, if there is one and the moderator may see it."""
    if comment_id is None:
        return None
    return visible.find_comment(session(), current_moderator(), comment_id)
