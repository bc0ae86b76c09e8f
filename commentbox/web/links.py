"""Addresses of threads and comments, for feeds and answers."""

from urllib.parse import quote, urlencode

from commentbox.models import Site, Thread
from commentbox.web.engine import mount_path, public_origin


def hosted_path(site: Site, page: str, **query: str) -> str:
    """Return the path of a page's hosted thread, e.g. ``/sites/blog/thread?page=%2Fa``."""
    return f"{thread_path(site)}?{urlencode({'page': page, **query})}"


def thread_path(site: Site) -> str:
    """Return the path of a site's hosted threads, e.g. ``/sites/blog/thread``."""
    return f"{mount_path()}/sites/{quote(site.key)}/thread"


def comment_address(site: Site, thread: Thread, number: int) -> str:
    """Return where a comment is read: on its page where that is known, else on the hosted page."""
    anchor = f"#comment-{number}"
    if thread.shown_url:
        return thread.shown_url.partition("#")[0] + anchor
    hosted = hosted_path(site, thread.key, comment=str(number))
    return public_origin() + hosted + anchor
