"""Say yes to a mail: to replies, and to having written the comment that the mail was about."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from commentbox.actions.moderate import Ruling, WordsChanged, move
from commentbox.actions.threads import thread_of
from commentbox.actions.trust import waits_for_its_address
from commentbox.db import atomic
from commentbox.models import Comment, Entrance, Site, State, Subscription
from commentbox.models.address_proof import prove_address
from commentbox.models.subscription import subscriptions_of

CONFIRMED = "confirmed_address"
"""The rule that publishes a known author's comment once its address is proven."""


@dataclass(frozen=True)
class Confirmed:
    """What a yes came to."""

    comment: Comment
    is_published_by_it: bool


def confirm(
    subscription_id: int, seen: bytes, at: datetime, *, wants_decision: bool
) -> Confirmed | None:
    """Take the word of an address's owner; None when what was asked for is withdrawn.

    Replies are told from now on for all that the address asked for in this thread. That it wrote
    a comment is said of this one alone, whose mail it answers, and of the words with the digest
    ``seen`` only. Raises WordsChanged for others.
    """
    with atomic() as session:
        subscription = session.get(Subscription, subscription_id)
        if subscription is None:
            return None
        comment = session.get_one(Comment, subscription.comment_id)
        thread = thread_of(session, comment)
        if comment.text_digest != seen:
            raise WordsChanged
        for each in subscriptions_of(session, subscription.site_id, subscription.email):
            if each.thread_id == subscription.thread_id and not each.is_confirmed:
                each.confirmed_at = at
        subscription.wants_decision = wants_decision
        return Confirmed(comment, _vouch(session, thread.site, comment, at))


def _vouch(session: Session, site: Site, comment: Comment, at: datetime) -> bool:
    prove_address(session, comment, at)
    if not waits_for_its_address(session, site, comment, at):
        return False
    move(session, comment, State.PUBLISHED, Ruling(Entrance.RULE, reason=CONFIRMED))
    return True
