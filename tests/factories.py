"""The cast and what they write: Ada owns, Ben moderates, Cy is a stranger.

Everything has a default, so that a test names only what it is about. The functions work inside an
application context.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count

from commentbox.actions.moderate import Ruling, decide
from commentbox.actions.post import Draft, Page, Sender, post
from commentbox.actions.sites import set_policy
from commentbox.db import atomic
from commentbox.models import (
    Comment,
    Entrance,
    Membership,
    Moderator,
    Role,
    Site,
    State,
    Thread,
    ThreadAlias,
)
from commentbox.models.password import nobodys_hash

ORIGIN = "https://blog.example"
PAGE = "/2026/social-media"
WRITTEN_AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
UNHURRIED = timedelta(minutes=1)

_texts = (f"Thought number {number}." for number in count(1))


@dataclass(frozen=True)
class Words:
    """What Cy sends unless told otherwise: a fresh thought, in no hurry, from one network."""

    text: str = ""
    page: str = PAGE
    title: str = "Social media"
    parent: int | None = None
    name: str = "Cy"
    key: str = ""  # the idempotency key
    honeypot: str = ""
    address: str = "192.0.2.7"
    ticket_age: timedelta | None = UNHURRIED
    at: datetime = WRITTEN_AT


def write(site: Site, **words: object) -> Comment:
    """Post a comment, e.g. ``write(site, text="Well said!", parent=7)``."""
    said = Words(**words)  # type: ignore[arg-type]
    draft = Draft(
        text=said.text or next(_texts),
        parent=said.parent,
        name=said.name,
        email="cy@example.org",
        honeypot=said.honeypot,
        idempotency_key=said.key,
    )
    page = Page(said.page, f"{ORIGIN}{said.page}", said.title)
    return post(site, page, draft, Sender(said.address, said.ticket_age), said.at)


def write_held(site: Site, **words: object) -> Comment:
    """Post a comment that waits, because it comes without a ticket."""
    return write(site, ticket_age=None, **words)


def write_chain(site: Site, length: int, **words: object) -> list[Comment]:
    """Post a comment, a reply, a reply to that one, and so on."""
    chain = [write(site, **words)]
    while len(chain) < length:
        chain.append(write(site, **{**words, "parent": chain[-1].id}))
    return chain


def rule(comment: Comment, to: State, by: Moderator | None = None, reason: str = "") -> Comment:
    """Decide on a comment at the command line."""
    return decide(comment.id, to, Ruling(Entrance.CLI, by, reason))


def ada() -> Moderator:
    """Return Ada, who owns every site. Nobody can sign in to an account made here."""
    return account("ada@example.org", Role.OWNER, None)


def ben(site: Site) -> Moderator:
    """Return Ben, who moderates the site."""
    return account("ben@example.org", Role.MODERATOR, site)


def cy() -> Moderator:
    """Return Cy, who has an account and no site."""
    with atomic() as session:
        stranger = Moderator(email="cy@example.org", password_hash=nobodys_hash(), memberships=[])
        session.add(stranger)
        return stranger


def alias(thread: Thread, key: str) -> None:
    """Let another key lead to a thread, as when a page has moved."""
    with atomic() as session:
        session.add(ThreadAlias(site_id=thread.site_id, key=key, thread_id=thread.id))


def close(thread: Thread) -> None:
    """Let a thread take no more comments."""
    with atomic() as session:
        session.get_one(Thread, thread.id).is_open = False


def with_policy(site: Site, **policy: object) -> Site:
    """Set a site's policy, e.g. ``with_policy(site, page_size=2)``."""
    return set_policy(site.key, {name: str(value) for name, value in policy.items()})


def account(email: str, role: Role, site: Site | None) -> Moderator:
    """Make an account with a role on a site, on every site without one."""
    with atomic() as session:
        membership = Membership(site_id=site.id if site else None, role=role.value)
        moderator = Moderator(email=email, password_hash=nobodys_hash(), memberships=[membership])
        session.add(moderator)
        return moderator
