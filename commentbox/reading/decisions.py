"""Decisions as moderators read them: on a comment, and in the log."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from commentbox import markup
from commentbox.models import (
    Change,
    Comment,
    Decision,
    Deed,
    Entrance,
    Moderator,
    State,
    Thread,
    ThreadDecision,
)
from commentbox.reading.visible import on_sites_of

PAGE_LENGTH = 50
EXCERPT_MAX_CHARS = 120


@dataclass(frozen=True)
class Decided:
    """One decision on a comment."""

    id: int
    comment_id: int
    name: str  # the comment's visible name
    excerpt: str  # of what it says now; "" when nothing is left
    change: Change
    old_state: State
    new_state: State
    entrance: Entrance
    by: str | None  # a moderator's e-mail address
    reason: str  # a rule's code, or what somebody wrote
    at: datetime
    is_undo: bool
    can_be_undone: bool  # nothing was decided on the comment since, and something is left of it
    batch_id: int | None


@dataclass(frozen=True)
class ThreadDecided:
    """One decision on a thread."""

    id: int
    thread_id: int
    title: str  # the page's title, or its key
    deed: str
    came_from: str  # the page a thread was moved or merged from
    went_to: str
    by: str | None
    at: datetime
    can_be_undone: bool


@dataclass(frozen=True)
class LogPlace:
    """Which part of the log is asked for."""

    before: int | None = None  # a decision's number: older ones follow
    only_by: int | None = None  # a moderator's number
    batch: int | None = None  # the decisions made together


def decisions_on(session: Session, comment: Comment) -> Sequence[Decided]:
    """Return all decisions on a comment, newest first."""
    return _decided(session, Decision.comment_id == comment.id, limit=500)


def last_decisions(session: Session, numbers: Sequence[int]) -> dict[int, Decided]:
    """Return the last decision on each of some comments, by the comment's number."""
    last = (
        select(func.max(Decision.id))
        .where(Decision.comment_id.in_(numbers))
        .group_by(Decision.comment_id)
    )
    return {
        decided.comment_id: decided
        for decided in _decided(session, Decision.id.in_(last), limit=len(numbers))
    }


def view_log(
    session: Session, moderator: Moderator, place: LogPlace
) -> tuple[Sequence[Decided], int | None]:
    """Return a page of decisions on the moderator's sites, newest first, and the next page's cursor."""
    found = _decided(session, *_at(moderator, place), limit=PAGE_LENGTH + 1)
    return found[:PAGE_LENGTH], found[PAGE_LENGTH - 1].id if len(found) > PAGE_LENGTH else None


def count_log(session: Session, moderator: Moderator, place: LogPlace) -> int:
    """Return how many decisions the log has there."""
    rows = (
        select(func.count()).select_from(Decision).join(Comment, Comment.id == Decision.comment_id)
    )
    return session.scalar(rows.where(*_at(moderator, place))) or 0


def _at(moderator: Moderator, place: LogPlace) -> list[ColumnElement[bool]]:
    conditions = [on_sites_of(moderator)]
    if place.before is not None:
        conditions.append(Decision.id < place.before)
    if place.only_by is not None:
        conditions.append(Decision.moderator_id == place.only_by)
    if place.batch is not None:
        conditions.append(Decision.batch_id == place.batch)
    return conditions


def view_thread_log(
    session: Session, moderator: Moderator, before: int | None = None, thread_id: int | None = None
) -> tuple[Sequence[ThreadDecided], int | None]:
    """Return a page of decisions on threads, newest first, and the next page's cursor."""
    query = (
        select(ThreadDecision, Thread, Moderator.email)
        .join(Thread, Thread.id == ThreadDecision.thread_id)
        .outerjoin(Moderator, Moderator.id == ThreadDecision.moderator_id)
        .where(on_sites_of(moderator, ThreadDecision.site_id))
        .order_by(ThreadDecision.id.desc())
        .limit(PAGE_LENGTH + 1)
    )
    if before is not None:
        query = query.where(ThreadDecision.id < before)
    if thread_id is not None:
        query = query.where(ThreadDecision.thread_id == thread_id)
    found = [_thread_decided(*row) for row in session.execute(query)]
    return found[:PAGE_LENGTH], found[PAGE_LENGTH - 1].id if len(found) > PAGE_LENGTH else None


def _decided(session: Session, *conditions: ColumnElement[bool], limit: int) -> list[Decided]:
    rows = session.execute(
        select(Decision, Comment, Moderator.email)
        .join(Comment, Comment.id == Decision.comment_id)
        .outerjoin(Moderator, Moderator.id == Decision.moderator_id)
        .where(*conditions)
        .order_by(Decision.id.desc())
        .limit(limit)
    ).all()
    numbers = {decision.comment_id for decision, _comment, _email in rows}
    last = set(
        session.scalars(
            select(func.max(Decision.id))
            .where(Decision.comment_id.in_(numbers))
            .group_by(Decision.comment_id)
        )
    )
    return [
        _as_decided(decision, comment, email, is_last=decision.id in last)
        for decision, comment, email in rows
    ]


def _as_decided(
    decision: Decision, comment: Comment, email: str | None, *, is_last: bool
) -> Decided:
    return Decided(
        id=decision.id,
        comment_id=decision.comment_id,
        name=markup.visible_name(comment.name),
        excerpt=markup.excerpt(comment.html, EXCERPT_MAX_CHARS),
        change=Change(decision.change),
        old_state=State(decision.old_state),
        new_state=State(decision.new_state),
        entrance=Entrance(decision.entrance),
        by=email,
        reason=decision.reason,
        at=decision.decided_at,
        is_undo=decision.undoes_id is not None,
        can_be_undone=is_last and not comment.is_erased,
        batch_id=decision.batch_id,
    )


def _thread_decided(decision: ThreadDecision, thread: Thread, email: str | None) -> ThreadDecided:
    facts = decision.facts
    is_reversible = decision.deed in (Deed.MERGED, Deed.UNALIASED)
    return ThreadDecided(
        id=decision.id,
        thread_id=thread.id,
        title=markup.visible_name(thread.title or "") or thread.key,
        deed=decision.deed,
        came_from=str(facts.get("from") or facts.get("key") or ""),
        went_to=str(facts.get("to") or ""),
        by=email,
        at=decision.decided_at,
        can_be_undone=is_reversible and not facts.get("is_undone"),
    )
