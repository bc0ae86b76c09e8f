"""Give a thread another key, so that a moved page keeps its comments."""

from commentbox.db import atomic
from commentbox.errors import SetupError
from commentbox.models import Thread, ThreadAlias
from commentbox.models.page_key import explicit_key
from commentbox.models.site import site_with_key
from commentbox.models.thread import thread_to_write, thread_with_key


def add_alias(site_key: str, page: str, other: str) -> Thread:
    """Let the page ``other`` show the thread of ``page``, the one that has the comments.

    Raises UnknownSite, and SetupError when the other page has a thread of its own.
    """
    with atomic() as session:
        site = site_with_key(session, site_key)
        thread = thread_to_write(session, site, explicit_key(page))
        key = explicit_key(other)
        known = thread_with_key(session, site, key, for_update=True)
        if known is not None and known.id != thread.id:
            raise SetupError(
                "“%(page)s” has a thread of its own: two threads cannot become one.", page=key
            )
        if known is None:
            session.add(ThreadAlias(site_id=site.id, key=key, thread_id=thread.id))
        return thread
