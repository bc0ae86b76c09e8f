"""The dashboard's sections, in one table; a page that is not listed here is reached from another one."""

from collections.abc import Iterator
from dataclasses import dataclass

from flask import request, url_for

from commentbox.models import Moderator, Role


@dataclass(frozen=True)
class Section:
    """One entry of the navigation: where it leads, and what it is called, as a message id.

    ``owners_only`` hides it from moderators who own no site; its pages must refuse them all the same.
    """

    endpoint: str
    message: str
    owners_only: bool = False


SECTIONS: tuple[tuple[Section, ...], ...] = (
    # What is looked at every day.
    (
        Section("queue", message="Comments"),
        Section("threads", message="Threads"),
        Section("log", message="Log"),
        Section("numbers", message="Numbers"),
    ),
    # What is set up once: sites, members, webhooks, mail, import.
    (
        Section("sites", message="Sites"),
        Section("endpoints", message="Webhooks", owners_only=True),
    ),
    # One's own account.
    (Section("mail", message="Mail"), Section("account_page", message="Account")),
)
"""Groups of sections in their order. A new page adds one line here and its routes in blueprint.py."""


@dataclass(frozen=True)
class Entry:
    """A section as the frame shows it."""

    endpoint: str
    message: str
    is_current: bool


def entries(moderator: Moderator) -> list[list[Entry]]:
    """Return the groups of sections that the moderator sees, without those that are empty."""
    current = _current()
    is_owner = any(membership.role == Role.OWNER for membership in moderator.memberships)
    groups = [
        [
            Entry(section.endpoint, section.message, section is current)
            for section in group
            if is_owner or not section.owners_only
        ]
        for group in SECTIONS
    ]
    return [group for group in groups if group]


def _current() -> Section | None:
    """Return the section that the request's page belongs to: ``/threads/7`` belongs to ``/threads``."""
    holding = [section for section in _sections() if request.path.startswith(_path(section))]
    return max(holding, key=lambda section: len(_path(section)), default=None)


def _path(section: Section) -> str:
    return url_for(f".{section.endpoint}").removeprefix(request.script_root)


def _sections() -> Iterator[Section]:
    for group in SECTIONS:
        yield from group
