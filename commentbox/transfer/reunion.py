"""Replies that came before what they answer, as when an export was split: put in their place."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session

from commentbox.models import Comment, Thread


@dataclass(frozen=True)
class Moved:
    """A conversation that became a part of another one."""

    old_root: int
    root: int
    deeper: int  # by so much


def count_waiting(session: Session, site_id: int, source: str, ids: list[str]) -> int:
    """Count the comments that wait for one of the ids."""
    query = select(func.count()).select_from(Comment).where(*_waits(site_id, source, ids))
    return session.scalar(query) or 0


def reunite(
    session: Session, site_id: int, source: str, numbers: Mapping[str, int]
) -> Iterator[Moved]:
    """Put the comments that waited for these below them, with all their replies; yield each.

    ``numbers`` are those of comments just written, by their ids there. Inside the caller's
    transaction, which holds the threads.
    """
    waiting = select(Comment.id).where(*_waits(site_id, source, list(numbers)))
    for number in session.scalars(waiting.order_by(Comment.id)).all():
        if (moved := _moved(session, number, numbers)) is not None:
            yield moved


def _waits(site_id: int, source: str, ids: list[str]) -> tuple[ColumnElement[bool], ...]:
    return (
        Comment.site_id == site_id,
        Comment.source == source,
        Comment.awaited_id.is_not(None),
        Comment.awaited_id.in_(ids),
    )


def _moved(session: Session, number: int, numbers: Mapping[str, int]) -> Moved | None:
    columns = (
        Comment.id, Comment.root_id, Comment.depth, Comment.thread_id, Comment.awaited_id,
        Comment.conversation_size,
    )  # fmt: skip
    one = select(*columns)
    child = session.execute(one.where(Comment.id == number)).one()
    parent = session.execute(one.where(Comment.id == numbers[str(child.awaited_id)])).one()
    if parent.thread_id != child.thread_id:
        return None
    this = update(Comment).where(Comment.id == number).execution_options(synchronize_session=False)
    if parent.root_id == number:  # it would answer one of its own replies
        session.execute(this.values(awaited_id=None))
        return None
    quietly = {"synchronize_session": False}
    below = update(Comment).where(Comment.root_id == number)
    deeper = parent.depth + 1
    session.execute(
        below.values(root_id=parent.root_id, depth=Comment.depth + deeper),
        execution_options=quietly,
    )
    session.execute(this.values(parent_id=parent.id, awaited_id=None, conversation_size=0))
    session.execute(
        update(Comment).where(Comment.id == parent.id).values(has_replies=True),
        execution_options=quietly,
    )
    grown = Comment.conversation_size + child.conversation_size
    session.execute(
        update(Comment).where(Comment.id == parent.root_id).values(conversation_size=grown),
        execution_options=quietly,
    )
    thread = update(Thread).where(Thread.id == child.thread_id)
    session.execute(thread.values(version=Thread.version + 1), execution_options=quietly)
    session.execute(
        thread.where(Thread.pinned_id == number).values(pinned_id=parent.root_id),
        execution_options=quietly,
    )
    return Moved(number, parent.root_id, deeper)
