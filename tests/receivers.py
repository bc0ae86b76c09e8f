"""A receiver of webhooks under an address of its own, that answers as badly as a test wants."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

Reply = Callable[[socket.socket], None]


@dataclass(frozen=True)
class Received:
    """A request as it came over the wire."""

    line: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Receiver:
    """What came in, and what is answered: each reply in turn, the last one from then on."""

    port: int = 0
    replies: list[Reply] = field(default_factory=list)
    received: list[Received] = field(default_factory=list)
    connections: int = 0
    tls: ssl.SSLContext | None = None

    @property
    def url(self) -> str:
        """Its address, e.g. ``http://127.0.0.1:40123/hook``."""
        return f"http://127.0.0.1:{self.port}/hook"

    def reply(self) -> Reply:
        """Return what to answer next."""
        if not self.replies:
            return status(204)
        return self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]


def status(code: int, body: bytes = b"", **headers: str) -> Reply:
    """Answer with a status; ``retry_after="7"`` is the header ``retry-after``."""
    lines = [f"HTTP/1.1 {code} Said", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return raw("\r\n".join([*lines, "", ""]).encode() + body)


def raw(data: bytes) -> Reply:
    """Answer with these bytes and close."""
    return lambda connection: connection.sendall(data)


def reset(connection: socket.socket) -> None:
    """Cut the connection without a word."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")


def hang(connection: socket.socket) -> None:
    """Say nothing until the other side leaves."""
    with suppress(OSError):
        connection.recv(1)


def drip(connection: socket.socket) -> None:
    """Say something endlessly, one byte at a time, until the other side leaves."""
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    connection.settimeout(0.01)
    while True:
        connection.sendall(b"x")
        with suppress(TimeoutError):
            if not connection.recv(1):
                return


def flood(connection: socket.socket) -> None:
    """Answer 200 with a body that does not end until the other side leaves."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n")
    while True:
        connection.sendall(b"y" * 65536)


@contextmanager
def receiving(tls: ssl.SSLContext | None = None) -> Iterator[Receiver]:
    """Run a receiver while the block runs; with its side of an encrypted line, on one."""
    receiver = Receiver(tls=tls)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        receiver.port = listening.getsockname()[1]
        threading.Thread(target=_accept, args=(listening, receiver), daemon=True).start()
        yield receiver
        with suppress(OSError):
            listening.shutdown(socket.SHUT_RDWR)


def _accept(listening: socket.socket, receiver: Receiver) -> None:
    with suppress(OSError):
        while True:
            connection, _ = listening.accept()
            receiver.connections += 1
            threading.Thread(target=_serve, args=(connection, receiver), daemon=True).start()


def _serve(connection: socket.socket, receiver: Receiver) -> None:
    with suppress(OSError), _encrypted(connection, receiver.tls) as connection:
        received = _read(connection)
        reply = receiver.reply()
        receiver.received.append(received)
        reply(connection)


def _encrypted(connection: socket.socket, tls: ssl.SSLContext | None) -> socket.socket:
    return tls.wrap_socket(connection, server_side=True) if tls else connection


def _read(connection: socket.socket) -> Received:
    stream = connection.makefile("rb")
    line = stream.readline().decode("latin-1").strip()
    headers = {}
    while (header := stream.readline().decode("latin-1").strip()) != "":
        name, _, value = header.partition(":")
        headers[name.lower()] = value.strip()
    return Received(line, headers, stream.read(int(headers.get("content-length", "0"))))
