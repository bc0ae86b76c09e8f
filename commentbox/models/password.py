"""Passwords: kept as scrypt hashes, slow to guess and written so that the costs can be raised later."""

import hashlib
import hmac
import secrets
import unicodedata

N, R, P = 2**15, 8, 1
"""Costs: 32 MB and well below a second for each check. (Werkzeug's own defaults.)"""

HASH_BYTES = 64
MIN_CHARS, MAX_CHARS = 8, 1000


def password_hash(password: str) -> str:
    """Return what to keep of a password: ``"scrypt:32768:8:1$SALT$HASH"``, salt and hash in hex."""
    salt = secrets.token_hex(16)
    return f"scrypt:{N}:{R}:{P}${salt}${_hash(password, salt, N, R, P)}"


def is_password(password: str, kept: str) -> bool:
    """Whether this password was kept; takes as long for a wrong one as for the right one."""
    method, salt, expected = kept.split("$")
    n, r, p = map(int, method.removeprefix("scrypt:").split(":"))
    return hmac.compare_digest(_hash(password, salt, n, r, p), expected)


def nobodys_hash() -> str:
    """Return what looks like a kept password and is none, to be checked where there is no account."""
    return f"scrypt:{N}:{R}:{P}${'0' * 32}${'0' * 2 * HASH_BYTES}"


def _hash(password: str, salt: str, n: int, r: int, p: int) -> str:
    # One keyboard composes “ü”, another writes it as two characters: both are the same password
    # (RFC 8265).
    typed = unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")
    hashed = hashlib.scrypt(
        typed, salt=salt.encode("ascii"), n=n, r=r, p=p, maxmem=132 * n * r * p, dklen=HASH_BYTES
    )
    return hashed.hex()
