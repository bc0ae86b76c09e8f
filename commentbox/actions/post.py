"""Post a comment, or a reply: a reply is a comment with a parent, nothing else."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from commentbox import markup, spam
from commentbox.actions.subscribe import ask as ask_for_replies
from commentbox.actions.threads import root_of
from commentbox.actions.trust import as_seen_at, bans_on, policy_of
from commentbox.db import atomic
from commentbox.db import session as current_session
from commentbox.errors import IdempotencyKeyReused, InvalidFields
from commentbox.models import (
    Comment,
    EventType,
    Moderation,
    Site,
    State,
    Thread,
)
from commentbox.models.event import TYPE_OF_STATE, record
from commentbox.models.mail import queue_mail
from commentbox.models.moderator import owner_addresses
from commentbox.models.network import network_tokens
from commentbox.models.standing import standing_of
from commentbox.models.storm import count_held
from commentbox.models.thread import UNKNOWN_PARENT, thread_to_write, thread_with_key
from commentbox.rows import find, next_number, write_changes, write_new
from commentbox.statements import Statement

REPEATED_WITHIN = timedelta(days=1)
REPEATED_MIN_CHARS = 40
"""Shorter texts are said by many people: “Thank you!” twice is no flood."""
REPEATED_LOOKED_AT = 50


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
    wants_replies: bool = False  # by mail
    language: str = ""  # the reader's; empty: the site's


@dataclass(frozen=True)
class Sender:
    """What is known of a reader beside the words: the address and the form's ticket."""

    address: str
    ticket_age: timedelta | None = None
    ticket_problem: str | None = None  # "missing" | "expired" | "forged"
    proven: int | None = None  # number of an earlier comment that is provably the reader's, too


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
        networks = network_tokens(session, sender.address, at.date())
        comment.network = networks[0]
        earlier = _proven(session, site, sender.proven)
        comment.author_id = earlier.author if earlier else None
        reasons = _reasons_to_hold(
            session, _Arrival(comment, thread, draft, sender, networks, earlier)
        )
        comment.reasons = [reason.as_dict() for reason in reasons]
        comment.state = State.HELD if reasons else State.PUBLISHED
        _watch_for_storms(session, thread.site, reasons, at)
        thread.hear(comment, page.url, page.title)
        place(session, comment, thread, parent)
        write_changes(session, thread)
        record(session, EventType.COMMENT_POSTED, comment, at)
        record(session, TYPE_OF_STATE[comment.state], comment, at)
        if draft.wants_replies:
            ask_for_replies(session, thread.site, comment, draft.language, at)
        return comment


def _written(site: Site, draft: Draft, at: datetime) -> Comment:
    # Rendering takes longer than all the rest: it happens before anybody has to wait for us.
    comment = Comment(
        site_id=site.id,
        name=draft.name,
        email=draft.email,
        website=draft.website,
        created_at=at,
        idempotency_digest=_digest(draft),
    )
    comment.write(draft.text)
    comment.require_words()
    return comment


def posted_already(site: Site, page_key: str, draft: Draft) -> Comment | None:
    """Return the comment that this one is a further try of, whatever the site's rules say by now.

    Raises IdempotencyKeyReused.
    """
    thread = thread_with_key(current_session(), site, page_key)
    return _posted_before(current_session(), thread, draft) if thread else None


def _posted_before(session: Session, thread: Thread, draft: Draft) -> Comment | None:
    if (digest := _digest(draft)) is None:
        return None
    known = session.scalar(
        select(Comment).where(
            Comment.thread_id == thread.id,
            Comment.idempotency_digest.between(
                digest[:KEY_DIGEST_BYTES] + bytes(WORDS_DIGEST_BYTES),
                digest[:KEY_DIGEST_BYTES] + b"\xff" * WORDS_DIGEST_BYTES,
            ),
        )
    )
    # Who knows the key of another's comment must not get its edit token by it.
    if known and (known.idempotency_digest != digest or known.is_erased):
        raise IdempotencyKeyReused
    return known


KEY_DIGEST_BYTES = WORDS_DIGEST_BYTES = 8
"""What of a comment's key, and of the words that first came with it, is kept to know it again."""


def _digest(draft: Draft) -> bytes | None:
    if not draft.idempotency_key:
        return None
    key = hashlib.sha256(draft.idempotency_key.encode()).digest()[:KEY_DIGEST_BYTES]
    words = f"{draft.idempotency_key} {draft.parent} {draft.text}"
    return key + hashlib.sha256(words.encode()).digest()[:WORDS_DIGEST_BYTES]


def _parent(session: Session, number: int | None) -> Comment | None:
    if number is None:
        return None
    if (parent := find(session, Comment, number)) is None:
        raise InvalidFields(UNKNOWN_PARENT)
    return parent


