"""Who answers a request: whoever takes it, where nothing has to be waited for, or another thread.

granian speaks RSGI to us (https://github.com/emmett-framework/granian/blob/master/docs/spec/RSGI.md) and
we speak WSGI to the app. What is prepared is answered at once; all else goes to threads that may wait
for the disk or a lock. What a client sends is received on the event loop, so that who sends slowly
keeps nobody.
"""

import asyncio
import io
import logging
import sys
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import IO, TYPE_CHECKING, Any, NamedTuple, Protocol

from werkzeug.exceptions import ClientDisconnected, RequestTimeout

from commentbox.web.front import HAND_OVER, READING

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

WAITING_THREADS = 8
"""Started when needed. More would wait for each other, since Python runs one at a time: sixteen took
a tenth more of CPU time. Fewer could all be kept by a database that does not answer."""

RECEIVED_BYTES = 256 * 1024
"""As much of a body is in memory before the app is called; of a file that is uploaded, the rest is
received when the app has found out who sends it, and asks."""

RECEIVED_WITHIN_SECONDS = 30.0

KEPT_MAX_BYTES = 64 * 1024 * 1024
"""Of all bodies that are not answered yet: who sends many hears 503 instead of filling the memory."""

LOG = logging.getLogger(__name__)

Headers = list[tuple[str, str]]


class Scope(Protocol):
    """What granian tells of a request."""

    method: str
    path: str
    """Its escapes are undone."""
    query_string: str
    scheme: str
    http_version: str
    client: str
    """E.g. ``127.0.0.1:40123``, ``[::1]:40123``."""
    headers: Any


class Line(Protocol):
    """The other end of a request: its body part by part, and the way back."""

    def __aiter__(self) -> AsyncIterator[bytes]:
        """Return the parts of the body; the last may be empty."""

    def response_bytes(self, status: int, headers: Headers, body: bytes) -> None:
        """Answer; only the first answer counts."""


class Answer(NamedTuple):
    """What goes back."""

    status: int
    headers: Headers
    body: bytes


class Dispatcher:
    """An RSGI application that calls a WSGI application, which is served at ``host`` and ``port``."""

    def __init__(self, app: "WSGIApplication", host: str, port: int) -> None:
        self._app = app
        self._waiting = ThreadPoolExecutor(WAITING_THREADS, "answering")
        self._kept_bytes = 0
        self._for_readers: WSGIEnvironment = {HAND_OVER: _Rest, "SCRIPT_NAME": ""}
        self._for_all: WSGIEnvironment = {
            **self._for_readers,
            "SERVER_NAME": host,
            "SERVER_PORT": str(port),
            "wsgi.errors": sys.stderr,
            "wsgi.input_terminated": True,
            "wsgi.multiprocess": True,
            "wsgi.multithread": True,
            "wsgi.run_once": False,
            "wsgi.version": (1, 0),
        }

    async def __rsgi__(self, scope: Scope, line: Line) -> None:
        """Answer a request; granian calls this on its event loop."""
        if (rest := self._begun(self._environ(scope), line)) is None:
            return
        try:
            rest.environ["wsgi.input"], kept_bytes = await self._received(rest.environ, line)
        except TimeoutError:
            line.response_bytes(408, [("Connection", "close")], b"")
            return
        except EOFError:
            line.response_bytes(400, [("Connection", "close")], b"")
            return
        except MemoryError:
            line.response_bytes(503, [("Connection", "close"), ("Retry-After", "10")], b"")
            return
        try:
            loop = asyncio.get_running_loop()
            line.response_bytes(*await loop.run_in_executor(self._waiting, _answer, rest))
        finally:
            self._kept_bytes -= kept_bytes

    async def _received(self, environ: "WSGIEnvironment", line: Line) -> tuple[IO[bytes], int]:
        """Return the body, or its beginning with a way to the rest, and how many bytes are kept of it.

        Raises EOFError for one that broke off, TimeoutError, MemoryError where too many are kept.
        """
        said = int(environ.get("CONTENT_LENGTH") or 0)
        if not said and "HTTP_TRANSFER_ENCODING" not in environ:
            return io.BytesIO(), 0
        parts, begun = aiter(line), bytearray()
        try:
            async with asyncio.timeout(RECEIVED_WITHIN_SECONDS):
                while not said or len(begun) < said:
                    if len(begun) >= RECEIVED_BYTES:
                        more = _More(begun, parts, asyncio.get_running_loop())
                        return io.BufferedReader(more), len(begun)
                    if not (part := await _next_part(parts)):
                        break
                    begun += part
                    self._kept_bytes += len(part)
                    if self._kept_bytes > KEPT_MAX_BYTES:
                        raise MemoryError
            if len(begun) < said:
                raise EOFError
        except BaseException:
            self._kept_bytes -= len(begun)
            raise
        return io.BytesIO(begun), len(begun)

    def answers_at_once(self, scope: Scope, line: Line) -> bool:
        """Answer if that needs no waiting, else return False; may be called in any thread."""
        if scope.method not in READING:
            return False
        try:
            # No more than the read layer looks at: a view is never called with it.
            return self._begun(_asked(scope, self._for_readers), line) is None
        except Exception:
            return False  # who is asked next meets the trouble, too, and says so

    def _begun(self, environ: "WSGIEnvironment", line: Line) -> "_Rest | None":
        """Answer at once, or return what is left to do."""
        head = _Head()
        body: Any = self._app(environ, head)
        if isinstance(body, _Rest):
            return body
        line.response_bytes(head.status, head.headers, b"".join(body))
        return None

    def _environ(self, scope: Scope) -> "WSGIEnvironment":
        environ = _asked(scope, self._for_all)
        environ["SERVER_PROTOCOL"] = f"HTTP/{scope.http_version}"
        environ["REMOTE_ADDR"] = scope.client.rpartition(":")[0].strip("[]")
        return environ


