"""Add a moderator, set a password, and see whose address and password are given."""

import re
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from commentbox.db import atomic, session
from commentbox.errors import FieldError, InvalidFields
from commentbox.models import Membership, Moderator, Role, Site
from commentbox.models.password import (
    MAX_CHARS,
    MIN_CHARS,
    is_password,
    nobodys_hash,
    password_hash,
)
from commentbox.models.site import site_with_key

EMAIL = re.compile(r"[^@\s\x00-\x1f\x7f]+@[^@\s\x00-\x1f\x7f]+")
EMAIL_MAX_CHARS = 254

NOT_AN_ADDRESS = FieldError("email", "invalid", "Please write the address like ada@example.org.")


def add_moderator(
    email: str, password: str, site_key: str | None = None, role: Role | None = None
) -> Moderator:
    """Add an account, or give the one that is there a new password.

    Without a site the role counts on every site, also on those added later. An account that is
    there keeps its rights unless a site or a role is named. A new password ends the account's
    sessions. Raises InvalidFields and UnknownSite.
    """
    address = read_address(email)
    kept = password_hash(long_enough(password))
    with atomic() as current:
        site = _site(current, site_key)
        moderator = moderator_with(current, address)
        if moderator is None:
            moderator = Moderator(email=address, password_hash=kept, memberships=[])
            current.add(moderator)
        else:
            change_password(moderator, kept)
        if site or role or not moderator.memberships:
            give_role(moderator, role or Role.MODERATOR, site.id if site else None)
        current.flush()
        return moderator


def set_password(moderator_id: int, password: str) -> Moderator:
    """Give an account a new password and end its sessions. Raises InvalidFields."""
    kept = password_hash(long_enough(password))
    with atomic() as current:
        moderator = current.get_one(Moderator, moderator_id)
        change_password(moderator, kept)
        return moderator


def end_sessions(moderator_id: int) -> Moderator:
    """End an account's sessions in all browsers."""
    with atomic() as current:
        moderator = current.get_one(Moderator, moderator_id)
        moderator.session_number += 1
        return moderator


def end_visit(moderator_id: int, nonce: str, until: datetime, at: datetime) -> None:
    """End one browser's session; ``until`` is when its cookie would end by itself."""
    with atomic() as current:
        moderator = current.get(Moderator, moderator_id, with_for_update=True)
        if moderator is not None:
            moderator.end_visit(nonce, until, at)


def find_moderator(email: str, password: str) -> Moderator | None:
    """Return the moderator with this address and password.

    Takes as long for an address without an account, so that nobody learns which ones there are.
    """
    address = email.strip().lower()
    is_address = len(address) <= EMAIL_MAX_CHARS and EMAIL.fullmatch(address)
    moderator = moderator_with(session(), address) if is_address else None
    kept = moderator.password_hash if moderator else nobodys_hash()
    return moderator if is_password(password[: MAX_CHARS + 1], kept) else None


def change_password(moderator: Moderator, kept: str) -> None:
    """Keep another password's hash and end the account's sessions, in the caller's transaction."""
    moderator.password_hash = kept
    moderator.session_number += 1


def give_role(moderator: Moderator, role: Role, site_id: int | None) -> None:
    """Give a role on a site, on every site without one, in the caller's transaction."""
    for membership in moderator.memberships:
        if membership.site_id == site_id:
            membership.role = role.value
            return
    moderator.memberships.append(Membership(site_id=site_id, role=role.value))


def read_address(email: str) -> str:
    """Return an account's address in lower case. Raises InvalidFields."""
    address = email.strip().lower()
    if len(address) > EMAIL_MAX_CHARS or not EMAIL.fullmatch(address):
        raise InvalidFields(NOT_AN_ADDRESS)
    return address


def long_enough(password: str) -> str:
    """Return a password that is none too short. Raises InvalidFields."""
    if not MIN_CHARS <= len(password) <= MAX_CHARS:
        raise InvalidFields(
            FieldError(
                "password",
                "length",
                "A password has %(min)s to %(max)s characters.",
                {"min": MIN_CHARS, "max": MAX_CHARS},
            )
        )
    return password


def _site(current: Session, key: str | None) -> Site | None:
    return None if key is None else site_with_key(current, key)


def moderator_with(current: Session, address: str) -> Moderator | None:
    """Return the account of an address in lower case."""
    return current.scalar(select(Moderator).where(Moderator.email == address))
