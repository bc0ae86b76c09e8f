"""What a moderator decides on: comments of their sites by state, a page at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, func, select, true
from sqlalchemy.orm import Session, aliased

from commentbox import markup
from commentbox.models import Comment, Decision, Entrance, Moderator, Site, State, Thread

PAGE_LENGTH = 25
EXCERPT_MAX_CHARS = 160


@dataclass(frozen=True)
class Place:
    """Which comments are asked for; at most one of ``after`` and ``before`` is set."""

    state: State = State.HELD
    after: int | None = None  # a comment's number, as QueueView.next
    before: int | None = None  # a comment's number, as QueueView.previous

    @property
    def is_oldest_first(self) -> bool:
        """Who waits longest comes first; elsewhere people look for what happened last."""
        return self.state is State.HELD


@dataclass(frozen=True)
class Remark:
    """A sentence about a comment: a message id and the facts that fill its places."""

    message: str
    facts: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Answered:
    """The comment that a reply answers."""

    id: int
    name: str  # visible name, "" when the author gave none
    excerpt: str
    state: State


@dataclass(frozen=True)
class Decided:
    """The last decision on a comment."""

    comment_id: int
    name: str  # the comment's visible name
    old_state: State
    new_state: State
    entrance: Entrance
    by: str | None  # a moderator's e-mail address
    reason: str  # a rule's code, or what somebody wrote
    at: datetime


@dataclass(frozen=True)
class QueueEntry:
    """One comment with what a moderator needs to decide on it."""

    id: int
    state: State
    name: str  # visible name, "" when the author gave none
    email: str
    website: str  # as typed
    website_href: str | None  # a checked absolute address, where there is one
    html: str
    is_erased: bool  # its author deleted it: there is nothing left to decide on
    created_at: datetime
    edited_at: datetime | None
    site: str  # the site's key
    site_name: str
    page: str  # the thread's key
    url: str | None  # a checked absolute address of the page
    title: str | None
    answers: Answered | None
    reasons: tuple[Remark, ...]  # why it was held
    decided: Decided | None


@dataclass(frozen=True)
class QueueView:
    """One page of comments in one state."""

    place: Place
    entries: tuple[QueueEntry, ...]
    previous: int | None  # cursor of the comments before these
    next: int | None  # cursor of the comments after these


RULES: Mapping[str, str] = {
    "links": "It was edited and then had more links than before.",
    "words": "It was edited and then had words on the site's list.",
    "repetition": "It was edited and then said what stands in other threads.",
    "unknown_author": "It was edited by an author with too few approved comments.",
    "reports": "Readers reported it.",
}
"""What a moderator is told when a rule held a comment after it had been published, by its code."""


def view_queue(session: Session, moderator: Moderator, place: Place) -> QueueView:
    """Return a page of the comments that the moderator decides on.

    When nothing is left behind a cursor, because all of it was decided on, the first page follows.
    """
    comments, previous, next_ = _page(session, moderator, place)
    if not comments and (place.after or place.before):
        place = Place(place.state)
        comments, previous, next_ = _page(session, moderator, place)
    return QueueView(place, _entries(session, comments), previous, next_)


def count_held(session: Session, moderator: Moderator) -> int:
    """Return how many comments wait for the moderator."""
    held = and_(Comment.state == State.HELD.value, _is_of(moderator))
    return session.scalar(select(func.count()).select_from(Comment).where(held)) or 0


def find_comment(session: Session, moderator: Moderator, comment_id: int) -> Comment | None:
    """Return a comment of the moderator's sites; any other is as if it did not exist."""
    return session.scalar(select(Comment).where(Comment.id == comment_id, _is_of(moderator)))


def last_decision(session: Session, moderator: Moderator, comment_id: int) -> Decided | None:
    """Return the last decision on a comment of the moderator's sites."""
    if find_comment(session, moderator, comment_id) is None:
        return None
    return _last_decisions(session, [comment_id]).get(comment_id)


def _is_of(moderator: Moderator) -> ColumnElement[bool]:
    sites = {membership.site_id for membership in moderator.memberships}
    if None in sites:
        return true()
    return Comment.site_id.in_(sites)


