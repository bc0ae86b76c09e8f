"""The read layer: answers from what is prepared, before Flask is entered, unless it is out of date.

It knows nothing of what it serves. A view says what its answer was made of (its basis); the layer
keeps the answer under everything the request said that a view can see, and asks before each use
whether the store has changed. What it cannot answer goes to Flask as usual.
"""

import re
import threading
from collections.abc import Hashable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, time, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_plus

from flask import Response, g, request
from sqlalchemy.exc import SQLAlchemyError

from commentbox import clock, freshness
from commentbox.db import Database
from commentbox.errors import SetupError
from commentbox.models.page_key import kept_address
from commentbox.reading.basis import Basis
from commentbox.web.prepared import (
    COMPRESSION_LEVEL,
    FAST_LEVEL,
    Ending,
    Prepared,
    PreparedBeginning,
)
from commentbox.web.shelf import Shelf

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

READING = frozenset({"GET", "HEAD"})

MAX_QUESTION_CHARS = 4000
"""Longer ones are answered by Flask: no page asks them."""

ADDRESS_WITH_QUERY = re.compile(r"(?:^|&)url=([^&]*(?:%3[Ff]|\?)[^&]*)")

GOOD_FOR = timedelta(minutes=10)
"""Of all that an answer is good for, one request in so long reaches Flask: there it is noted that
the site's pages still ask (sightings.py)."""

RESTLESS_FOR = timedelta(minutes=1)
"""What was made anew within so long will be soon again, and is compressed in less time; so is what
was not asked for before."""

IS_ASKED = "commentbox.front"
"""In the WSGI environment: the layer in front of the app has looked already."""

HAND_OVER = "commentbox.hand_over"
"""In the WSGI environment where the caller must not be kept: a function of an application and the
environment, which has the rest of the request done elsewhere."""


class Front:
    """The prepared answers of one app."""

    def __init__(self, database: Database, shelf: Shelf | None = None) -> None:
        self._database = database
        self._shelf = shelf or Shelf()
        self._turns = Turns()
        self._found_watch: freshness.Watch | None = None
        self._has_looked = False

    def before(self, app: "WSGIApplication", prefixes: tuple[str, ...]) -> "WSGIApplication":
        """Return a WSGI application that answers in front of ``app`` what it can.

        It must stand directly before Flask, behind whatever changes the environment: else it
        could give an answer to somebody whom Flask would answer otherwise. Paths that begin
        with none of the ``prefixes`` are passed on.
        """

        def answer(environ: "WSGIEnvironment", start: "StartResponse") -> Iterable[bytes]:
            hand_over = environ.pop(HAND_OVER, None)
            rest = app
            if (
                environ["REQUEST_METHOD"] in READING
                and environ["PATH_INFO"].startswith(prefixes)
                and (key := _key(environ)) is not None
            ):
                if (prepared := self._fresh(key, may_wait=hand_over is None)) is not None:
                    return _start(prepared, environ, start)
                rest = partial(self._in_turn, key, app)
            body: Iterable[bytes] = hand_over(rest, environ) if hand_over else rest(environ, start)
            return body

        return answer

    def _in_turn(
        self,
        key: Hashable,
        app: "WSGIApplication",
        environ: "WSGIEnvironment",
        start: "StartResponse",
    ) -> Iterable[bytes]:
        with self._turns.of(key):
            # While we waited for our turn, somebody may have made what we need.
            if (prepared := self._fresh(key)) is not None:
                return _start(prepared, environ, start)
            environ[IS_ASKED] = True
            return app(environ, start)

    def begin(self) -> Response | None:
        """Before a request's view: note the moment; where no layer stands in front, answer here.

        So a host app's own guards, which come first, are asked for every request.
        """
        watch = self._watch()
        # Within a context in which something was read before, a view may see what it saw then.
        is_fresh = "commentbox_sessions" not in g
        g.commentbox_moment = watch.moment() if watch and is_fresh else None
        if request.method not in READING or IS_ASKED in request.environ:
            return None
        prepared = self._fresh(key) if (key := _key(request.environ)) is not None else None
        return _response(prepared) if prepared else None

    def finish(self, answer: Response) -> Response:
        """After a request's view: keep an answer that has a basis, and return this asker's form of it."""
        basis: Basis | None = g.pop("commentbox_basis", None)
        if basis is None or answer.status_code != 200:
            return answer
        moment = g.get("commentbox_moment")
        body, headers = answer.get_data(), list(answer.headers.items())
        key, now = _key(request.environ), clock.now()
        last = self._shelf.get(key)
        is_asked_again = last is not None and now - last.made_at >= RESTLESS_FOR
        level = COMPRESSION_LEVEL if is_asked_again else FAST_LEVEL
        made = headers, body, basis, moment, now, good_until(now), level
        ending: Ending | None = g.pop("commentbox_ending", None)
        prepared = PreparedBeginning(*made, ending) if ending else Prepared(*made)
        is_personal = "Set-Cookie" in answer.headers
        if moment is not None and key is not None and not is_personal and basis.is_firm:
            self._shelf.put(key, prepared)
        return _response(prepared)

    def ask(self, statement: str, parameters: Any) -> freshness.Rows:
        """Put a question to the store on behalf of a basis; no rows where nothing is kept anyway."""
        if (watch := self._watch()) is None:
            return ()
        try:
            return watch.ask(statement, parameters)
        except watch.errors:
            return ()  # whoever reads the rows will meet the trouble, too, and say so

    def _fresh(self, key: Hashable, *, may_wait: bool = True) -> Prepared | None:
        """Return the prepared answer if it is what a view would answer now.

        Where that takes longer to tell than to look into memory or a file, and the caller must not
        wait, return None.
        """
        prepared = self._shelf.get(key)
        if prepared is None or (watch := self._watch()) is None:
            return None
        if clock.now() >= prepared.good_until:
            return None
        try:
            if not watch.is_unchanged_since(prepared.moment):
                if not (may_wait or watch.answers_at_once):
                    return None
                moment = watch.moment()
                if not prepared.basis.still_holds(watch.ask):
                    return None
                prepared.moment = moment
        except watch.errors:
            return None  # the view will meet the trouble, too, and say so
        prepared.is_read = True
        if prepared.reads_left > 1:
            prepared.reads_left -= 1
        elif prepared.reads_left:
            if not may_wait:
                return None
            prepared.pack_well()
        return prepared

    def _watch(self) -> freshness.Watch | None:
        if not self._has_looked:
            try:
                self._found_watch = self._database.watch()
            except (SetupError, SQLAlchemyError):
                return None  # not ready for work: ask again next time
            self._has_looked = True
        return self._found_watch