def _asked(scope: Scope, begun: "WSGIEnvironment") -> "WSGIEnvironment":
    """Return a request's environment as far as it says what is asked for."""
    environ = begun.copy()
    environ["REQUEST_METHOD"] = scope.method
    environ["PATH_INFO"] = _as_wsgi_writes(scope.path)
    environ["QUERY_STRING"] = _as_wsgi_writes(scope.query_string)
    environ["wsgi.url_scheme"] = scope.scheme
    for name, value in scope.headers.items():
        if (key := _key_of(name)) is None:
            continue
        if key in environ:
            between = "; " if key == "HTTP_COOKIE" else ","
            environ[key] = f"{environ[key]}{between}{value}"
        else:
            environ[key] = value
    return environ


class _Rest(NamedTuple):
    """What is left to do of a request, in place of an answer's body."""

    app: "WSGIApplication"
    environ: "WSGIEnvironment"


class _Head:
    """What WSGI calls ``start_response``."""

    __slots__ = ("headers", "status")

    def __call__(self, status: str, headers: Headers, _error: Any = None) -> Any:
        self.status, self.headers = int(status[:3]), headers


def _answer(rest: _Rest) -> Answer:
    head = _Head()
    try:
        body = rest.app(rest.environ, head)
        try:
            return Answer(head.status, head.headers, b"".join(body))
        finally:
            if hasattr(body, "close"):
                body.close()
    except BaseException:
        LOG.exception("A request was not answered.")
        return Answer(500, [], b"")


@lru_cache(maxsize=256)
def _key_of(header: str) -> str | None:
    """Return a header's name in the environment; None for one that looks like another there."""
    if "_" in header:
        return None
    name = header.upper().replace("-", "_")
    return name if name in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{name}"


def _as_wsgi_writes(text: str) -> str:
    """Return text as WSGI has it: a character for each byte of its UTF-8."""
    return text if text.isascii() else text.encode().decode("latin-1")


class _More(io.RawIOBase):
    """A body whose rest is received when it is asked for, in a thread that may wait."""

    def __init__(
        self, begun: bytearray, parts: AsyncIterator[bytes], loop: asyncio.AbstractEventLoop
    ) -> None:
        self._begun, self._parts, self._loop = begun, parts, loop

    def readable(self) -> bool:
        """Whether one can read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill the buffer as far as there is something, and return how far; 0 at the end."""
        if not self._begun:
            self._begun += self._next()
        taken = min(len(buffer), len(self._begun))
        buffer[:taken] = self._begun[:taken]
        del self._begun[:taken]
        return taken

    def _next(self) -> bytes:
        asked = asyncio.run_coroutine_threadsafe(_next_part(self._parts), self._loop)
        try:
            return asked.result(RECEIVED_WITHIN_SECONDS)
        except TimeoutError as error:
            asked.cancel()
            raise RequestTimeout from error
        except EOFError as error:
            raise ClientDisconnected from error


async def _next_part(parts: AsyncIterator[bytes]) -> bytes:
    """Return the next part of a body; an empty one at its end.

    Raises EOFError where the sender broke off before it.
    """
    # Not by anext() with a default: that ends the whole process where granian's part is no coroutine.
    try:
        if part := await parts.__anext__():
            return part
        # granian says neither how a body ended nor why: it gives an empty part at the end, and one
        # more for what went wrong before it. (Or for trailers, which no browser sends.)
        await parts.__anext__()
    except StopAsyncIteration:
        return b""
    raise EOFError
