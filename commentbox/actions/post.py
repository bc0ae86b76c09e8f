"""Post a comment, or a reply: a reply is a comment with a parent, nothing else."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from commentbox import markup, spam
from commentbox.actions.threads import root_of, thread_to_write
from commentbox.db import atomic
from commentbox.errors import IdempotencyKeyReused, InvalidFields
from commentbox.models import Comment, EventType, Moderation, Site, State, Thread
from commentbox.models.event import TYPE_OF_STATE, record
from commentbox.models.network import network_token
from commentbox.models.thread import UNKNOWN_PARENT

REPEATED_WITHIN = timedelta(days=1)
REPEATED_MIN_CHARS = 40
"""Shorter texts are said by many people: “Thank you!” twice is no flood."""
REPEATED_LOOKED_AT = 50

HELD_BY_POLICY = spam.Reason("policy", "all_held", "Every comment on this site waits.")


@dataclass(frozen=True)
class Page:
    """The page a comment belongs to, with address and title as the reader's browser tells them."""

    key: str
    url: str | None = None
    title: str | None = None


@dataclass(frozen=True)
class Draft:
    """What a reader sent, checked for shape."""

    text: str
    parent: int | None = None
    name: str = ""
    email: str = ""
    website: str = ""
    honeypot: str = ""
    idempotency_key: str = ""


@dataclass(frozen=True)
class Sender:
    """What is known of a reader beside the words: the address and the form's ticket."""

    address: str
    ticket_age: timedelta | None = None
    ticket_problem: str | None = None  # "missing" | "expired" | "forged"


def post(site: Site, page: Page, draft: Draft, sender: Sender, at: datetime) -> Comment:
    """Store a comment, published or held, and return it once it is on disk.

    The same idempotency key with the same words returns the comment that is there. Raises
    InvalidFields (also for what the spam checks refuse), ThreadClosed and IdempotencyKeyReused.
    """
    comment = _written(site, draft, at)
    with atomic() as session:
        thread = thread_to_write(session, site, page.key)
        if known := _posted_before(session, thread, draft):
            return known
        parent = _parent(session, draft.parent)
        thread.accept(parent)
        comment.network = network_token(session, sender.address, at.date())
        reasons = _reasons_to_hold(session, comment, thread, draft, sender)
        comment.reasons = [reason.as_dict() for reason in reasons]
        comment.state = State.HELD if reasons else State.PUBLISHED
        _place(session, comment, thread, parent)
        if comment.is_published or not thread.count:
            thread.describe(page.url, page.title)
        if comment.is_published:
            thread.show(root_of(session, comment))
        record(session, EventType.COMMENT_POSTED, comment, at)
        record(session, TYPE_OF_STATE[comment.state], comment, at)
        return comment


def _written(site: Site, draft: Draft, at: datetime) -> Comment:
    # Rendering takes longer than all the rest: it happens before anybody has to wait for us.
    comment = Comment(
        site_id=site.id,
        name=draft.name,
        email=draft.email,
        website=draft.website,
        created_at=at,
        idempotency_digest=_digest(draft.idempotency_key),
    )
    comment.write(draft.text)
    return comment


def _posted_before(session: Session, thread: Thread, draft: Draft) -> Comment | None:
    if (digest := _digest(draft.idempotency_key)) is None:
        return None
    known = session.scalar(
        select(Comment).where(Comment.thread_id == thread.id, Comment.idempotency_digest == digest)
    )
    # Who knows the key of another's comment must not get its edit token by it.
    if known and (known.text, known.parent_id) != (draft.text, draft.parent):
        raise IdempotencyKeyReused
    return known


def _digest(idempotency_key: str) -> bytes | None:
    if not idempotency_key:
        return None
    return hashlib.sha256(idempotency_key.encode()).digest()[:16]


def _parent(session: Session, number: int | None) -> Comment | None:
    if number is None:
        return None
    if (parent := session.get(Comment, number)) is None:
        raise InvalidFields(UNKNOWN_PARENT)
    return parent


def _reasons_to_hold(
    session: Session, comment: Comment, thread: Thread, draft: Draft, sender: Sender
) -> list[spam.Reason]:
    site = thread.site
    policy = spam.Policy(pace=timedelta(seconds=site.pace_seconds), max_links=site.max_links)
    verdict = spam.screen(_submission(session, comment, thread, draft, sender), policy)
    if verdict.outcome is spam.Outcome.REFUSE:
        raise InvalidFields(*verdict.field_errors())
    by_policy = [HELD_BY_POLICY] if site.moderation == Moderation.ALL else []
    return [*by_policy, *verdict.reasons]


def _submission(
    session: Session, comment: Comment, thread: Thread, draft: Draft, sender: Sender
) -> spam.Submission:
    same_text = session.execute(
        select(Comment.thread_id, Comment.network)
        .where(
            Comment.site_id == thread.site_id,
            Comment.text_digest == comment.text_digest,
            Comment.created_at > comment.created_at - REPEATED_WITHIN,
        )
        .order_by(Comment.id.desc())
        .limit(REPEATED_LOOKED_AT)
    ).all()
    other_threads = {row.thread_id for row in same_text} - {thread.id}
    is_telling = len(draft.text) >= REPEATED_MIN_CHARS
    return spam.Submission(
        text=draft.text,
        link_count=markup.count_links(comment.html),
        honeypot=draft.honeypot,
        ticket_age=sender.ticket_age,
        ticket_problem=sender.ticket_problem,
        same_text_in_thread=(thread.id, comment.network) in {tuple(row) for row in same_text},
        same_text_elsewhere=len(other_threads) if is_telling else 0,
    )


def _place(session: Session, comment: Comment, thread: Thread, parent: Comment | None) -> None:
    comment.thread_id = thread.id
    if parent is not None:
        comment.answer(parent)
    session.add(comment)
    session.flush()
    if parent is None:
        comment.root_id = comment.id
        session.flush()
