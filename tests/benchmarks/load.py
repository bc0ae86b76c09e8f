"""A crowd of clients: so many connections kept open, each with one request under way."""

import socket
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import dataclass, field
from time import perf_counter

Request = bytes
"""A whole HTTP/1.1 request as it goes over the line."""


@dataclass(frozen=True)
class Run:
    """What a crowd saw."""

    requests: int
    seconds: float
    latencies: list[float] = field(repr=False)  # seconds, of every request
    statuses: dict[int, int]  # how often each came
    body_bytes: int  # of the last answer

    def percentile(self, share: float) -> float:
        """Return the latency in milliseconds that this share of requests stayed below."""
        ordered = sorted(self.latencies)
        return 1000 * ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def get(port: int, path: str, **headers: str) -> Request:
    """Return a GET as a browser would send it."""
    return _request("GET", port, path, {"Accept-Encoding": "gzip", **_named(headers)})


def post(port: int, path: str, body: bytes, **headers: str) -> Request:
    """Return a POST."""
    sized = {"Content-Length": str(len(body)), **_named(headers)}
    return _request("POST", port, path, sized) + body


def crowd(port: int, requests: Iterable[Request], connections: int) -> Run:
    """Send the requests, ``connections`` at a time: a round begins when the last one is answered."""
    statuses: dict[int, int] = {}
    latencies: list[float] = []
    body_bytes = 0
    waiting = iter(requests)
    with ExitStack() as opened:
        lines = [opened.enter_context(Line(port)) for _ in range(connections)]
        begun = perf_counter()
        while sent := [
            (line, perf_counter(), line.send(request))
            for line, request in zip(lines, waiting, strict=False)
        ]:
            for line, sent_at, _ in sent:
                status, body_bytes = line.receive()
                latencies.append(perf_counter() - sent_at)
                statuses[status] = statuses.get(status, 0) + 1
        seconds = perf_counter() - begun
    return Run(len(latencies), seconds, latencies, statuses, body_bytes)


class Line:
    """One connection, opened again when the server closes it."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._socket = self._open()

    def __enter__(self) -> "Line":
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def send(self, request: Request) -> None:
        """Send a request."""
        try:
            self._socket.sendall(request)
        except OSError:
            self._reopen()
            self._socket.sendall(request)
        self._request = request

    def receive(self) -> tuple[int, int]:
        """Return an answer's status and the bytes of its body."""
        data = self._some()
        if not data:  # the server had closed the line before it read our request
            self._reopen()
            self._socket.sendall(self._request)
            data = self._some()
        while (end := data.find(b"\r\n\r\n")) < 0:
            data += self._more()
        head = data[:end].lower()
        status, got = int(head[9:12]), len(data) - end - 4
        if status != 304:
            got = self._rest(head, data[end + 4 :])
        if b"connection: close" in head or head.startswith(b"http/1.0"):
            self._reopen()
        return status, got

    def _rest(self, head: bytes, begun: bytes) -> int:
        if (at := head.find(b"content-length:")) >= 0:
            length = int(head[at + 15 :].split(b"\r\n", 1)[0])
            got = len(begun)
            while got < length:
                got += len(self._more())
            return got
        while not (begun.endswith(b"0\r\n\r\n") if b"chunked" in head else False):
            more = self._some()
            if not more:
                break
            begun += more
        return len(begun)

    def _more(self) -> bytes:
        if not (data := self._some()):
            raise ConnectionError("the server closed the line within an answer")
        return data

    def _some(self) -> bytes:
        try:
            return self._socket.recv(1 << 18)
        except ConnectionResetError:
            return b""

    def _reopen(self) -> None:
        self._socket.close()
        self._socket = self._open()

    def _open(self) -> socket.socket:
        opened = socket.create_connection(("127.0.0.1", self._port), timeout=60)
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return opened


def repeated(request: Request, times: int) -> Iterable[Request]:
    """Return the same request many times."""
    return (request for _ in range(times))


def made(make: Callable[[int], Request], times: int) -> Iterable[Request]:
    """Return requests made one by one."""
    return (make(number) for number in range(times))


def _request(method: str, port: int, path: str, headers: dict[str, str]) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{port}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def _named(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}
