"""The error tree: the class says the kind, ``code`` is a stable word for clients, attributes hold the facts.

``message`` is an English sentence that names the remedy; the edge translates it. The status code of
each class is known in one table, ``web/problems.py``.
"""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class FieldError:
    """What is wrong with one field.

    ``message`` is a message id with ``%(name)s`` places that ``facts`` fill,
    e.g. ``FieldError("text", "too_long", "At most %(max)s characters, …", {"max": 10_000})``.
    """

    field: str
    code: str
    message: str
    facts: Mapping[str, object] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True)
class Phrase:
    """A part of a sentence that is translated by itself: a message id and what fills its places."""

    message: str
    facts: Mapping[str, object] = dataclasses.field(default_factory=dict)

    def __str__(self) -> str:
        return self.message % self.facts if self.facts else self.message


class CommentboxError(Exception):
    """Anything that commentbox refuses; never a bug in commentbox itself."""

    code = "error"
    message = "Something went wrong."

    def __init__(self, message: str | None = None, **facts: object) -> None:
        self.message = message or type(self).message
        self.facts = facts
        super().__init__(self.message % facts)


class SetupError(CommentboxError):
    """A set-up mistake: it stops the start, or every answer of a host app; the message is the remedy."""

    code = "setup"


class Malformed(CommentboxError):
    """The request cannot be read at all."""

    code = "malformed"
    message = "The request could not be read: send valid JSON or a urlencoded form."


class TooLarge(CommentboxError):
    """The request's body is larger than the service reads."""

    code = "too_large"
    message = "The request is too large: send at most %(max_kilobytes)s kB."


class UnsupportedType(CommentboxError):
    """The body is neither JSON nor a urlencoded form."""

    code = "unsupported_type"
    message = "Send the request as application/json or application/x-www-form-urlencoded."


class InvalidFields(CommentboxError):
    """Fields were read but cannot be accepted; ``errors`` says which and why."""

    code = "invalid_fields"
    message = "Please check the marked fields."

    def __init__(self, *errors: FieldError) -> None:
        self.errors = errors
        super().__init__()


class IdempotencyKeyReused(CommentboxError):
    """The same idempotency key came with another comment."""

    code = "idempotency_key_reused"
    message = "This idempotency key was used for another comment: send a new key."


class Unknown(CommentboxError):
    """Something asked for does not exist, or may not be seen."""

    code = "unknown"


class UnknownSite(Unknown):
    """No site has this key."""

    code = "unknown_site"
    message = "There is no site “%(site)s” on this service: add it with “commentbox site add”."


class UnnamedSite(Unknown):
    """No site was named, and there is none or more than one."""

    code = "unnamed_site"
    message = "Name the site: this service has none yet, or more than one."


class UnknownThread(Unknown):
    """The site has no thread for this page."""

    code = "unknown_thread"
    message = "This page has no thread yet."


class UnknownComment(Unknown):
    """No comment has this number."""

    code = "unknown_comment"
    message = "There is no such comment."


class Refused(CommentboxError):
    """Understood, but not allowed from there or for them."""

    code = "refused"


class OriginMissing(Refused):
    """A write came without an Origin header."""

    code = "origin_missing"
    message = "The request names no origin: send it from a web page, or set the Origin header."


class OriginRefused(Refused):
    """A write came from an origin that is not the site's."""

    code = "origin_refused"
    message = (
        "“%(origin)s” is not an origin of the site “%(site)s”: "
        "add it with “commentbox site add %(site)s --origin %(origin)s”."
    )


class EditRefused(Refused):
    """The edit token is wrong, or the edit window is over."""

    code = "edit_refused"
    message = "This comment can no longer be changed."


class VotesOff(Refused):
    """The site's readers do not vote."""

    code = "votes_off"
    message = "There are no votes on this site."


class ThreadClosed(CommentboxError):
    """The thread takes no more comments."""

    code = "thread_closed"
    message = "Comments are closed."


class RateLimited(CommentboxError):
    """Too many requests from one network."""

    code = "rate_limited"
    message = "Too many requests from your network: please wait a moment and try again."


class Unavailable(CommentboxError):
    """The service cannot answer now and says when to come back."""

    code = "unavailable"
    message = "The service is busy: please try again in a moment."
