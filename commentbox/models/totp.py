"""The second factor: codes that an app on the moderator's phone shows for half a minute (RFC 6238)."""

import base64
import hashlib
import hmac
import secrets
from datetime import datetime, timedelta
from urllib.parse import quote, urlencode

STEP = timedelta(seconds=30)
DIGITS = 6
SECRET_BYTES = 20
STEPS_OFF = 1
"""Clocks may differ by so many steps, and people take a while to type."""

RECOVERY_CODES = 10
RECOVERY_BYTES = 5
"""40 bits each: sixteen million times as many as a code of six digits has a second."""


def new_secret() -> str:
    """Return a new secret as apps take it, e.g. ``"JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"``."""
    return base64.b32encode(secrets.token_bytes(SECRET_BYTES)).decode("ascii")


def code_at_step(secret: str, step: int) -> str:
    """Return the code of one step, e.g. ``"287082"`` (RFC 4226, section 5.3)."""
    key = base64.b32decode(secret)
    digest = hmac.new(key, step.to_bytes(8, "big"), hashlib.sha1).digest()
    offset = digest[-1] & 0x0F
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFFFFFF
    return str(number % 10**DIGITS).zfill(DIGITS)


def step_at(moment: datetime) -> int:
    """Return the number of the step that a moment is in."""
    return int(moment.timestamp() // STEP.total_seconds())


def step_of_code(secret: str, code: str, at: datetime, after: int = 0) -> int | None:
    """Return the step that a code is of, if it serves now; None for a wrong, old or used one.

    ``after`` is the last step whose code was used: a code serves once, so that nobody who saw it
    being typed can use it, too.
    """
    typed = "".join(code.split()).encode("utf-8", "replace")
    now = step_at(at)
    fitting = [
        step
        for step in range(now - STEPS_OFF, now + STEPS_OFF + 1)
        if hmac.compare_digest(code_at_step(secret, step).encode(), typed) and step > after
    ]
    return fitting[0] if fitting else None


def address_of_secret(secret: str, account: str, issuer: str) -> str:
    """Return what the QR code says, e.g. ``otpauth://totp/commentbox:ada%40example.org?secret=…``."""
    query = urlencode({"secret": secret, "issuer": issuer}, quote_via=quote)
    return f"otpauth://totp/{quote(issuer)}:{quote(account)}?{query}"


def new_recovery_codes() -> list[str]:
    """Return codes for the day the phone is lost, e.g. ``["4f2a9-c1e07", …]``."""
    written = (secrets.token_hex(RECOVERY_BYTES) for _ in range(RECOVERY_CODES))
    return [f"{code[:5]}-{code[5:]}" for code in written]


def recovery_digest(code: str) -> str:
    """Return what to keep of a recovery code; it is no word to be guessed, so one round does."""
    plain = "".join(character for character in code.lower() if character.isalnum())
    return hashlib.sha256(f"commentbox.recovery:{plain}".encode()).hexdigest()
