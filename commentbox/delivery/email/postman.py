"""The way to the mail server: SMTP, with TLS from the first byte or by STARTTLS."""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from ipaddress import ip_address
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

from commentbox.delivery.email.rendering import one_line

STEP_SECONDS = 12
"""For each step of the conversation; the mail server is the operator's own."""

TAKING_SECONDS = 600
"""For its word that it takes the mail, after looking it through: who does not wait for that sends it
twice (RFC 5321, 4.5.3.2.6)."""

PORTS = {"smtp": 587, "smtp+starttls": 587, "smtps": 465}


class Undelivered(Exception):
    """The mail server did not take it; ``is_final`` when another try would not help."""

    def __init__(self, problem: str, *, is_final: bool) -> None:
        self.problem, self.is_final = problem, is_final
        super().__init__(problem)


@dataclass(frozen=True)
class Postman:
    """Sends mails through the server of ``url``, e.g. ``smtp://user:password@mail.example.org:587``."""

    url: str = field(repr=False)
    step_seconds: float = STEP_SECONDS
    taking_seconds: float = TAKING_SECONDS

    def send(self, message: EmailMessage) -> None:
        """Hand one mail over. Raises Undelivered."""
        with _told(), self._connected() as server:
            server.taking_seconds = self.taking_seconds
            server.send_message(message)

    def greet(self) -> None:
        """See whether the mail server lets us in, and send nothing. Raises Undelivered."""
        with _told(), self._connected() as server:
            server.noop()

    @contextmanager
    def _connected(self) -> Iterator["_Conversation"]:
        parts = urlsplit(self.url)
        host, port = parts.hostname or "", parts.port or PORTS[parts.scheme]
        tls = ssl.create_default_context()
        if parts.scheme == "smtps":
            server: _Conversation = _SecureConversation(
                host, port, timeout=self.step_seconds, context=tls
            )
        else:
            server = _Conversation(host, port, timeout=self.step_seconds)
        with server:
            server.ehlo()
            if parts.scheme != "smtps" and _needs_tls(parts, server):
                server.starttls(context=tls)
                server.ehlo()
            if parts.username:
                server.login(unquote(parts.username), unquote(parts.password or ""))
            yield server


class _Conversation(smtplib.SMTP):
    """One that waits longer where the server takes the mail."""

    taking_seconds: float = TAKING_SECONDS

    def data(self, msg: Any) -> tuple[int, bytes]:
        """Hand over the mail itself."""
        assert self.sock is not None
        self.sock.settimeout(self.taking_seconds)
        return super().data(msg)


class _SecureConversation(_Conversation, smtplib.SMTP_SSL):
    """With TLS from the first byte."""


@contextmanager
def _told() -> Iterator[None]:
    """Say in one way what may go wrong on the way to a mail server. Raises Undelivered."""
    try:
        yield
    except smtplib.SMTPRecipientsRefused as refused:
        ((code, said),) = refused.recipients.values()
        raise _undelivered(code, said) from None
    except smtplib.SMTPResponseException as refused:
        # What the server says of our password is the operator's to mend: another try may help.
        is_login = isinstance(refused, smtplib.SMTPAuthenticationError)
        problem = _undelivered(refused.smtp_code, refused.smtp_error)
        problem.is_final = problem.is_final and not is_login
        raise problem from None
    except smtplib.SMTPNotSupportedError as error:
        raise Undelivered(one_line(str(error))[:300], is_final=True) from None
    except (OSError, smtplib.SMTPException) as error:
        raise Undelivered(type(error).__name__, is_final=False) from None


def _needs_tls(parts: SplitResult, server: smtplib.SMTP) -> bool:
    """Whether to encrypt: always when the address says so, or where a password would go in the clear."""
    is_secret = bool(parts.username) and not _is_this_machine(parts.hostname or "")
    return parts.scheme == "smtp+starttls" or is_secret or server.has_extn("starttls")


def _is_this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _undelivered(code: int, said: bytes | str) -> Undelivered:
    words = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    # What is kept of it goes into a column, and PostgreSQL takes no NUL.
    return Undelivered(f"{code} {one_line(words)}"[:300], is_final=500 <= code <= 599)
