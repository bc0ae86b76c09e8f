"""Addresses of threads and comments, for feeds and answers."""

from urllib.parse import quote, urlencode

from commentbox.models import Comment, Site, Thread
from commentbox.web.engine import mount_path, public_origin


def hosted_path(site: Site, page: str, **query: str) -> str:
    """Return the path of a page's hosted thread, e.g. ``/sites/blog/thread?page=%2Fa``."""
    return f"{thread_path(site)}?{urlencode({'page': page, **query})}"


def thread_path(site: Site) -> str:
    """Return the path of a site's hosted threads, e.g. ``/sites/blog/thread``."""
    return f"{mount_path()}/sites/{quote(site.key)}/thread"


def comment_address(site: Site, thread: Thread, comment: Comment) -> str:
    """Return where a comment is read: on its page where that is known, else on the hosted page."""
    anchor = f"#comment-{comment.id}"
    if thread.shown_url:
        return thread.shown_url.partition("#")[0] + anchor
    hosted = hosted_path(site, thread.key, comment=str(comment.id))
    return public_origin() + hosted + anchor
