"""Close a thread to new comments, or open it again."""

from commentbox.db import atomic
from commentbox.models import EventType, Thread
from commentbox.models.event import record
from commentbox.models.page_key import explicit_key
from commentbox.models.site import site_with_key
from commentbox.models.thread import thread_to_write


def set_open(site_key: str, page: str, *, is_open: bool) -> Thread:
    """Let a page take comments or not, also one that has none yet. Raises UnknownSite."""
    with atomic() as session:
        site = site_with_key(session, site_key)
        thread = thread_to_write(session, site, explicit_key(page))
        if thread.is_open and not is_open:
            record(session, EventType.THREAD_CLOSED, thread)
        thread.is_open = is_open
        thread.touch()
        return thread
