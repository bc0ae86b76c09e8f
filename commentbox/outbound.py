"""The only HTTP client: it checks the very address it connects to, and caps time and size."""

import socket
import ssl
import threading
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from functools import cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from time import monotonic
from urllib.parse import urlsplit

import h11

from commentbox.__about__ import __version__

TIMEOUT = timedelta(seconds=15)
BODY_MAX_BYTES = 1024
RECEIVED_MAX_BYTES = 64 * 1024
"""Beyond the body that is kept: of headers and framing, as they come over the wire."""
HEADERS_MAX_BYTES = 16 * 1024

NOT_PUBLIC: tuple[IPv4Network, ...] = tuple(
    IPv4Network(network)
    for network in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",
        "100.64.0.0/10",  # carrier-grade NAT
        "127.0.0.0/8",
        "169.254.0.0/16",  # link-local, and the metadata of clouds
        "172.16.0.0/12",
        "192.0.0.0/24",  # protocol assignments
        "192.0.2.0/24",  # documentation
        "192.31.196.0/24",  # AS112
        "192.52.193.0/24",  # AMT
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",
        "192.175.48.0/24",  # AS112
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, and broadcast
    )
)
"""IANA's IPv4 special-purpose registry; the flags of ``ipaddress`` leave some of it out."""

PUBLIC_V6 = IPv6Network("2000::/3")
"""The only IPv6 addresses given out for the public internet. What embeds an IPv4 address lies
outside (mapped, compatible, NAT64) or in the list below (6to4, Teredo)."""

NOT_PUBLIC_V6: tuple[IPv6Network, ...] = tuple(
    IPv6Network(network)
    for network in (
        "2001::/23",  # protocol assignments, Teredo and ORCHID among them
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4
        "3fff::/20",  # documentation
    )
)


class Problem(StrEnum):
    """Why there is no answer; kept in the log of attempts."""

    ADDRESS_UNREADABLE = "address_unreadable"
    HTTPS_REQUIRED = "https_required"
    ADDRESS_REFUSED = "address_refused"  # not on the public internet
    NAME_UNKNOWN = "name_unknown"
    NO_CONNECTION = "no_connection"
    TLS_FAILED = "tls_failed"
    TIMED_OUT = "timed_out"
    CUT_OFF = "cut_off"
    NOT_HTTP = "not_http"
    TOO_LARGE = "too_large"
    STUMBLED = "stumbled"  # a fault of our own, told in the log


class Trouble(Exception):
    """No answer came; ``problem`` says why. For the delivery log, never for a reader."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        super().__init__(problem.value)


@dataclass(frozen=True)
class Request:
    """What to send, e.g. ``Request("https://hooks.example.org/a", b"{}", {"webhook-id": "…"})``."""

    url: str
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    method: str = "POST"


@dataclass(frozen=True)
class Answer:
    """A status, headers in lower case, and the beginning of the body."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Target:
    """An address taken apart: ``https://hooks.example.org:8443/a?b`` names host, port and path."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """The host as the Host header has it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        default = 443 if self.scheme == "https" else 80
        return host if self.port == default else f"{host}:{self.port}"


Sockaddr = tuple[str, int] | tuple[str, int, int, int]
Resolve = Callable[[str, int], Sequence[Sockaddr]]
Dial = Callable[[Sockaddr, float], socket.socket]


