"""Find what a request names: a lookup returns nothing that the asker may not see."""

from commentbox.db import session
from commentbox.errors import UnknownComment
from commentbox.models import Comment, Site, Thread
from commentbox.web.engine import current_engine


def site_or_404(key: str) -> Site:
    """Return a site by its key, for reading. Raises UnknownSite."""
    return current_engine().sites.with_key(key)


def comment_or_404(comment_id: int) -> Comment:
    """Return a comment by its number. Raises UnknownComment."""
    if comment_id >= 2**63 or (comment := session().get(Comment, comment_id)) is None:
        raise UnknownComment
    return comment


def site_of(comment: Comment) -> Site:
    """Return a comment's site."""
    return session().get_one(Site, comment.site_id)


def thread_of(comment: Comment) -> Thread:
    """Return a comment's thread."""
    return session().get_one(Thread, comment.thread_id)


def parent_of(comment: Comment) -> Comment | None:
    """Return the comment that a reply answers."""
    return session().get(Comment, comment.parent_id) if comment.parent_id else None
