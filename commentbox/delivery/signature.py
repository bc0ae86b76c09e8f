"""Signatures of Standard Webhooks 1.0.0: HMAC-SHA256 over ``id.timestamp.body``."""

import base64
import hashlib
import hmac
from collections.abc import Iterable, Mapping

PREFIX = "whsec_"


def signed_headers(
    uid: str, timestamp: int, body: bytes, secrets: Iterable[str]
) -> Mapping[str, str]:
    """Return the three headers of one attempt; ``timestamp`` in seconds since 1970.

    With several secrets, as during a rotation, there are several signatures, the newest first.
    """
    signatures = (signature(uid, timestamp, body, secret) for secret in secrets)
    return {
        "webhook-id": uid,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(signatures),
    }


def signature(uid: str, timestamp: int, body: bytes, secret: str) -> str:
    """Return one signature, e.g. ``"v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4="``."""
    content = f"{uid}.{timestamp}.".encode() + body
    digest = hmac.new(key_of(secret), content, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode('ascii')}"


def key_of(secret: str) -> bytes:
    """Return the key that a secret spells, e.g. ``whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw``.

    Raises ValueError for one that is none.
    """
    written = secret.removeprefix(PREFIX)
    key = base64.b64decode(written + "=" * (-len(written) % 4), validate=True)
    if not key:
        raise ValueError("an empty secret signs nothing")
    return key
