"""Give a thread another key, so that a moved page keeps its comments, and take one away."""

from sqlalchemy import delete

from commentbox.actions.deed import keep_deed
from commentbox.actions.merge import LeadsElsewhere
from commentbox.actions.moderate import Ruling
from commentbox.actions.relocate import held_thread
from commentbox.db import atomic
from commentbox.errors import SetupError, UnknownThread
from commentbox.models import Deed, Thread, ThreadAlias, ThreadDecision
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


def drop_alias(thread_id: int, key: str, ruling: Ruling) -> None:
    """Let a key lead to a thread no more. Raises UnknownThread."""
    with atomic() as session:
        thread = held_thread(session, thread_id)
        is_meant = (ThreadAlias.thread_id == thread.id, ThreadAlias.key == key)
        dropped = session.execute(delete(ThreadAlias).where(*is_meant).returning(ThreadAlias.id))
        if dropped.all():
            keep_deed(session, thread, Deed.UNALIASED, ruling, key=key)
            thread.touch()


def restore_alias(decision_id: int, ruling: Ruling) -> Thread:
    """Let a key that was taken away lead to its thread again.

    Raises UnknownThread, and LeadsElsewhere where the page has comments of its own by now.
    """
    with atomic() as session:
        decision = session.get(ThreadDecision, decision_id)
        if decision is None or decision.deed != Deed.UNALIASED:
            raise UnknownThread
        thread = held_thread(session, decision.thread_id)
        key = str(decision.facts["key"])
        known = thread_with_key(session, thread.site, key, for_update=True)
        if known is not None and known.id != thread.id:
            raise LeadsElsewhere
        if known is None:
            session.add(ThreadAlias(site_id=thread.site_id, key=key, thread_id=thread.id))
        decision.facts = {**decision.facts, "is_undone": True}
        keep_deed(session, thread, Deed.ALIASED, ruling, key=key)
        thread.touch()
        return thread