def resolve(host: str, port: int) -> list[Sockaddr]:
    """Ask the system for a name's addresses. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    return [sockaddr for *_, sockaddr in found]  # type: ignore[misc]


def dial(sockaddr: Sockaddr, timeout_seconds: float) -> socket.socket:
    """Connect to a numeric address: nothing is looked up any more. Raises OSError."""
    family = socket.AF_INET6 if len(sockaddr) == 4 else socket.AF_INET
    connection = socket.socket(family, socket.SOCK_STREAM)
    try:
        connection.settimeout(timeout_seconds)
        connection.connect(sockaddr)
    except BaseException:
        connection.close()
        raise
    return connection


@dataclass(frozen=True)
class Client:
    """Sends requests, one connection each; no redirect is followed, no proxy and no cookie used.

    ``allows_private`` lets it reach every address, and without https: for endpoints on the
    operator's own network. Of a body no more than ``body_max_bytes`` is kept. ``resolve`` and
    ``dial`` are the outside world.
    """

    allows_private: bool = False
    timeout: timedelta = TIMEOUT
    body_max_bytes: int = BODY_MAX_BYTES
    resolve: Resolve = resolve
    dial: Dial = dial
    tls: ssl.SSLContext | None = None  # None: the system's authorities

    def require_allowed(self, url: str) -> Target:
        """Return an address taken apart, as far as it can be judged without asking for its name.

        Raises Trouble.
        """
        target = read_target(url)
        if target.scheme != "https" and not self.allows_private:
            raise Trouble(Problem.HTTPS_REQUIRED)
        self._require_public(_numeric(target.host))
        return target

    def send(self, request: Request) -> Answer:
        """Send a request and return the answer's beginning. Raises Trouble."""
        deadline = _Deadline(self.timeout)
        target = self.require_allowed(request.url)
        connection = self._connected(self._addresses(target, deadline), deadline)
        try:
            if target.scheme == "https":
                connection = self._encrypted(connection, target, deadline)
            return self._exchange(connection, target, request, deadline)
        finally:
            connection.close()

    def _addresses(self, target: Target, deadline: "_Deadline") -> Sequence[Sockaddr]:
        """Look a name up once. One address that is not public refuses them all."""
        found = _within(deadline, lambda: self.resolve(target.host, target.port))
        if not found:
            raise Trouble(Problem.NAME_UNKNOWN)
        self._require_public([str(sockaddr[0]) for sockaddr in found])
        return found

    def _require_public(self, addresses: Sequence[str]) -> None:
        if not self.allows_private and not all(is_public(address) for address in addresses):
            raise Trouble(Problem.ADDRESS_REFUSED)

    def _connected(self, found: Sequence[Sockaddr], deadline: "_Deadline") -> socket.socket:
        for sockaddr in found:
            with suppress(OSError):
                return self.dial(sockaddr, deadline.seconds_left())
        deadline.seconds_left()
        raise Trouble(Problem.NO_CONNECTION)

    def _encrypted(
        self, connection: socket.socket, target: Target, deadline: "_Deadline"
    ) -> ssl.SSLSocket:
        try:
            connection.settimeout(deadline.seconds_left())
            tls = self.tls or _system_tls()
            return tls.wrap_socket(connection, server_hostname=target.host)
        except TimeoutError:
            raise Trouble(Problem.TIMED_OUT) from None
        except (OSError, ValueError):
            raise Trouble(Problem.TLS_FAILED) from None

    def _exchange(
        self, connection: socket.socket, target: Target, request: Request, deadline: "_Deadline"
    ) -> Answer:
        http = h11.Connection(h11.CLIENT, max_incomplete_event_size=HEADERS_MAX_BYTES)
        try:
            connection.settimeout(deadline.seconds_left())
            connection.sendall(_written(http, target, request))
        except TimeoutError:
            raise Trouble(Problem.TIMED_OUT) from None
        except OSError:
            pass  # some answer before they have read everything, and then close: see what they say
        most = RECEIVED_MAX_BYTES + self.body_max_bytes
        return _read(_events(http, connection, deadline, most), self.body_max_bytes)


@cache
def _system_tls() -> ssl.SSLContext:
    """Return what trusts the system's authorities: 5 MB, so only where something is really sent."""
    return ssl.create_default_context()


def is_public(address: str) -> bool:
    """Whether an address, e.g. ``"93.184.216.34"``, is one of the public internet."""
    if "%" in address:  # with a zone it is link-local, whatever else it says
        return False
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    if isinstance(parsed, IPv4Address):
        return not any(parsed in network for network in NOT_PUBLIC)
    return _is_public_v6(parsed)


def _is_public_v6(address: IPv6Address) -> bool:
    return address in PUBLIC_V6 and not any(address in network for network in NOT_PUBLIC_V6)


def read_target(url: str) -> Target:
    """Take an address apart. Raises Trouble for whatever two programs could read in two ways."""
    if not (url.isascii() and url.isprintable()) or any(sign in url for sign in ' \\"<>`{}|^'):
        raise Trouble(Problem.ADDRESS_UNREADABLE)
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
        if "[" in parts.netloc:
            host = str(IPv6Address(host))
    except ValueError:
        raise Trouble(Problem.ADDRESS_UNREADABLE) from None
    is_whole = parts.scheme in ("http", "https") and host and "@" not in parts.netloc
    if not is_whole or port == 0 or "%" in host:
        raise Trouble(Problem.ADDRESS_UNREADABLE)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme, host, port or (443 if parts.scheme == "https" else 80), path)


