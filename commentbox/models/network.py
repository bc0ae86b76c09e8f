"""A network token: enough to see that two comments came from one network, and for two days only."""

import hmac
import re
import secrets
from datetime import date, timedelta
from ipaddress import ip_address, ip_network

from sqlalchemy import Date, LargeBinary, bindparam, delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from commentbox.db import Base
from commentbox.statements import Statement

_WITH_PORT = re.compile(r"(?:\[(?P<six>[^\]]*)\]|(?P<four>[0-9.]+))(?::[0-9]*)?")

KEPT_FOR = timedelta(days=1)
"""A key serves on its day and is gone after the next one; without it a token leads nowhere."""


class NetworkKey(Base):
    """The secret of one day's tokens."""

    __tablename__ = "commentbox_network_key"

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    secret: Mapped[bytes] = mapped_column(LargeBinary(32))


def network_token(session: Session, address: str, today: date) -> str:
    """Return the token of an address's network for today, inside the caller's transaction."""
    key = session.get(NetworkKey, today) or _new_day(session, today)
    return _token(key.secret, address)


def network_tokens(session: Session, address: str, today: date) -> tuple[str, ...]:
    """Return every token that the network has had and that a key is left of, today's first."""
    kept = SECRETS.run(session, {"since": today - KEPT_FOR, "today": today})
    secrets_by_day: dict[date, bytes] = dict(kept)
    todays = secrets_by_day.pop(today, None) or _new_day(session, today).secret
    return tuple(_token(secret, address) for secret in (todays, *secrets_by_day.values()))


SECRETS = Statement(
    select(NetworkKey.day, NetworkKey.secret).where(
        NetworkKey.day.between(bindparam("since"), bindparam("today"))
    )
)


def _token(secret: bytes, address: str) -> str:
    return hmac.digest(secret, network_of(address).encode(), "sha256").hex()[:32]


def network_of(address: str) -> str:
    """Return the network that one household or office shares: /32 of IPv4, /64 of IPv6.

    ``"192.0.2.7"`` → ``"192.0.2.7/32"``; an address that cannot be read stays as it is. Some
    proxies write the port beside it, ``"192.0.2.7:40000"``: another one for each connection.
    """
    with_port = _WITH_PORT.fullmatch(address)
    host = (with_port["six"] or with_port["four"]) if with_port else address
    try:
        parsed = ip_address(host.partition("%")[0])
    except ValueError:
        return address
    mapped = getattr(parsed, "ipv4_mapped", None)
    parsed = mapped or parsed
    return f"{parsed}/32" if parsed.version == 4 else str(ip_network((parsed, 64), strict=False))


def forget_old_networks(session: Session, today: date) -> None:
    """Delete the keys whose time is over, inside the caller's transaction."""
    session.execute(delete(NetworkKey).where(NetworkKey.day < today - KEPT_FOR))


def _new_day(session: Session, today: date) -> NetworkKey:
    forget_old_networks(session, today)
    try:
        with session.begin_nested():
            key = NetworkKey(day=today, secret=secrets.token_bytes(32))
            session.add(key)
    except IntegrityError:  # another process began the day: the first key of a day is the key
        key = session.get_one(NetworkKey, today)
    return key
