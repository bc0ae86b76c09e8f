"""The dispatcher: what is prepared is answered where it is taken, and nobody keeps the taker waiting."""

import io
from collections.abc import Callable, Iterable, Iterator
from queue import SimpleQueue
from threading import Event, current_thread
from typing import Any, NamedTuple

import pytest
from werkzeug.test import EnvironBuilder

from commentbox.dispatcher import WAITING_THREADS, Dispatcher
from commentbox.web.front import HAND_OVER
from tests.grounds import DEADLINE_SECONDS
from tests.web.readers import ORIGIN, PAGE, Reader

FRAGMENT = "/embed/blog/thread"
JSON = {"Origin": ORIGIN, "Content-Type": "application/json", "Content-Length": "2"}


class Answer(NamedTuple):
    """What granian was given."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes
    by_taker: bool


class Line:
    """granian's end of a request, for one answer. The test's own thread is the taker."""

    def __init__(self) -> None:
        self._taker = current_thread()
        self._answers: SimpleQueue[Answer] = SimpleQueue()

    def response_bytes(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        """Take a whole answer."""
        self._answers.put(Answer(status, headers, body, current_thread() is self._taker))

    def response_iter(self, status: int, headers: list[tuple[str, str]], body: Any) -> None:
        """Take an answer part by part, as granian asks for them."""
        parts = []
        try:
            while True:
                parts.append(body.__next__())
        except StopIteration:
            body.close()
        self.response_bytes(status, headers, b"".join(parts))

    def is_answered(self) -> bool:
        """Whether an answer is there."""
        return not self._answers.empty()

    def answer(self) -> Answer:
        """Return the first answer, once it is there."""
        return self._answers.get(timeout=DEADLINE_SECONDS)


def environ_of(path: str, **more: Any) -> dict[str, Any]:
    """Return a request's part of the environment, as granian makes it."""
    environ = EnvironBuilder(path, base_url="http://localhost", **more).get_environ()
    theirs = ("wsgi.version", "wsgi.errors", "wsgi.multithread", "wsgi.multiprocess")
    return {name: value for name, value in environ.items() if name not in theirs}


def ask(dispatcher: Dispatcher, path: str, **more: Any) -> Answer:
    """Ask, and wait for the answer."""
    line = Line()
    dispatcher(line, environ_of(path, **more))
    return line.answer()


def read(dispatcher: Dispatcher, page: str = PAGE) -> Answer:
    """Ask for a page's thread."""
    return ask(dispatcher, FRAGMENT, query_string={"page": page})


@pytest.mark.parametrize("proxies", [0, 1])
def test_what_is_prepared_is_answered_at_once(
    reader: Reader, elsewhere: Callable[..., Reader], proxies: int
):
    reader.posted("Well said!")
    address = "https://comments.example.org" if proxies else "http://localhost"
    served = elsewhere(COMMENTBOX_TRUSTED_PROXIES=proxies, COMMENTBOX_PUBLIC_URL=address)
    dispatcher = Dispatcher(served.app.wsgi_app)
    first, second = read(dispatcher), read(dispatcher)
    assert (first.status, first.by_taker) == (200, False)
    assert second == first._replace(by_taker=True)


def test_what_has_changed_is_answered_anew(reader: Reader):
    dispatcher = Dispatcher(reader.app.wsgi_app)
    read(dispatcher), read(dispatcher)
    reader.posted("A second thought")
    changed = read(dispatcher)
    assert not changed.by_taker
    assert changed.headers != read(dispatcher, "/other").headers


def test_who_must_ask_a_server_of_another_machine_waits_elsewhere(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
):
    dispatcher = Dispatcher(reader.app.wsgi_app)
    read(dispatcher)
    watch = reader.app.extensions["commentbox"].front._watch()
    monkeypatch.setattr(watch, "is_unchanged_since", lambda _moment: False)
    assert read(dispatcher).by_taker
    monkeypatch.setattr(watch, "answers_at_once", False)
    assert not read(dispatcher).by_taker


def test_readers_are_answered_while_all_who_wait_are_busy(reader: Reader):
    dispatcher = Dispatcher(reader.app.wsgi_app)
    read(dispatcher)
    sent = Event()
    slow = [Line() for _ in range(2 * WAITING_THREADS)]
    for line in slow:
        body = _SentLate(sent)
        posted = environ_of("/api/v1/sites/blog/comments", method="POST", headers=JSON)
        dispatcher(line, posted | {"wsgi.input": body})
    assert read(dispatcher).by_taker
    assert not any(line.is_answered() for line in slow)
    sent.set()
    assert {line.answer().status for line in slow} == {400}


class _SentLate(io.RawIOBase):
    """A body that comes when the event does."""

    def __init__(self, sent: Event) -> None:
        self._sent = sent
        self._left = b"[]"

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        assert self._sent.wait(DEADLINE_SECONDS)
        part, self._left = self._left[: len(buffer)], b""
        buffer[: len(part)] = part
        return len(part)


def test_an_answer_in_parts_is_sent_in_parts_and_closed():
    closed = Event()

    def parts() -> Iterator[bytes]:
        try:
            yield from (b"one", b"two")
        finally:
            closed.set()

    def app(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        def rest(_environ: dict[str, Any], start: Any) -> Iterable[bytes]:
            start("201 CREATED", [("X-Parts", "2")])
            return parts()

        return environ[HAND_OVER](rest, environ)

    answer = ask(Dispatcher(app), "/")
    assert answer == Answer(201, [("X-Parts", "2")], b"onetwo", by_taker=False)
    assert closed.wait(DEADLINE_SECONDS)


@pytest.mark.parametrize("error", [RuntimeError("a bug"), SystemExit(1)], ids=repr)
def test_a_request_that_fails_is_answered_and_those_after_it_too(
    error: BaseException, caplog: pytest.LogCaptureFixture
):
    def app(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        def rest(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
            if environ["PATH_INFO"] == "/fails":
                raise error
            start("200 OK", [])
            return [b"well"]

        return environ[HAND_OVER](rest, environ)

    dispatcher = Dispatcher(app)
    for _ in range(2 * WAITING_THREADS):
        assert ask(dispatcher, "/fails").status == 500
    assert "A request was not answered." in caplog.text
    assert ask(dispatcher, "/").body == b"well"


def test_no_view_sees_the_way_out(reader: Reader):
    seen: list[dict[str, Any]] = []
    inner = reader.app.wsgi_app
    dispatcher = Dispatcher(lambda environ, start: seen.append(environ) or inner(environ, start))
    ask(dispatcher, "/healthz")
    assert HAND_OVER not in seen[0]
