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


@dataclass(frozen=True)
class Policy:
    """What a site publishes without a second look."""

    pace: timedelta = timedelta(seconds=3)  # the least between opening the form and sending it
    max_links: int = 2


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
