"""What a moderator's sites come to: how much is written, held and decided, where, by whom and why."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from statistics import median

from sqlalchemy import ColumnElement, Date, TextClause, cast, func, literal_column, select
from sqlalchemy.orm import Session

from commentbox import markup
from commentbox.models import Comment, Decision, Moderator, State, Thread
from commentbox.models.comment import WAS_HELD
from commentbox.reading.visible import sites_of

LONGEST = 10
"""So many pages and authors are worth a look."""

WAITS_MAX = 1000
REASONS_MAX = 5000
"""So many decisions, and spam comments, the newest ones, tell as much as all of them."""

DAYS_PER_WEEK = 7
DAYS_SHOWN_MAX = 92
"""Longer periods are told by the week, else their bars are too thin to see."""

WAITS: Sequence[timedelta] = (
    timedelta(minutes=10),
    timedelta(hours=1),
    timedelta(hours=6),
    timedelta(days=1),
    timedelta(days=3),
)
"""Where the times to decision are parted; what takes longer than the last is one part, too."""

BY_HAND = "by_hand"
"""Spam that no rule had noticed."""


@dataclass(frozen=True)
class Span:
    """What was written on one day, or in the week that begins on it."""

    day: date
    total: int
    held: int  # of these, by the rules, on arrival


@dataclass(frozen=True)
class PageNumber:
    """How much was published on a page."""

    thread_id: int
    title: str
    count: int


@dataclass(frozen=True)
class AuthorNumber:
    """How much was published under a name, or with an address."""

    comment_id: int  # one of them, by which the others are found
    name: str
    count: int


@dataclass(frozen=True)
class Numbers:
    """One period of one site, or of all that the moderator decides on."""

    days: int
    spans: Sequence[Span]
    is_by_week: bool
    total: int
    held: int
    spam: int
    waits: Sequence[int]  # decisions by the time they took, parted at WAITS
    median_wait: timedelta | None
    pages: Sequence[PageNumber]
    authors: Sequence[AuthorNumber]
    spam_by_check: Sequence[tuple[str, int]]  # a check's name, or BY_HAND; the most frequent first


def view_numbers(
    session: Session, moderator: Moderator, site_key: str, days: int, now: datetime
) -> Numbers:
    """Return the numbers of the last days up to today, all in UTC."""
    today = now.astimezone(UTC).date()
    first = today - timedelta(days=days - 1)
    start = datetime.combine(first, time.min, UTC)
    sites = [s.id for s in sites_of(session, moderator) if site_key in ("", s.key)]
    is_on_site = Comment.site_id.in_(sites)
    is_written = is_on_site & (Comment.created_at >= start)
    by_day = _by_day(session, is_written)
    waits = _waits(session, sites, start)
    checks = _spam_by_check(session, is_written)
    is_by_week = days > DAYS_SHOWN_MAX
    # Over a long time it is faster to go through all names of the site, which are in an index with
    # all that is asked for, than to look at each comment: the date is hidden from the planner.
    written_at = func.coalesce(Comment.created_at, Comment.created_at)
    is_by_name = is_on_site & (written_at >= start) if is_by_week else is_written
    return Numbers(
        days=days,
        spans=_spans(by_day, first, today, DAYS_PER_WEEK if is_by_week else 1),
        is_by_week=is_by_week,
        total=sum(total for total, _held in by_day.values()),
        held=sum(held for _total, held in by_day.values()),
        spam=_count_spam(session, is_written),
        waits=_parted(waits),
        median_wait=_median(waits),
        pages=_pages(session, is_written),
        authors=_authors(session, is_by_name),
        spam_by_check=checks,
    )


def _by_day(session: Session, is_written: ColumnElement[bool]) -> dict[date, tuple[int, int]]:
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    day = (
        func.date(Comment.created_at)
        if is_sqlite
        else cast(func.timezone("UTC", Comment.created_at), Date)
    )
    total = _counted(session, day, is_written)
    held = _counted(session, day, is_written, WAS_HELD["sqlite" if is_sqlite else "postgresql"])
    return {written: (count, held.get(written, 0)) for written, count in total.items()}


def _counted(
    session: Session, day: ColumnElement[date], *conditions: ColumnElement[bool] | TextClause
) -> dict[date, int]:
    rows = session.execute(select(day, func.count()).where(*conditions).group_by(day))
    return {
        written if isinstance(written, date) else date.fromisoformat(written): count
        for written, count in rows
    }


def _spans(by_day: dict[date, tuple[int, int]], first: date, last: date, length: int) -> list[Span]:
    spans = []
    start = last - timedelta(days=((last - first).days // length + 1) * length - 1)
    while start <= last:
        days = [by_day.get(start + timedelta(days=n), (0, 0)) for n in range(length)]
        spans.append(Span(start, sum(day[0] for day in days), sum(day[1] for day in days)))
        start += timedelta(days=length)
    return spans


def _waits(session: Session, sites: Sequence[int], start: datetime) -> list[timedelta]:
    """Return how long comments waited for a person's decision, of the newest decisions."""
    rows = session.execute(
        select(Decision.decided_at, Comment.created_at)
        .join(Comment, Comment.id == Decision.comment_id)
        .where(
            Decision.decided_at >= start,
            Decision.old_state == State.HELD.value,
            Decision.new_state != State.HELD.value,
            Decision.entrance.not_in(("rule", "author")),
            Decision.undoes_id.is_(None),
            # Not a search by the site, which would look at all its comments: the newest are few.
            (Comment.site_id + 0).in_(sites),
        )
        .order_by(Decision.decided_at.desc())
        .limit(WAITS_MAX)
    )
    return [max(decided_at - created_at, timedelta()) for decided_at, created_at in rows]


