"""What each mail is filled with: most from their facts, those about comments from the rows as they are.

A letter that returns None has nothing to say any more, and is not sent.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import select
from sqlalchemy.orm import Session

from commentbox import markup
from commentbox.delivery.email.links import DecisionLink, Links
from commentbox.models import (
    Comment,
    Decision,
    Mail,
    Moderator,
    Report,
    Site,
    State,
    Subscription,
    Thread,
)

DIGEST_SHOWS = 20
EXCERPT_CHARS = 1000
SHORT_EXCERPT_CHARS = 200

Facts = dict[str, Any]
Write = Callable[[Session, Mail, Links], Facts | None]


@dataclass(frozen=True)
class Shown:
    """A comment as a mail shows it."""

    id: int
    name: str
    excerpt: str
    page: str
    site: str
    state: str
    reasons: tuple[str, ...]
    created_at: datetime
    address: str


def facts_of(session: Session, mail: Mail, links: Links) -> Facts | None:
    """Return what a mail's templates are filled with; None: there is nothing to say any more."""
    write = LETTERS.get(mail.template)
    return dict(mail.facts) if write is None else write(session, mail, links)


def _held(session: Session, mail: Mail, links: Links) -> Facts | None:
    """Write to a moderator about one comment, with a link for each decision."""
    comment = session.get(Comment, mail.facts["comment_id"])
    moderator = session.scalar(select(Moderator).where(Moderator.email == mail.to))
    reports = _reports(session, comment) if comment else []
    if comment is None or moderator is None or not moderator.decides_on(comment.site_id):
        return None
    is_reported = bool(mail.facts.get("is_reported"))
    if comment.is_erased or comment.state != (State.PUBLISHED if is_reported else State.HELD):
        return None  # somebody was faster
    moves = (State.SPAM, State.REMOVED)
    return {
        "comment": _shown(session, comment, EXCERPT_CHARS),
        "is_reported": is_reported,
        "reports": reports,
        "decisions": {
            to.value: "/mail/decision/" + links.decision(_link(session, comment, moderator, to))
            for to in (moves if is_reported else (State.PUBLISHED, *moves))
        },
        "queue": "/dashboard/",
        "preferences": "/dashboard/mail",
    }


def _digest(session: Session, mail: Mail, _links: Links) -> Facts | None:
    """Write to a moderator about all that waits on a site."""
    site = session.get_one(Site, mail.site_id)
    waiting = session.scalars(
        select(Comment)
        .where(Comment.site_id == site.id, Comment.state == State.HELD)
        .order_by(Comment.id.desc())
        .limit(DIGEST_SHOWS + 1)
    ).all()
    if not waiting:
        return None
    return {
        "site": site.name or site.key,
        "comments": [_shown(session, each, SHORT_EXCERPT_CHARS) for each in waiting[:DIGEST_SHOWS]],
        "has_more": len(waiting) > DIGEST_SHOWS,
        "queue": "/dashboard/",
        "preferences": "/dashboard/mail",
    }


def _confirmation(session: Session, mail: Mail, links: Links) -> Facts | None:
    """Ask an address whether a comment is its owner's: no words of anybody's, no advertising."""
    asked = session.get(Subscription, mail.facts["subscription_id"])
    if asked is None:
        return None
    comment = session.get_one(Comment, asked.comment_id)
    if asked.is_confirmed and comment.state != State.HELD:
        return None
    site = session.get_one(Site, asked.site_id)
    token = links.unsubscription(asked.site_id, asked.email, asked.id)
    return {
        "site": site.name or site.key,
        "confirm": f"/mail/confirmation/{links.confirmation(asked.id)}",
        "refuse": f"/mail/refusal/{token}",
        "unsubscribe": f"/mail/unsubscription/{token}",
    }


def _reply(session: Session, mail: Mail, links: Links) -> Facts | None:
    """Tell a commenter of a reply."""
    reply = session.get(Comment, mail.facts["comment_id"])
    subscription = session.get(Subscription, mail.facts["subscription_id"])
    if reply is None or subscription is None or not reply.is_published:
        return None
    token = links.unsubscription(subscription.site_id, subscription.email, subscription.id)
    return {
        "comment": _shown(session, reply, EXCERPT_CHARS),
        "unsubscribe": f"/mail/unsubscription/{token}",
    }


def _decision(session: Session, mail: Mail, links: Links) -> Facts | None:
    """Tell a commenter what was decided on the own comment."""
    comment = session.get(Comment, mail.facts["comment_id"])
    subscription = session.get(Subscription, mail.facts["subscription_id"])
    if comment is None or comment.is_erased or subscription is None:
        return None
    if comment.state == State.HELD:
        return None  # taken back meanwhile
    token = links.unsubscription(subscription.site_id, subscription.email, subscription.id)
    return {
        "comment": _shown(session, comment, SHORT_EXCERPT_CHARS),
        "is_published": comment.is_published,
        "unsubscribe": f"/mail/unsubscription/{token}",
    }


LETTERS: Mapping[str, Write] = {
    "held": _held,
    "digest": _digest,
    "confirmation": _confirmation,
    "reply": _reply,
    "decision": _decision,
}
"""Mails about rows; all others say what their facts say."""


def last_decision_id(session: Session, comment: Comment) -> int:
    """Return the number of the newest decision on a comment; 0 before the first."""
    return (
        session.scalar(
            select(Decision.id)
            .where(Decision.comment_id == comment.id)
            .order_by(Decision.id.desc())
            .limit(1)
        )
        or 0
    )


def _link(session: Session, comment: Comment, moderator: Moderator, to: State) -> DecisionLink:
    return DecisionLink(
        comment.id,
        to.value,
        moderator.id,
        moderator.session_number,
        last_decision_id(session, comment),
    )


def _shown(session: Session, comment: Comment, max_chars: int) -> Shown:
    thread = session.get_one(Thread, comment.thread_id)
    site = session.get_one(Site, comment.site_id)
    return Shown(
        comment.id,
        markup.visible_name(comment.name),
        markup.excerpt(comment.html, max_chars),
        thread.shown_title or thread.key,
        site.name or site.key,
        comment.state,
        tuple(str(reason.get("code")) for reason in comment.reasons),
        comment.created_at,
        _address(site, thread, comment),
    )


def _address(site: Site, thread: Thread, comment: Comment) -> str:
    """Return where a comment is read: on a page of the site's own, else a path of the service."""
    anchor = f"#comment-{comment.id}"
    if thread.shown_url:
        return thread.shown_url.partition("#")[0] + anchor
    query = urlencode({"page": thread.key, "comment": comment.id})
    return f"/sites/{site.key}/thread?{query}{anchor}"


def _reports(session: Session, comment: Comment) -> list[str]:
    said = session.scalars(select(Report.reason).where(Report.comment_id == comment.id).limit(5))
    return [reason for reason in said if reason]
