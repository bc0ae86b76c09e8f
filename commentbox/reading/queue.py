"""What a moderator decides on: comments of their sites, a page at a time, with all that is needed to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import ColumnElement, Select, false, func, literal, or_, select, tuple_
from sqlalchemy.orm import Session, aliased

from commentbox import markup
from commentbox.db import UtcDateTime
from commentbox.models import (
    AddressProof,
    Comment,
    Entrance,
    Moderator,
    Report,
    Site,
    State,
    Thread,
)
from commentbox.reading.decisions import Decided, last_decisions
from commentbox.reading.selection import Selection, Signature, chosen, signed
from commentbox.reading.visible import on_sites_of

PAGE_LENGTH = 25
EXCERPT_MAX_CHARS = 160
COUNTED_MAX = 999
"""Nobody needs to know how many more than these are waiting, and counting takes its time."""


@dataclass(frozen=True)
class Place:
    """A page of a list; at most one of ``after`` and ``before`` is set."""

    selection: Selection = field(default_factory=Selection)
    after: int | None = None  # a comment's number, as QueueView.next
    before: int | None = None  # a comment's number, as QueueView.previous


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
class Reported:
    """What a reader said when reporting a comment."""

    reason: str
    at: datetime


@dataclass(frozen=True)
class History:
    """What else on the site is signed like a comment, this one counted as well."""

    is_by_email: bool  # else by the name alone
    published: int
    held: int
    spam: int
    removed: int

    @property
    def total(self) -> int:
        """All of them."""
        return self.published + self.held + self.spam + self.removed


@dataclass(frozen=True)
class QueueEntry:
    """One comment with what a moderator needs to decide on it."""

    id: int
    state: State
    name: str  # visible name, "" when the author gave none
    email: str
    has_proven_address: bool  # its owner said of this very comment that it is theirs
    website: str  # as typed
    website_href: str | None  # a checked absolute address, where there is one
    html: str
    seen: str  # digest of its words: others are not decided on unseen
    is_erased: bool  # nothing is left to decide on
    is_by_moderator: bool
    created_at: datetime
    edited_at: datetime | None
    site: str  # the site's key
    site_name: str
    thread_id: int
    page: str  # the thread's key
    url: str | None  # a checked absolute address of the page
    title: str | None
    answers: Answered | None
    reasons: tuple[Remark, ...]  # why it was held
    reports: tuple[Reported, ...]  # open ones, newest first
    history: History | None  # None for who gave no name and no address
    has_network: bool  # whether others of its network can be found
    decided: Decided | None


@dataclass(frozen=True)
class QueueView:
    """One page of a list."""

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
    "unconfirmed": "It was edited after the owner of its address had confirmed it by mail.",
}
"""What a moderator is told when a rule held a comment after it had been published, by its code."""


def view_queue(session: Session, moderator: Moderator, place: Place) -> QueueView:
    """Return a page of the comments that the moderator decides on.

    When nothing is left behind a cursor, because all of it was decided on, the first page follows.
    """
    comments, previous, next_ = _page(session, moderator, place)
    if not comments and (place.after or place.before):
        place = Place(place.selection)
        comments, previous, next_ = _page(session, moderator, place)
    return QueueView(place, entries_of(session, comments), previous, next_)


def count_held(session: Session, moderator: Moderator) -> int:
    """Return how many comments wait for the moderator, up to one more than ``COUNTED_MAX``."""
    return count_chosen(session, moderator, Selection())


def count_chosen(
    session: Session, moderator: Moderator, selection: Selection, most: int = COUNTED_MAX
) -> int:
    """Return how many comments are asked for, up to one more than ``most``."""
    condition = chosen(session, moderator, selection)
    found = select(Comment.id).where(condition).limit(most + 1).subquery()
    return session.scalar(select(func.count()).select_from(found)) or 0


def count_reported(session: Session, moderator: Moderator) -> int:
    """Return on how many comments readers wait for an answer."""
    reported = (
        select(Report.comment_id)
        .join(Comment, Comment.id == Report.comment_id)
        .where(Report.decision_id.is_(None), on_sites_of(moderator))
        .distinct()
        .limit(COUNTED_MAX + 1)
        .subquery()
    )
    return session.scalar(select(func.count()).select_from(reported)) or 0


def entries_of(session: Session, comments: Sequence[Comment]) -> tuple[QueueEntry, ...]:
    """Return comments as entries, in their order."""
    numbers = [comment.id for comment in comments]
    parent = aliased(Comment)
    surroundings = session.execute(
        select(Comment.id, Thread, parent)
        .join(Thread, Thread.id == Comment.thread_id)
        .outerjoin(parent, parent.id == Comment.parent_id)
        .where(Comment.id.in_(numbers))
    )
    around = {number: (thread, parent) for number, thread, parent in surroundings}
    decisions = last_decisions(session, numbers)
    reports = _open_reports(session, numbers)
    histories = _histories(session, comments)
    proven = set(
        session.scalars(select(AddressProof.comment_id).where(AddressProof.comment_id.in_(numbers)))
    )
    return tuple(
        replace(
            _entry(comment, *around[comment.id], decisions.get(comment.id)),
            has_proven_address=comment.id in proven,
            reports=tuple(reports.get(comment.id, ())),
            history=histories.get(Signature.of(comment)),
        )
        for comment in comments
    )


def _page(
    session: Session, moderator: Moderator, place: Place
) -> tuple[list[Comment], int | None, int | None]:
    """Return a page's comments in their order, with the cursors of the pages before and after."""
    is_backwards = place.before is not None
    is_ascending = place.selection.is_oldest_first is not is_backwards
    # First the numbers alone: where there is something to sort, whole rows would be too much.
    query = select(Comment.id).where(chosen(session, moderator, place.selection))
    query = _walk(session, query, place, is_ascending)
    found = list(session.scalars(query.limit(PAGE_LENGTH + 1)))
    has_more = len(found) > PAGE_LENGTH
    numbers = found[:PAGE_LENGTH]
    rows = session.scalars(select(Comment).where(Comment.id.in_(numbers)))
    comments = sorted(rows, key=lambda comment: numbers.index(comment.id))
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


