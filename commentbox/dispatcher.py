"""Who answers a request: the thread that takes it, where nothing has to be waited for, or another.

granian hands every request to a thread that runs Python. With one such thread it is woken once for a
whole crowd of requests; with sixteen each wakes another, and they hand Python's lock around: that
costs twice as much as the answer. So there is one, which gives prepared answers and never waits;
all else goes to threads that may: for the disk, a lock, somebody who sends slowly.
"""

import logging
import sys
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from commentbox.web.front import HAND_OVER

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

WAITING_THREADS = 16
"""Started when needed. More would wait for each other: Python runs one at a time, and the database's
pool has 15 connections."""

LOG = logging.getLogger(__name__)

Headers = list[tuple[str, str]]


class Reply(Protocol):
    """granian's end of a request: the first answer counts, whichever thread gives it."""

    def response_bytes(self, status: int, headers: Headers, body: bytes) -> None:
        """Send an answer."""

    def response_iter(self, status: int, headers: Headers, body: "_Parts") -> None:
        """Send an answer part by part, as fast as it is read."""


class Dispatcher:
    """Calls a WSGI application for granian, in place of granian's own caller."""

    def __init__(self, app: "WSGIApplication") -> None:
        self._app = app
        self._waiting = ThreadPoolExecutor(WAITING_THREADS, "answering")
        # granian's own adds the process's environment, secrets included, to that of each request.
        self._of_all: WSGIEnvironment = {
            HAND_OVER: _Rest,
            "SCRIPT_NAME": "",
            "wsgi.errors": sys.stderr,
            "wsgi.input_terminated": True,
            "wsgi.multiprocess": True,
            "wsgi.multithread": True,
            "wsgi.run_once": False,
            "wsgi.version": (1, 0),
        }

    def __call__(self, reply: Reply, of_request: "WSGIEnvironment") -> None:
        """Answer a request or have it answered. ``of_request`` is its part of the environment."""
        head = _Head()
        body: Any = self._app(self._of_all | of_request, head)
        if type(body) is _Rest:
            self._waiting.submit(self._answer, body, reply)
        else:
            _send(reply, head, body)

    def _answer(self, rest: "_Rest", reply: Reply) -> None:
        head = _Head()
        try:
            _send(reply, head, rest.app(rest.environ, head))
        except BaseException:
            LOG.exception("A request was not answered.")
            reply.response_bytes(500, [], b"")


class _Rest(NamedTuple):
    """What is left to do of a request, in place of an answer's body."""

    app: "WSGIApplication"
    environ: "WSGIEnvironment"


class _Head:
    """What WSGI calls ``start_response``."""

    __slots__ = ("headers", "status")

    def __call__(self, status: str, headers: Headers, _error: Any = None) -> Any:
        self.status, self.headers = int(status[:3]), headers


class _Parts:
    """An iterable's parts as granian asks for them."""

    def __init__(self, parts: Iterable[bytes]) -> None:
        self._parts = parts
        self.__next__ = iter(parts).__next__

    def close(self) -> None:
        """Tell that no more parts are wanted."""
        if hasattr(self._parts, "close"):
            self._parts.close()


def _send(reply: Reply, head: _Head, body: Iterable[bytes]) -> None:
    if isinstance(body, list | tuple):
        reply.response_bytes(head.status, head.headers, b"".join(body))
    else:
        reply.response_iter(head.status, head.headers, _Parts(body))