def _page(
    session: Session, moderator: Moderator, place: Place
) -> tuple[list[Comment], int | None, int | None]:
    """Return a page's comments in their order, with the cursors of the pages before and after."""
    is_backwards = place.before is not None
    query = _walk(moderator, place, is_ascending=place.is_oldest_first is not is_backwards)
    found = list(session.scalars(query.limit(PAGE_LENGTH + 1)))
    has_more = len(found) > PAGE_LENGTH
    comments = found[:PAGE_LENGTH]
    if is_backwards:
        comments.reverse()
    if not comments:
        return [], None, None
    has_previous = has_more if is_backwards else place.after is not None
    has_next = is_backwards or has_more
    return (
        comments,
        comments[0].id if has_previous else None,
        comments[-1].id if has_next else None,
    )


def _walk(moderator: Moderator, place: Place, *, is_ascending: bool) -> Select[Comment]:
    query = select(Comment).where(Comment.state == place.state.value, _is_of(moderator))
    query = query.order_by(Comment.id.asc() if is_ascending else Comment.id.desc())
    cursor = place.before if place.before is not None else place.after
    if cursor is None:
        return query
    return query.where(Comment.id > cursor if is_ascending else Comment.id < cursor)


def _entries(session: Session, comments: Sequence[Comment]) -> tuple[QueueEntry, ...]:
    numbers = [comment.id for comment in comments]
    parent = aliased(Comment)
    surroundings = session.execute(
        select(Comment.id, Thread, parent)
        .join(Thread, Thread.id == Comment.thread_id)
        .outerjoin(parent, parent.id == Comment.parent_id)
        .where(Comment.id.in_(numbers))
    )
    around = {number: (thread, parent) for number, thread, parent in surroundings}
    decisions = _last_decisions(session, numbers)
    return tuple(
        _entry(comment, *around[comment.id], decisions.get(comment.id)) for comment in comments
    )


def _entry(
    comment: Comment, thread: Thread, parent: Comment | None, decided: Decided | None
) -> QueueEntry:
    site: Site = thread.site
    return QueueEntry(
        id=comment.id,
        state=State(comment.state),
        name=markup.visible_name(comment.name),
        email=comment.email,
        website=comment.website,
        website_href=markup.website_href(comment.website) if comment.website else None,
        html=comment.html,
        is_erased=comment.is_erased,
        created_at=comment.created_at,
        edited_at=comment.edited_at,
        site=site.key,
        site_name=site.name or site.key,
        page=thread.key,
        url=markup.website_href(thread.url) if thread.url else None,
        title=markup.visible_name(thread.title or "") or None,
        answers=_answered(parent) if parent else None,
        reasons=_reasons(comment, decided),
        decided=decided,
    )


def _answered(parent: Comment) -> Answered:
    return Answered(
        id=parent.id,
        name=markup.visible_name(parent.name),
        excerpt=markup.excerpt(parent.html, EXCERPT_MAX_CHARS),
        state=State(parent.state),
    )


def _reasons(comment: Comment, decided: Decided | None) -> tuple[Remark, ...]:
    on_arrival = [_remark(reason) for reason in comment.reasons]
    if decided is None or decided.entrance is not Entrance.RULE or not decided.reason:
        return tuple(on_arrival)
    if decided.reason in {reason.get("code") for reason in comment.reasons}:
        return tuple(on_arrival)
    return (*on_arrival, _later(decided.reason))


def _later(reason: str) -> Remark:
    return Remark(message=RULES[reason]) if reason in RULES else Remark(reason)


def _remark(reason: Mapping[str, object]) -> Remark:
    facts = reason.get("facts")
    return Remark(str(reason["message"]), facts if isinstance(facts, Mapping) else {})


def _last_decisions(session: Session, numbers: Sequence[int]) -> dict[int, Decided]:
    last = (
        select(func.max(Decision.id))
        .where(Decision.comment_id.in_(numbers))
        .group_by(Decision.comment_id)
    )
    rows = session.execute(
        select(Decision, Comment.name, Moderator.email)
        .join(Comment, Comment.id == Decision.comment_id)
        .outerjoin(Moderator, Moderator.id == Decision.moderator_id)
        .where(Decision.id.in_(last))
    )
    return {decision.comment_id: _decided(decision, name, email) for decision, name, email in rows}


def _decided(decision: Decision, name: str, email: str | None) -> Decided:
    return Decided(
        comment_id=decision.comment_id,
        name=markup.visible_name(name),
        old_state=State(decision.old_state),
        new_state=State(decision.new_state),
        entrance=Entrance(decision.entrance),
        by=email,
        reason=decision.reason,
        at=decision.decided_at,
    )
