"""The shapes that spam checks share: what comes in, what a site allows, what comes out and why."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from commentbox.errors import FieldError


class Outcome(StrEnum):
    """What happens to a submission; ``hold`` means that a moderator decides."""

    PUBLISH = "publish"
    HOLD = "hold"
    REFUSE = "refuse"


@dataclass(frozen=True)
class Submission:
    """A comment about to be posted, with everything the checks want to know about it."""

    text: str  # as typed
    link_count: int  # links in its rendered HTML
    honeypot: str = ""  # what stands in the field that people do not see
    ticket_age: timedelta | None = None  # since the form was opened; None without a good ticket
    ticket_problem: str | None = None  # "missing" | "expired" | "forged"
    same_text_in_thread: bool = False  # by the same network within a day
    same_text_elsewhere: int = 0  # other threads it was posted to, by the same network within a day
    name: str = ""
    email: str = ""
    website: str = ""
    author: "Standing" = field(default_factory=lambda: Standing())
    thread_age: timedelta = timedelta(0)  # since the thread's first comment
    bans: tuple["BanNotice", ...] = ()  # those in force that name the author, address or network
    is_storm: bool = False  # far more than usual is being held on the site


@dataclass(frozen=True)
class Standing:
    """What a site knows of an author who is proven; of everybody else it knows nothing."""

    approved: int = 0  # published comments, counted no further than the site's ``known_after``
    has_spam: bool = False
    age: timedelta | None = None  # since the first published comment; None without one

    def is_known(self, known_after: int) -> bool:
        """Whether the author has so many approved comments, and none that was spam."""
        return self.approved >= known_after and not self.has_spam


@dataclass(frozen=True)
class BanNotice:
    """A ban in force, as its moderator set it."""

    kind: str  # "author" | "address" | "network" | "word"
    value: str  # of a word ban: the entry, as in ``Policy.words``
    is_open: bool = False  # its author is told; else the comment is held without a word
    reason: str = ""  # what its moderator wrote; "" for none
    until: str = ""  # the day it ends, e.g. "2026-03-01"; "" for never


@dataclass(frozen=True)
class Policy:
    """What a site publishes without a second look."""

    pace: timedelta = timedelta(seconds=3)  # the least between opening the form and sending it
    max_links: int = 2
    moderation: str = "open"  # "open" | "known" | "all"
    known_after: int = 1  # approved comments that make an author known
    young_days: int = 0  # an author younger than this waits; 0: no matter
    old_thread_days: int = 0  # in an older thread everything waits; 0: no matter
    words: tuple[str, ...] = ()  # entries as spam/words.py reads them


@dataclass(frozen=True)
class Reason:
    """Why one check did not let a submission through.

    ``message`` is a message id for a moderator, with ``%(name)s`` places that ``facts`` fill. With
    an ``error``, which is what its author is told, the submission is refused; without, it is held.
    """

    check: str  # e.g. "links"
    code: str  # e.g. "many_links"
    message: str
    facts: Mapping[str, object] = field(default_factory=dict)
    error: FieldError | None = None

    def __str__(self) -> str:
        return self.message % self.facts

    def as_dict(self) -> dict[str, object]:
        """Return what is kept with the comment, ready for JSON."""
        return {
            "check": self.check,
            "code": self.code,
            "message": self.message,
            "facts": dict(self.facts),
        }


@dataclass(frozen=True)
class Verdict:
    """What happens to a submission, and every reason for it; no reason at all means publish."""

    reasons: tuple[Reason, ...] = ()

    @property
    def outcome(self) -> Outcome:
        """The hardest thing that any reason asks for."""
        if self.field_errors():
            return Outcome.REFUSE
        return Outcome.HOLD if self.reasons else Outcome.PUBLISH

    def field_errors(self) -> tuple[FieldError, ...]:
        """What to tell the author, field by field; empty unless the outcome is ``refuse``."""
        return tuple(reason.error for reason in self.reasons if reason.error is not None)
