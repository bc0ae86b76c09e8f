"""Edit or delete one's own comment, inside the edit window."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete as delete_rows
from sqlalchemy import select
from sqlalchemy.orm import Session

from commentbox import markup, spam
from commentbox.actions.amend import forget_wordings
from commentbox.actions.confirm import CONFIRMED
from commentbox.actions.moderate import Ruling, move
from commentbox.actions.post import REPEATED_MIN_CHARS, threads_with_the_same_text
from commentbox.actions.threads import thread_of
from commentbox.db import atomic, session
from commentbox.errors import EditRefused, UnknownComment
from commentbox.models import (
    AddressProof,
    Comment,
    Decision,
    Entrance,
    EventType,
    Moderation,
    Site,
    State,
    Thread,
)
from commentbox.models.comment import text_digest
from commentbox.models.event import forget_words, record
from commentbox.models.standing import standing_of

BY_AUTHOR = Ruling(Entrance.AUTHOR)


def edit(comment_id: int, text: str, at: datetime) -> Comment:
    """Give a comment a new text.

    Raises UnknownComment, InvalidFields, and EditRefused after the edit window.

    A published comment waits for a moderator again where every comment waits, where its author is
    not known without it and strangers wait, where the word of its address's owner had published it,
    and where it gains listed words, or links above the
    site's limit, or is made to say what stands in other threads: else a harmless text could be
    turned into an advertisement after it was published.
    """
    with atomic() as current:
        comment, thread = _own_and_held(current, comment_id, at)
        links_before, words_before = markup.link_targets(comment.html), comment.text
        comment.write(text)
        comment.require_words()
        comment.edited_at = at
        record(current, EventType.COMMENT_EDITED, comment, at)
        reason = (
            _reason_of_proof(current, comment)
            or _reason_of_policy(current, thread.site, comment)
            or _reason_of_links(thread.site, comment, links_before)
            or _reason_of_words(thread.site, comment, words_before)
            or _reason_of_repetition(current, comment, words_before)
        )
        if comment.is_published and reason:
            current.flush()
            move(current, comment, State.HELD, Ruling(Entrance.RULE, reason=reason))
        thread.touch()
        return comment


def _reason_of_proof(current: Session, comment: Comment) -> str:
    """Take back the word of the address's owner, which was given for other words."""
    current.execute(delete_rows(AddressProof).where(AddressProof.comment_id == comment.id))
    by_word = select(Decision.id).where(
        Decision.comment_id == comment.id,
        Decision.entrance == Entrance.RULE.value,
        Decision.reason == CONFIRMED,
    )
    return "unconfirmed" if current.scalar(by_word.limit(1)) else ""


def _reason_of_policy(current: Session, site: Site, comment: Comment) -> str:
    if site.moderation == Moderation.ALL:
        return "policy"
    if site.moderation != Moderation.KNOWN:
        return ""
    theirs = standing_of(current, comment, approved_max=site.known_after + 1)
    is_known_without = theirs.approved > site.known_after and not theirs.has_spam
    return "" if is_known_without else "unknown_author"


def _reason_of_links(site: Site, comment: Comment, before: Collection[str]) -> str:
    links = markup.link_targets(comment.html)
    has_new_ones = not set(links) <= set(before)
    return "links" if has_new_ones and len(links) > site.max_links else ""


def _reason_of_words(site: Site, comment: Comment, before: str) -> str:
    words = spam.read_entries(site.held_words)
    gained = set(spam.found_entries([comment.text], words))
    return "words" if gained - set(spam.found_entries([before], words)) else ""


def _reason_of_repetition(current: Session, comment: Comment, before: str) -> str:
    if comment.text_digest == text_digest(before) or len(comment.text) < REPEATED_MIN_CHARS:
        return ""
    elsewhere = {t for t, _ in threads_with_the_same_text(current, comment)} - {comment.thread_id}
    return "repetition" if elsewhere else ""


def delete(comment_id: int, at: datetime) -> Comment:
    """Remove a comment and forget its words; replies stay below a placeholder."""
    with atomic() as current:
        comment, _ = _own_and_held(current, comment_id, at)
        move(current, comment, State.REMOVED, BY_AUTHOR)
        comment.erase()
        forget_words(current, comment)
        forget_wordings(current, [comment])
        return comment


def source_of(comment_id: int, at: datetime) -> "Source":
    """Return what the author typed. Raises UnknownComment, and EditRefused after the edit window."""
    current = session()
    comment = _own(current, comment_id, at)
    return Source(comment.text_as_markdown, comment.created_at + _window(current, comment))


@dataclass(frozen=True)
class Source:
    """A comment's text as its author types it, and until when it may be changed."""

    text: str
    edit_until: datetime


def _own_and_held(current: Session, comment_id: int, at: datetime) -> tuple[Comment, Thread]:
    if (comment := current.get(Comment, comment_id)) is None:
        raise UnknownComment
    # Asked once the thread is held: it may have been deleted or decided on a moment ago.
    thread = thread_of(current, comment)
    return _own(current, comment_id, at), thread


def _own(current: Session, comment_id: int, at: datetime) -> Comment:
    comment = current.get(Comment, comment_id)
    if comment is None:
        raise UnknownComment
    if not comment.is_editable_at(at, _window(current, comment)):
        raise EditRefused
    return comment


def _window(current: Session, comment: Comment) -> timedelta:
    return timedelta(seconds=current.get_one(Site, comment.site_id).edit_window_seconds)