def _median(waits: Sequence[timedelta]) -> timedelta | None:
    return timedelta(seconds=median(wait.total_seconds() for wait in waits)) if waits else None


def _parted(waits: Sequence[timedelta]) -> list[int]:
    parts = [0] * (len(WAITS) + 1)
    for wait in waits:
        parts[sum(wait >= limit for limit in WAITS)] += 1
    return parts


def _count_spam(session: Session, is_written: ColumnElement[bool]) -> int:
    is_spam = Comment.state == State.SPAM.value
    return session.scalar(select(func.count()).where(is_written, is_spam)) or 0


def _pages(session: Session, is_written: ColumnElement[bool]) -> list[PageNumber]:
    busiest = (
        select(Comment.thread_id, func.count().label("number"))
        .where(is_written, Comment.state == State.PUBLISHED.value)
        .group_by(Comment.thread_id)
        .order_by(func.count().desc(), Comment.thread_id)
        .limit(LONGEST)
        .subquery()
    )
    rows = session.execute(
        select(Thread, busiest.c.number)
        .join(busiest, busiest.c.thread_id == Thread.id)
        .order_by(busiest.c.number.desc(), Thread.id)
    )
    return [
        PageNumber(thread.id, markup.visible_name(thread.title or "") or thread.key, number)
        for thread, number in rows
    ]


def _authors(session: Session, is_written: ColumnElement[bool]) -> list[AuthorNumber]:
    # Signed with an address, the address tells who it is, whatever the name; else the name does.
    nothing: ColumnElement[str] = literal_column("''")  # one and the same in both places
    signature = func.coalesce(func.nullif(Comment.email, nothing), Comment.name)
    rows = session.execute(
        select(func.max(Comment.id), func.count())
        .where(
            is_written,
            Comment.state == State.PUBLISHED.value,
            Comment.is_by_moderator.is_(False),
            signature != "",
        )
        .group_by(Comment.site_id, signature)
        .order_by(func.count().desc(), func.max(Comment.id))
        .limit(LONGEST)
    ).all()
    names = dict(
        session.execute(
            select(Comment.id, Comment.name).where(Comment.id.in_([row[0] for row in rows]))
        ).all()
    )
    return [
        AuthorNumber(number, markup.visible_name(names[number]), count) for number, count in rows
    ]


def _spam_by_check(session: Session, is_written: ColumnElement[bool]) -> list[tuple[str, int]]:
    rows = session.scalars(
        select(Comment.reasons)
        .where(is_written, Comment.state == State.SPAM.value)
        .order_by(Comment.id.desc())
        .limit(REASONS_MAX)
    )
    counted: Counter[str] = Counter()
    for reasons in rows:
        counted.update({str(reason.get("check", BY_HAND)) for reason in reasons} or {BY_HAND})
    return counted.most_common()
