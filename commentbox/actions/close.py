"""Close a thread to new comments, or open it again."""

from commentbox.actions.deed import keep_deed
from commentbox.actions.moderate import Ruling
from commentbox.db import atomic
from commentbox.models import Deed, Entrance, EventType, Thread
from commentbox.models.event import record
from commentbox.models.page_key import explicit_key
from commentbox.models.site import site_with_key
from commentbox.models.thread import thread_to_write

BY_COMMAND = Ruling(Entrance.CLI)


def set_open(site_key: str, page: str, *, is_open: bool, ruling: Ruling = BY_COMMAND) -> Thread:
    """Let a page take comments or not, also one that has none yet. Raises UnknownSite."""
    with atomic() as session:
        site = site_with_key(session, site_key)
        thread = thread_to_write(session, site, explicit_key(page))
        if thread.is_open and not is_open:
            record(session, EventType.THREAD_CLOSED, thread)
        if thread.is_open != is_open:
            keep_deed(session, thread, Deed.OPENED if is_open else Deed.CLOSED, ruling)
        thread.is_open = is_open
        thread.touch()
        return thread