def _numeric(host: str) -> list[str]:
    """Return the address that a host spells, e.g. ``0x7f.1``; nothing for a name."""
    with suppress(OSError, UnicodeError):
        found = socket.getaddrinfo(host, None, flags=socket.AI_NUMERICHOST)
        return sorted({str(sockaddr[0]) for *_, sockaddr in found})
    return []


class _Deadline:
    """The moment by which everything must be over, however slowly the other side drips."""

    def __init__(self, span: timedelta) -> None:
        self._end = monotonic() + span.total_seconds()

    def seconds_left(self) -> float:
        """Return how long may still be waited. Raises Trouble when the time is up."""
        left = self._end - monotonic()
        if left <= 0:
            raise Trouble(Problem.TIMED_OUT)
        return left


def _within(deadline: _Deadline, look_up: Callable[[], Sequence[Sockaddr]]) -> Sequence[Sockaddr]:
    """Look a name up in a thread that can be left behind: the system's resolver takes no deadline."""
    found: list[Sequence[Sockaddr]] = []

    def ask() -> None:
        with suppress(OSError, UnicodeError):
            found.append(look_up())

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(deadline.seconds_left())
    if asking.is_alive():
        raise Trouble(Problem.TIMED_OUT)
    return found[0] if found else ()


def _written(http: h11.Connection, target: Target, request: Request) -> bytes:
    headers = {
        "Host": target.authority,
        "User-Agent": f"commentbox/{__version__}",
        "Accept-Encoding": "identity",
        "Connection": "close",
        "Content-Length": str(len(request.body)),
        **request.headers,
    }
    try:
        head = h11.Request(method=request.method, target=target.path, headers=list(headers.items()))
        whole = (head, h11.Data(data=request.body), h11.EndOfMessage())
        return b"".join(http.send(event) or b"" for event in whole)
    except (h11.LocalProtocolError, UnicodeError):
        raise Trouble(Problem.ADDRESS_UNREADABLE) from None


def _events(
    http: h11.Connection, connection: socket.socket, deadline: _Deadline, max_bytes: int
) -> Iterator[h11.Event]:
    """Give what the other side says, piece by piece. Raises Trouble."""
    received = 0
    while True:
        try:
            event = http.next_event()
        except h11.RemoteProtocolError as error:
            is_large = error.error_status_hint == 431
            raise Trouble(Problem.TOO_LARGE if is_large else Problem.NOT_HTTP) from None
        if event is not h11.NEED_DATA:
            assert not isinstance(event, type)  # PAUSED comes to servers only
            yield event
            continue
        data = _received(connection, deadline)
        received += len(data)
        if received > max_bytes:
            raise Trouble(Problem.TOO_LARGE)
        if not data and http.their_state is h11.SEND_RESPONSE:
            raise Trouble(Problem.CUT_OFF)
        http.receive_data(data)


def _received(connection: socket.socket, deadline: _Deadline) -> bytes:
    try:
        connection.settimeout(deadline.seconds_left())
        return connection.recv(16 * 1024)
    except TimeoutError:
        raise Trouble(Problem.TIMED_OUT) from None
    except OSError:
        raise Trouble(Problem.CUT_OFF) from None


def _read(events: Iterator[h11.Event], max_bytes: int) -> Answer:
    """Put the answer together. What goes wrong once the status is known spoils the body only."""
    head = next(event for event in events if isinstance(event, h11.Response))
    headers: dict[str, str] = {}
    for name, value in head.headers:
        known, more = headers.get(name.decode("latin-1")), value.decode("latin-1")
        headers[name.decode("latin-1")] = more if known is None else f"{known}, {more}"
    body = b""
    with suppress(Trouble):
        for event in events:
            if isinstance(event, h11.EndOfMessage) or len(body) >= max_bytes:
                break
            if isinstance(event, h11.Data):
                body += bytes(event.data)
    return Answer(head.status_code, headers, _unpacked(body, headers, max_bytes)[:max_bytes])


def _unpacked(body: bytes, headers: Mapping[str, str], max_bytes: int) -> bytes:
    """Return what a compressed body begins with: never more than is kept, however much is in it."""
    if headers.get("content-encoding", "identity").lower() not in ("gzip", "x-gzip", "deflate"):
        return body
    with suppress(zlib.error):
        return zlib.decompressobj(wbits=47).decompress(body, max_bytes)
    return b""