def _proven(session: Session, site: Site, number: int | None) -> Comment | None:
    """Return the earlier comment that proves who the author is; on another site it proves nothing."""
    earlier = find(session, Comment, number) if number is not None else None
    return earlier if earlier is not None and earlier.site_id == site.id else None


@dataclass(frozen=True)
class _Arrival:
    """A comment about to be placed, with all that is known of how it came."""

    comment: Comment
    thread: Thread
    draft: Draft
    sender: Sender
    networks: tuple[str, ...]  # the tokens that its network has had, today's first
    earlier: Comment | None  # a comment that is provably by the same author


def _reasons_to_hold(session: Session, arrival: _Arrival) -> list[spam.Reason]:
    verdict = spam.screen(_submission(session, arrival), policy_of(arrival.thread.site))
    if verdict.outcome is spam.Outcome.REFUSE:
        raise InvalidFields(*verdict.field_errors())
    return list(verdict.reasons)


def _submission(session: Session, arrival: _Arrival) -> spam.Submission:
    comment, thread, draft = arrival.comment, arrival.thread, arrival.draft
    threads = threads_with_the_same_text(session, comment)
    is_telling = len(draft.text) >= REPEATED_MIN_CHARS
    is_storm = thread.site.has_storm_at(comment.created_at)
    return spam.Submission(
        text=draft.text,
        link_count=markup.count_links(comment.html),
        honeypot=draft.honeypot,
        ticket_age=arrival.sender.ticket_age,
        ticket_problem=arrival.sender.ticket_problem,
        same_text_in_thread=(thread.id, comment.network) in threads,
        same_text_elsewhere=len({t for t, _ in threads} - {thread.id}) if is_telling else 0,
        name=draft.name,
        email=draft.email,
        website=draft.website,
        author=_standing(session, arrival, is_storm=is_storm),
        thread_age=comment.created_at - thread.created_at,
        bans=bans_on(session, thread.site, comment, _author(arrival), arrival.networks),
        is_storm=is_storm,
    )


SAME_TEXT = Statement(
    select(Comment.thread_id, Comment.network, Comment.created_at)
    .where(Comment.site_id == bindparam("site_id"), Comment.text_digest == bindparam("text_digest"))
    .order_by(Comment.id.desc())
    .limit(REPEATED_LOOKED_AT)
)


def threads_with_the_same_text(session: Session, comment: Comment) -> set[tuple[int, str]]:
    """Return where, and from which networks, the same text was posted within a day."""
    # The database is not asked for the day: it might then go through all comments of the day.
    same = {"site_id": comment.site_id, "text_digest": comment.text_digest}
    since = comment.created_at - REPEATED_WITHIN
    return {
        (thread, network)
        for thread, network, written_at in SAME_TEXT.run(session, same)
        if written_at > since
    }


def _standing(session: Session, arrival: _Arrival, *, is_storm: bool) -> spam.Standing:
    """Return what the site knows of the author; nothing is looked up that nobody asks for."""
    site, earlier = arrival.thread.site, arrival.earlier
    is_asked_for = site.moderation == Moderation.KNOWN or site.young_days or is_storm
    if earlier is None or not is_asked_for:
        return spam.Standing()
    theirs = standing_of(session, earlier, approved_max=site.known_after)
    return as_seen_at(theirs, arrival.comment.created_at)


def _author(arrival: _Arrival) -> int | None:
    return arrival.earlier.author if arrival.earlier else None


def _watch_for_storms(
    session: Session, site: Site, reasons: list[spam.Reason], at: datetime
) -> None:
    # What only the storm held must not feed it, else it would never end.
    if any(reason.check != "storm" for reason in reasons) and count_held(session, site, at):
        _warn_owners(session, site, at)


def _warn_owners(session: Session, site: Site, at: datetime) -> None:
    """Write to who owns the site that a storm has begun, once for each storm."""
    for email in owner_addresses(session, site.id):
        queue_mail(
            session,
            to=email,
            template="storm",
            facts={"site": site.name or site.key, "queue": "/dashboard/"},
            language=site.language,
            at=at,
            site=site,
        )


def place(session: Session, comment: Comment, thread: Thread, parent: Comment | None) -> None:
    """Store a comment below a parent, or as a conversation of its own, and show it if it may be seen."""
    comment.thread_id, comment.id = thread.id, next_number(session, Comment)
    if parent is None:
        comment.open_conversation()
        root = comment
    else:
        comment.answer(parent)
        root = root_of(session, comment)
    if comment.is_published:
        thread.show(root)
    write_new(session, comment)
    if parent is not None:
        write_changes(session, parent)
        write_changes(session, root)