def rests_on(basis: Basis, ending: Ending | None = None) -> None:
    """Say what the answer to this request is made of, so that it can be kept.

    ``ending`` returns what each who asks gets behind it; other than the view, it may know nothing of
    the request, wait for nothing and ask the store nothing.
    """
    g.commentbox_basis, g.commentbox_ending = basis, ending


def good_until(at: datetime) -> datetime:
    """Return the moment from which Flask is asked anew, also where nothing has changed."""
    # The first request of a day reaches Flask as well, where old network keys are forgotten.
    midnight = datetime.combine(at.date() + timedelta(days=1), time.min, UTC)
    return min(at + GOOD_FOR, midnight)


def _key(environ: "WSGIEnvironment") -> Hashable | None:
    """Return everything in a request that a view's answer may depend on; None for what is not kept.

    Separate strings, so that no part can be made to look like another.
    """
    query, host = environ.get("QUERY_STRING", ""), environ.get("HTTP_HOST")
    path = environ["PATH_INFO"]
    if host is None or len(path) + len(query) + len(host) > MAX_QUESTION_CHARS:
        return None
    rest, address = _parted(query)
    scheme = environ["wsgi.url_scheme"]
    return path, rest, address, host, scheme, environ.get("SCRIPT_NAME", "")


def _parted(query: str) -> tuple[str, str | None]:
    """Part a page's address from the query: cleaned of what tells visitors apart, as views clean it.

    A link that was clicked somewhere carries a number of its own for each reader. Nothing is lost in
    between: two addresses that a view could tell apart stay apart.
    """
    if (found := ADDRESS_WITH_QUERY.search(query)) is None:
        return query, None
    address = kept_address(unquote_plus(found[1], errors="surrogateescape"))
    return query[: found.start()] + query[found.end() :], address


def _start(
    prepared: Prepared, environ: "WSGIEnvironment", start: "StartResponse"
) -> Iterable[bytes]:
    status, headers, body = prepared.for_request(environ)
    start(status, headers.copy())
    return (body,) if body else ()


def _response(prepared: Prepared) -> Response:
    rendition = prepared.for_request(request.environ)
    answer = Response(rendition.body, rendition.status)
    answer.headers.clear()
    answer.headers.extend(rendition.headers)
    return answer


class Turns:
    """Lets those who ask the same do so one after another."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._waiting: dict[Hashable, tuple[threading.Lock, int]] = {}

    @contextmanager
    def of(self, key: Hashable) -> Iterator[None]:
        """Hold the key's turn while the block runs."""
        with self._guard:
            turn, number = self._waiting.get(key) or (threading.Lock(), 0)
            self._waiting[key] = turn, number + 1
        try:
            with turn:
                yield
        finally:
            with self._guard:
                turn, number = self._waiting[key]
                if number > 1:
                    self._waiting[key] = turn, number - 1
                else:
                    del self._waiting[key]
