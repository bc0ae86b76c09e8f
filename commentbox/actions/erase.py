"""Forget somebody: all that an address wrote on a site, and all that is kept of it elsewhere."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, delete, func, or_, select, update
from sqlalchemy.orm import Session

from commentbox.actions.erasure_list import Entry, ErasureList, remember
from commentbox.actions.moderate import BATCH, Ruling, comments_of
from commentbox.actions.purge import purge
from commentbox.actions.threads import threads_of
from commentbox.db import atomic, session
from commentbox.models import AddressProof, Ban, BanKind, Comment, Decision, Site
from commentbox.models.ban import value_of_erased
from commentbox.models.comment import spellings_of
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
    site_key: str, email: str, mode: ErasureMode, ruling: Ruling, at: datetime, kept: ErasureList
) -> Erased:
    """Anonymise or delete all that an address wrote, with mails, subscriptions and bans of it.

    The address itself is kept nowhere; a digest of it stays, also in a list beside the database, so
    that neither a restore nor an import brings back what was erased. Raises UnknownSite.
    """
    address = email.strip().lower()
    with atomic() as current:
        site = site_with_key(current, site_key)
        entry = Entry(site.key, address_digest(address), mode, at)
        remember(current, site.id, entry)
        kept.add(entry)
    numbers = _numbers(site, address)
    with atomic() as current:
        _forget_mail(current, site, address)
        _forget_in_bans(current, site, address, numbers)
    _apply(numbers, mode, ruling)
    return Erased(len(numbers), _mentions(site, address))


def erase_again(ruling: Ruling) -> int:
    """Apply all erasures to what came back since, e.g. with a backup; return how many comments.

    What somebody wrote after having been erased is theirs to keep.
    """
    erased = 0
    for erasure in session().scalars(select(Erasure).order_by(Erasure.id)).all():
        site = session().get_one(Site, erasure.site_id)
        for address in _addresses(site):
            if address_digest(address) == erasure.digest:
                numbers = _numbers(site, address.lower(), until=erasure.erased_at)
                with atomic() as current:
                    _forget_mail(current, site, address.lower(), until=erasure.erased_at)
                    _forget_in_bans(current, site, address.lower(), numbers)
                _apply(numbers, ErasureMode(erasure.mode), ruling)
                erased += len(numbers)
    return erased


def _forget_mail(current: Session, site: Site, address: str, until: datetime | None = None) -> None:
    asked = [Subscription.site_id == site.id, func.lower(Subscription.email) == address]
    asked += [Subscription.requested_at <= until] if until else []
    current.execute(delete(Subscription).where(*asked))
    proven = [AddressProof.site_id == site.id, AddressProof.digest == address_digest(address)]
    proven += [AddressProof.proven_at <= until] if until else []
    current.execute(delete(AddressProof).where(*proven))
    mailed = [Mail.site_id == site.id, func.lower(Mail.to) == address]
    mailed += [Mail.queued_at <= until] if until else []
    current.execute(delete(Mail).where(*mailed))


def _forget_in_bans(current: Session, site: Site, address: str, numbers: Sequence[int]) -> None:
    """Let bans go on without a name: an address becomes its digest, words about people go."""
    of_site = Ban.site_id == site.id
    authors, networks = {""}, {""}
    for start in range(0, len(numbers), BATCH):
        for comment in comments_of(current, numbers[start : start + BATCH]):
            authors.add(str(comment.author))
            networks.add(comment.network)
    of_person = or_(
        and_(Ban.kind == BanKind.AUTHOR.value, Ban.value.in_(authors)),
        and_(Ban.kind == BanKind.NETWORK.value, Ban.value.in_(networks)),
    )
    current.execute(update(Ban).where(of_site, of_person).values(label="", reason=""))
    of_address = (of_site, Ban.kind == BanKind.ADDRESS.value)
    digest = value_of_erased(address)
    banned = current.scalar(select(Ban).where(*of_address, Ban.value == address))
    if banned is not None:
        current.execute(delete(Ban).where(*of_address, Ban.value == digest))
        banned.value, banned.label, banned.reason = digest, "", ""


def _numbers(site: Site, address: str, until: datetime | None = None) -> Sequence[int]:
    spellings = spellings_of(session(), site.id, address)
    query = select(Comment.id).where(Comment.site_id == site.id, Comment.email.in_(spellings))
    if until is not None:
        query = query.where(Comment.created_at <= until)
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
