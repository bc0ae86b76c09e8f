"""Forget somebody: all that an address wrote on a site, and all that is kept of it elsewhere."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from commentbox.actions.moderate import BATCH, Ruling, comments_of
from commentbox.actions.purge import purge
from commentbox.actions.threads import threads_of
from commentbox.db import atomic, session
from commentbox.models import AddressProof, Comment, Decision, Site
from commentbox.models.erasure import Erasure, ErasureMode
from commentbox.models.event import forget_words
from commentbox.models.mail import Mail
from commentbox.models.site import site_with_key
from commentbox.models.subscription import Subscription, address_digest


@dataclass(frozen=True)
class Erased:
    """What was done: comments that were forgotten, and others whose words name the address."""

    comments: int
    mentions: int


def erase_person(
    site_key: str, email: str, mode: ErasureMode, ruling: Ruling, at: datetime
) -> Erased:
    """Anonymise or delete all that an address wrote, with mails and subscriptions of it.

    The address itself is kept nowhere; a digest of it stays, so that neither a restore nor an
    import brings back what was erased. Raises UnknownSite.
    """
    address = email.strip().lower()
    with atomic() as current:
        site = site_with_key(current, site_key)
        _remember(current, site, address_digest(address), mode, at)
        _forget_mail(current, site, address)
    numbers = _numbers(site, address)
    _apply(numbers, mode, ruling)
    return Erased(len(numbers), _mentions(site, address))


def erase_again(ruling: Ruling) -> int:
    """Apply all erasures to what came back since, e.g. with a backup; return how many comments."""
    erased = 0
    for erasure in session().scalars(select(Erasure).order_by(Erasure.id)).all():
        site = session().get_one(Site, erasure.site_id)
        for address in _addresses(site):
            if address_digest(address) == erasure.digest:
                numbers = _numbers(site, address.lower())
                with atomic() as current:
                    _forget_mail(current, site, address.lower())
                _apply(numbers, ErasureMode(erasure.mode), ruling)
                erased += len(numbers)
    return erased


def _remember(current: Session, site: Site, digest: bytes, mode: ErasureMode, at: datetime) -> None:
    is_known = (Erasure.site_id == site.id, Erasure.digest == digest)
    known = current.scalar(select(Erasure).where(*is_known))
    if known is None:
        current.add(Erasure(site_id=site.id, digest=digest, mode=mode.value, erased_at=at))
    else:
        known.mode, known.erased_at = mode.value, at


def _forget_mail(current: Session, site: Site, address: str) -> None:
    of_address = (Subscription.site_id == site.id, func.lower(Subscription.email) == address)
    current.execute(delete(Subscription).where(*of_address))
    is_proven = (AddressProof.site_id == site.id, AddressProof.digest == address_digest(address))
    current.execute(delete(AddressProof).where(*is_proven))
    current.execute(delete(Mail).where(Mail.site_id == site.id, func.lower(Mail.to) == address))


def _numbers(site: Site, address: str) -> Sequence[int]:
    query = select(Comment.id).where(
        Comment.site_id == site.id, Comment.email != "", func.lower(Comment.email) == address
    )
    return session().scalars(query.order_by(Comment.id)).all()


def _addresses(site: Site) -> Sequence[str]:
    query = select(Comment.email).where(Comment.site_id == site.id, Comment.email != "")
    return session().scalars(query.distinct()).all()


def _mentions(site: Site, address: str) -> int:
    names_it = func.lower(Comment.text).contains(address, autoescape=True)
    query = select(func.count()).select_from(Comment).where(Comment.site_id == site.id, names_it)
    return session().scalar(query) or 0


def _apply(numbers: Sequence[int], mode: ErasureMode, ruling: Ruling) -> None:
    if mode is ErasureMode.DELETE:
        purge(numbers, ruling)
    for start in range(0, len(numbers) if mode is ErasureMode.ANONYMISE else 0, BATCH):
        with atomic() as current:
            _anonymise(current, comments_of(current, numbers[start : start + BATCH]))
    if mode is ErasureMode.DELETE:
        with atomic() as current:
            _unlink(current, numbers)


def _anonymise(current: Session, comments: Sequence[Comment]) -> None:
    threads = threads_of(current, comments)
    numbers = [comment.id for comment in comments]
    for comment in comments:
        comment.name = comment.email = comment.website = comment.network = ""
        forget_words(current, comment)
    _unlink(current, numbers)
    # What a moderator's edit replaced may name the author, too.
    decisions = update(Decision).where(Decision.comment_id.in_(numbers))
    current.execute(decisions.values(before=None))
    for thread in threads.values():
        thread.touch()


def _unlink(current: Session, numbers: Sequence[int]) -> None:
    """Let no row tell that the same person wrote two of them."""
    for start in range(0, len(numbers), BATCH):
        some = numbers[start : start + BATCH]
        current.execute(update(Comment).where(Comment.id.in_(some)).values(author_id=None))
