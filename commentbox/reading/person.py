"""What is kept of somebody: the answer to a request for one's own data."""

from collections.abc import Iterator

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from commentbox.models import AddressProof, Comment, Site, Thread
from commentbox.models.comment import spellings_of
from commentbox.models.subscription import Subscription


def data_of(session: Session, site: Site, email: str) -> dict[str, object]:
    """Return all that is kept of an address on a site, as JSON can hold it."""
    address = email.strip().lower()
    return {
        "email": address,
        "site": site.key,
        "comments": list(_comments(session, site, address)),
        "subscriptions": list(_subscriptions(session, site, address)),
    }


def _comments(session: Session, site: Site, address: str) -> Iterator[dict[str, object]]:
    query = (
        select(Comment, Thread, AddressProof.proven_at)
        .join(Thread, Thread.id == Comment.thread_id)
        .outerjoin(AddressProof, AddressProof.comment_id == Comment.id)
        .where(
            Comment.site_id == site.id,
            Comment.email.in_(spellings_of(session, site.id, address)),
        )
        .order_by(Comment.id)
    )
    for comment, thread, proven_at in session.execute(query):
        yield {
            "id": comment.id,
            "page": thread.key,
            "url": thread.url,
            "name": comment.name,
            "email": comment.email,
            "confirmed_at": proven_at.isoformat() if proven_at else None,
            "website": comment.website,
            "text": comment.text,
            "state": comment.state,
            "created_at": comment.created_at.isoformat(),
            "edited_at": comment.edited_at.isoformat() if comment.edited_at else None,
            "imported_from": comment.source,
        }


def _subscriptions(session: Session, site: Site, address: str) -> Iterator[dict[str, object]]:
    query = select(Subscription, Thread.key).join(Thread, Thread.id == Subscription.thread_id)
    of_address = (Subscription.site_id == site.id, func.lower(Subscription.email) == address)
    for subscription, page in session.execute(query.where(*of_address).order_by(Subscription.id)):
        at = subscription.confirmed_at
        yield {
            "page": page,
            "requested_at": subscription.requested_at.isoformat(),
            "confirmed_at": at.isoformat() if at else None,
        }
