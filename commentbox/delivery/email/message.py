"""A mail as it goes over the wire: headers that nobody can inject into, text and HTML."""

from collections.abc import Mapping
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from urllib.parse import urlsplit

from commentbox.delivery.email.rendering import Letter, one_line


def message(
    letter: Letter,
    sender: str,
    to: str,
    mail_id: str,
    at: datetime,
    service_url: str,
    unsubscribe_path: str | None = None,
) -> EmailMessage:
    """Put a mail together. Raises ValueError for an address that no header can hold.

    ``unsubscribe_path`` adds the one-click headers of RFC 8058; ``mail_id`` stays the same however
    often the mail has to be tried.
    """
    made = EmailMessage(policy=SMTP)
    made["From"] = _sender(sender)
    made["To"] = _recipient(to)
    made["Subject"] = one_line(letter.subject)
    made["Date"] = format_datetime(at)
    made["Message-ID"] = f"<{mail_id}@{urlsplit(service_url).hostname}>"
    for name, value in _robots(service_url, unsubscribe_path).items():
        made[name] = value
    made.set_content(letter.text, cte="quoted-printable")
    made.add_alternative(letter.html, subtype="html", cte="quoted-printable")
    return made


def _robots(service_url: str, unsubscribe_path: str | None) -> Mapping[str, str]:
    """Return what programs should know: nobody is to answer automatically, and how to end it."""
    headers = {"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"}
    if unsubscribe_path is not None:
        headers["List-Unsubscribe"] = f"<{service_url}{unsubscribe_path}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    return headers


def _sender(written: str) -> Address:
    name, address = parseaddr(written)
    user, host = _sides(address)
    return Address(one_line(name), user, host)


def _recipient(address: str) -> Address:
    user, host = _sides(address)
    return Address("", user, host)


def _sides(address: str) -> tuple[str, str]:
    if not address.isprintable() or any(sign in address for sign in ' ,;:<>"\\()'):
        raise ValueError("an address must be one address")
    user, _, host = address.rpartition("@")
    if not (user and host) or "@" in user:
        raise ValueError("an address has two sides")
    return user, host
