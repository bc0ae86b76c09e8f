"""Merge one thread into another of the same site, and take that back."""

from collections.abc import Sequence

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from commentbox.actions.deed import keep_deed
from commentbox.actions.moderate import Ruling
from commentbox.db import atomic
from commentbox.errors import Refused, UnknownThread
from commentbox.models import (
    Comment,
    Deed,
    Event,
    State,
    Thread,
    ThreadAlias,
    ThreadDecision,
)

BATCH = 500


class NotMergeable(Refused):
    """The threads are one and the same, or of two sites."""

    message = "Only two different threads of one site can be merged."


class LeadsElsewhere(Refused):
    """A merge cannot be taken back: the page belongs to another thread by now."""

    message = "The page leads to another thread by now: nothing was changed."


def merge(thread_id: int, into_id: int, ruling: Ruling) -> Thread:
    """Let all comments of a thread stand in another one; its keys become aliases of that one.

    Raises UnknownThread, and NotMergeable.
    """
    with atomic() as session:
        thread, into = _both(session, thread_id, into_id)
        if thread.site_id != into.site_id:
            raise NotMergeable
        facts = {
            "key": thread.key,
            "url": thread.url,
            "title": thread.title,
            "is_open": thread.is_open,
            "pinned": thread.pinned_id,
            "conversations": _conversations(session, thread),
            "aliases": _aliases(session, thread),
        }
        _move_comments(session, thread, into)
        session.execute(
            update(ThreadAlias).where(ThreadAlias.thread_id == thread.id).values(thread_id=into.id)
        )
        for noun in (Event, ThreadDecision):
            session.execute(
                update(noun).where(noun.thread_id == thread.id).values(thread_id=into.id)
            )
        session.flush()
        session.execute(delete(Thread).where(Thread.id == thread.id))
        session.expunge(thread)
        session.add(ThreadAlias(site_id=into.site_id, key=str(facts["key"]), thread_id=into.id))
        into.pinned_id = into.pinned_id or thread.pinned_id
        into.title, into.url = into.title or thread.title, into.url or thread.url
        # Who asks by the old key must not meet a number that was another answer's.
        into.version = max(into.version, thread.version)
        _count(session, into)
        keep_deed(session, into, Deed.MERGED, ruling, **facts)
        return into


def split(decision_id: int, ruling: Ruling) -> Thread:
    """Take a merge back: the page has its own thread again, with the conversations it had.

    Raises UnknownThread, and LeadsElsewhere.
    """
    with atomic() as session:
        decision = session.get(ThreadDecision, decision_id)
        if decision is None or decision.deed != Deed.MERGED:
            raise UnknownThread
        into = session.scalars(
            select(Thread).where(Thread.id == decision.thread_id).with_for_update(of=Thread)
        ).one()
        facts = dict(decision.facts)
        if not facts.get("conversations") and not facts.get("key"):
            raise UnknownThread
        keys = [str(facts["key"]), *_texts(facts["aliases"])]
        freed = session.scalars(
            select(ThreadAlias).where(ThreadAlias.thread_id == into.id, ThreadAlias.key.in_(keys))
        ).all()
        if facts["key"] not in {alias.key for alias in freed}:
            raise LeadsElsewhere
        thread = Thread(
            site_id=into.site_id,
            key=str(facts["key"]),
            url=facts["url"],
            title=facts["title"],
            is_open=facts["is_open"],
            version=into.version + 1,
            pinned_id=facts["pinned"],
        )
        session.add(thread)
        session.flush()
        _give_back(session, freed, into, thread, facts)
        decision.facts = {**facts, "is_undone": True}
        keep_deed(session, into, Deed.SPLIT, ruling, key=thread.key)
        return thread


def _give_back(
    session: Session,
    freed: Sequence[ThreadAlias],
    into: Thread,
    thread: Thread,
    facts: dict[str, object],
) -> None:
    for alias in freed:
        if alias.key == thread.key:
            session.delete(alias)
        else:
            alias.thread_id = thread.id
    roots = facts["conversations"]
    assert isinstance(roots, list)
    for start in range(0, len(roots), BATCH):
        session.execute(
            update(Comment)
            .where(Comment.thread_id == into.id, Comment.root_id.in_(roots[start : start + BATCH]))
            .values(thread_id=thread.id)
        )
    if into.pinned_id == thread.pinned_id:
        into.pinned_id = None
    for each in (into, thread):
        _count(session, each)


def _both(session: Session, thread_id: int, into_id: int) -> tuple[Thread, Thread]:
    """Return the two threads, held in one order by everybody."""
    if thread_id == into_id:
        raise NotMergeable
    found = session.scalars(
        select(Thread)
        .where(Thread.id.in_((thread_id, into_id)))
        .order_by(Thread.id)
        .with_for_update(of=Thread)
    )
    by_number = {thread.id: thread for thread in found}
    if len(by_number) < 2:
        raise UnknownThread
    return by_number[thread_id], by_number[into_id]


def _conversations(session: Session, thread: Thread) -> list[int]:
    return list(
        session.scalars(
            select(Comment.id).where(Comment.thread_id == thread.id, Comment.parent_id.is_(None))
        )
    )


def _aliases(session: Session, thread: Thread) -> list[str]:
    return list(session.scalars(select(ThreadAlias.key).where(ThreadAlias.thread_id == thread.id)))


def _move_comments(session: Session, thread: Thread, into: Thread) -> None:
    # The same key may have been used once in each: of two, the one that moves is forgotten.
    used = select(Comment.idempotency_digest).where(
        Comment.thread_id == into.id, Comment.idempotency_digest.is_not(None)
    )
    of_thread = Comment.thread_id == thread.id
    session.execute(
        update(Comment)
        .where(of_thread, Comment.idempotency_digest.in_(used))
        .values(idempotency_digest=None)
        .execution_options(synchronize_session=False)
    )
    session.execute(
        update(Comment)
        .where(of_thread)
        .values(thread_id=into.id)
        .execution_options(synchronize_session=False)
    )


def _count(session: Session, thread: Thread) -> None:
    published = select(func.count()).where(
        Comment.thread_id == thread.id, Comment.state == State.PUBLISHED.value
    )
    thread.count = session.scalar(published) or 0
    thread.touch()


def _texts(value: object) -> list[str]:
    return [str(each) for each in value] if isinstance(value, list) else []
