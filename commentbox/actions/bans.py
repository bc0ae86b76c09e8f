"""Ban somebody or a word from a site, and lift a ban."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from commentbox import markup
from commentbox.db import atomic
from commentbox.errors import FieldError, InvalidFields, Unknown
from commentbox.models import Ban, BanKind, Comment, Moderator, Site
from commentbox.models.ban import VALUE_MAX_CHARS, end_of_network
from commentbox.spam.words import MAX_ENTRY_CHARS, finds_too_much

REASON_MAX_CHARS = 500

NO_ADDRESS = FieldError(
    "value", "invalid", "Write an address, or @ and a domain for all of its addresses."
)
NO_WORD = FieldError(
    "value",
    "invalid",
    "Write a word or several, with * for any letters, at most %(max)s characters.",
    {"max": MAX_ENTRY_CHARS},
)
NO_COMMENT = FieldError(
    "comment", "invalid", "Authors and networks are banned by one of their comments: choose one."
)
NO_NETWORK = FieldError(
    "kind",
    "expired",
    "The network of this comment is forgotten by now: networks can be banned for two days.",
)
LONG_REASON = FieldError(
    "reason", "too_long", "At most %(max)s characters.", {"max": REASON_MAX_CHARS}
)


@dataclass(frozen=True)
class Wish:
    """The ban that a moderator wants.

    Authors and networks are known by a comment of theirs, addresses also by one, words by
    ``value`` alone.
    """

    kind: BanKind
    value: str = ""
    comment: Comment | None = None
    is_open: bool = False
    reason: str = ""
    expires_at: datetime | None = None


class UnknownBan(Unknown):
    """The site has no such ban."""

    code = "unknown_ban"
    message = "There is no such ban."


def ban(site: Site, wish: Wish, by: Moderator | None, at: datetime) -> Ban:
    """Ban somebody or a word; a ban of the same that is there is replaced. Raises InvalidFields."""
    if len(wish.reason) > REASON_MAX_CHARS:
        raise InvalidFields(LONG_REASON)
    value, expires_at = _value(wish), _end(wish, at)
    with atomic() as session:
        known = session.scalar(
            select(Ban).where(
                Ban.site_id == site.id, Ban.kind == wish.kind.value, Ban.value == value
            )
        )
        placed = known or Ban(site_id=site.id, kind=wish.kind.value, value=value)
        placed.label = _label(wish)
        placed.is_open, placed.reason = wish.is_open, wish.reason.strip()
        placed.moderator_id, placed.created_at = by.id if by else None, at
        placed.expires_at = expires_at
        session.add(placed)
        session.flush()
        _forget_old_ones(session, site, at)
        return placed


def lift(site: Site, ban_id: int) -> None:
    """Let a ban be over. Raises UnknownBan."""
    with atomic() as session:
        placed = session.get(Ban, ban_id)
        if placed is None or placed.site_id != site.id:
            raise UnknownBan
        session.delete(placed)


def _value(wish: Wish) -> str:
    match wish.kind:
        case BanKind.ADDRESS:
            return _address(wish.value or (wish.comment.email if wish.comment else ""))
        case BanKind.WORD:
            return _word(wish.value)
        case BanKind.AUTHOR:
            if wish.comment is None:
                raise InvalidFields(NO_COMMENT)
            return str(wish.comment.author)
        case BanKind.NETWORK:
            if wish.comment is None:
                raise InvalidFields(NO_COMMENT)
            if not wish.comment.network:
                raise InvalidFields(NO_NETWORK)
            return wish.comment.network


def _address(written: str) -> str:
    address = written.strip().lower()
    name, at_sign, domain = address.rpartition("@")
    is_one = at_sign and domain and not any(c.isspace() for c in address) and "@" not in name
    if not is_one or len(address) > VALUE_MAX_CHARS:
        raise InvalidFields(NO_ADDRESS)
    return address


def _word(written: str) -> str:
    entry = " ".join(written.split())
    if len(entry) > MAX_ENTRY_CHARS or finds_too_much(entry):
        raise InvalidFields(NO_WORD)
    return entry


def _end(wish: Wish, at: datetime) -> datetime | None:
    if wish.kind is not BanKind.NETWORK or wish.comment is None:
        return wish.expires_at
    # Without its key a token leads nowhere: a longer ban would only look like one.
    end = end_of_network(wish.comment.created_at)
    if end <= at:
        raise InvalidFields(NO_NETWORK)
    return min(end, wish.expires_at or end)


def _label(wish: Wish) -> str:
    is_by_comment = wish.kind in (BanKind.AUTHOR, BanKind.NETWORK) and wish.comment
    return markup.visible_name(wish.comment.name) if is_by_comment and wish.comment else ""


def _forget_old_ones(session: Session, site: Site, at: datetime) -> None:
    session.execute(delete(Ban).where(Ban.site_id == site.id, Ban.expires_at <= at))