def _walk(session: Session, query: Select[int], place: Place, is_ascending: bool) -> Select[int]:
    """Put a list into its order, behind its cursor.

    Who waits longest is who came first, also by an import; the newest ones are those of the latest
    time, so that old comments which were imported are no news.
    """
    is_by_arrival = place.selection.is_oldest_first
    columns = [Comment.id] if is_by_arrival else [Comment.created_at, Comment.id]
    query = query.order_by(*(c.asc() if is_ascending else c.desc() for c in columns))
    cursor = place.before if place.before is not None else place.after
    if cursor is None:
        return query
    if is_by_arrival:
        return query.where(Comment.id > cursor if is_ascending else Comment.id < cursor)
    at = session.scalar(select(Comment.created_at).where(Comment.id == cursor))
    if at is None:
        return query.where(false())  # it is gone: the first page follows
    there, here = tuple_(*columns), tuple_(*_bound(at, cursor))
    return query.where(there > here if is_ascending else there < here)


def _bound(at: datetime, number: int) -> tuple[ColumnElement[datetime], ColumnElement[int]]:
    return literal(at, UtcDateTime()), literal(number)


def _open_reports(session: Session, numbers: Sequence[int]) -> dict[int, list[Reported]]:
    reports = session.scalars(
        select(Report)
        .where(Report.comment_id.in_(numbers), Report.decision_id.is_(None))
        .order_by(Report.reported_at.desc())
    )
    found: dict[int, list[Reported]] = {}
    for report in reports:
        found.setdefault(report.comment_id, []).append(Reported(report.reason, report.reported_at))
    return found


def _histories(session: Session, comments: Sequence[Comment]) -> dict[Signature | None, History]:
    """Return what is signed alike, counted by state; two short questions for a whole page."""
    wanted = {signature for comment in comments if (signature := Signature.of(comment))}
    counts: dict[Signature, dict[str, int]] = {signature: {} for signature in wanted}
    for is_by_email in (True, False):
        signatures = [each for each in wanted if bool(each.email) is is_by_email]
        if not signatures:
            continue
        columns = (Comment.site_id, Comment.email if is_by_email else Comment.name, Comment.state)
        rows = session.execute(
            select(*columns, func.count())
            .where(or_(*(signed(signature) for signature in signatures)))
            .group_by(*columns)
        )
        for site_id, value, state, count in rows:
            email, name = (value, "") if is_by_email else ("", value)
            counts[Signature(site_id, email, name)][state] = count
    return {
        signature: History(
            bool(signature.email), **{state.value: states.get(state.value, 0) for state in State}
        )
        for signature, states in counts.items()
    }


def _entry(
    comment: Comment, thread: Thread, parent: Comment | None, decided: Decided | None
) -> QueueEntry:
    site: Site = thread.site
    return QueueEntry(
        id=comment.id,
        state=State(comment.state),
        name=markup.visible_name(comment.name),
        email=comment.email,
        has_proven_address=False,
        website=comment.website,
        website_href=markup.website_href(comment.website) if comment.website else None,
        html=comment.html,
        seen=comment.text_digest.hex(),
        is_erased=comment.is_erased,
        is_by_moderator=comment.is_by_moderator,
        created_at=comment.created_at,
        edited_at=comment.edited_at,
        site=site.key,
        site_name=site.name or site.key,
        thread_id=thread.id,
        page=thread.key,
        url=markup.website_href(thread.url) if thread.url else None,
        title=markup.visible_name(thread.title or "") or None,
        answers=answered(parent) if parent else None,
        reasons=_reasons(comment, decided),
        reports=(),
        history=None,
        has_network=bool(comment.network),
        decided=decided,
    )


def answered(parent: Comment) -> Answered:
    """Return a comment in short, as it stands above a reply."""
    return Answered(
        id=parent.id,
        name=markup.visible_name(parent.name),
        excerpt=markup.excerpt(parent.html, EXCERPT_MAX_CHARS),
        state=State(parent.state),
    )


def _reasons(comment: Comment, decided: Decided | None) -> tuple[Remark, ...]:
    on_arrival = [_remark(reason) for reason in comment.reasons]
    is_held_later = (
        decided is not None
        and decided.entrance is Entrance.RULE
        and decided.new_state is State.HELD
        and decided.reason
    )
    if decided is None or not is_held_later:
        return tuple(on_arrival)
    if decided.reason in {reason.get("code") for reason in comment.reasons}:
        return tuple(on_arrival)
    return (*on_arrival, _later(decided.reason))


def _later(reason: str) -> Remark:
    return Remark(message=RULES[reason]) if reason in RULES else Remark(reason)


def _remark(reason: Mapping[str, object]) -> Remark:
    facts = reason.get("facts")
    return Remark(str(reason["message"]), facts if isinstance(facts, Mapping) else {})
