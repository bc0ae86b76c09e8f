"""The dispatcher: what is prepared is answered where it is taken, and nobody keeps the others waiting."""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Event
from typing import Any, TypeVar

import pytest
from flask import Flask
from werkzeug import Request as WsgiRequest
from werkzeug import Response

from commentbox import dispatcher as module
from commentbox.dispatcher import RECEIVED_BYTES, WAITING_THREADS, Answer, Dispatcher
from commentbox.web.front import HAND_OVER
from commentbox.web.prepared import PACKED_WELL_AFTER_READS
from tests.grounds import DEADLINE_SECONDS
from tests.web.readers import ORIGIN, PAGE, Reader

T = TypeVar("T")
FRAGMENT = "/embed/blog/thread"


@dataclass
class Request:
    """granian's scope of a request and its line in one; ``parts`` are those of its body."""

    path: str
    query_string: str = ""
    method: str = "GET"
    headers: dict[str, str] | list[tuple[str, str]] = field(default_factory=dict)
    parts: Iterable[bytes] = ()
    scheme: str = "http"
    http_version: str = "1.1"
    client: str = "127.0.0.1:40123"
    answers: list[Answer] = field(default_factory=list)
    more_follows: asyncio.Event | None = None

    def __post_init__(self) -> None:
        given = self.headers.items() if isinstance(self.headers, dict) else self.headers
        self.headers = dict_of_lists([("host", "localhost"), *given])

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for part in self.parts:
            yield part
        if self.more_follows:
            await self.more_follows.wait()

    def response_bytes(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        """Take an answer; only the first counts."""
        self.answers.append(Answer(status, headers, body))


class dict_of_lists(list):  # noqa: N801
    """Headers as granian has them: a name may come more than once."""

    def items(self) -> list[tuple[str, str]]:
        """Return all names with their values."""
        return list(self)


def reading(page: str = PAGE, **more: Any) -> Request:
    """Return a reader's request for a page's thread."""
    return Request(FRAGMENT, f"page={page}", **more)


def posting(*parts: bytes, said: int | None = None, **more: Any) -> Request:
    """Return a request that posts JSON, which comes in these parts."""
    length = sum(map(len, parts)) if said is None else said
    headers = {"origin": ORIGIN, "content-type": "application/json", "content-length": str(length)}
    return Request(
        "/api/v1/sites/blog/comments", method="POST", headers=headers, parts=parts, **more
    )


def asked(dispatcher: Dispatcher, request: Request) -> Answer:
    """Have a request answered as granian does, and return the answer."""
    on_a_loop(dispatcher.__rsgi__(request, request))
    return request.answers[0]


def on_a_loop(deed: Coroutine[Any, Any, T]) -> T:
    """Run something on an event loop of its own; a browser's tests leave one behind in their thread."""
    with ThreadPoolExecutor(1) as other:
        return other.submit(asyncio.run, asyncio.wait_for(deed, DEADLINE_SECONDS)).result()


def of(app: Any) -> Dispatcher:
    """Return a dispatcher of a WSGI application."""
    return Dispatcher(app, "127.0.0.1", 8080)


@pytest.mark.parametrize("proxies", [0, 1])
def test_what_is_prepared_is_answered_at_once(
    reader: Reader, elsewhere: Callable[..., Reader], proxies: int
):
    reader.posted("Well said!")
    address = "https://comments.example.org" if proxies else "http://localhost"
    served = elsewhere(COMMENTBOX_TRUSTED_PROXIES=proxies, COMMENTBOX_PUBLIC_URL=address)
    dispatcher = of(served.app.wsgi_app)
    first, second = reading(), reading()
    assert not dispatcher.answers_at_once(first, first)
    assert not first.answers
    made = asked(dispatcher, first)
    assert made.status == 200
    assert dispatcher.answers_at_once(second, second)
    assert second.answers == [made]


def test_what_has_changed_is_answered_anew(reader: Reader):
    dispatcher = of(reader.app.wsgi_app)
    before = asked(dispatcher, reading())
    reader.posted("A second thought")
    changed = reading()
    assert not dispatcher.answers_at_once(changed, changed)
    assert asked(dispatcher, changed).headers != before.headers


def test_who_must_ask_a_server_of_another_machine_waits_elsewhere(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
):
    dispatcher = of(reader.app.wsgi_app)
    asked(dispatcher, reading())
    watch = reader.app.extensions["commentbox"].front._watch()
    monkeypatch.setattr(watch, "is_unchanged_since", lambda _moment: False)
    request = reading()
    assert dispatcher.answers_at_once(request, request)
    monkeypatch.setattr(watch, "answers_at_once", False)
    assert not dispatcher.answers_at_once(request := reading(), request)
    assert asked(dispatcher, reading()).status == 200


def test_what_is_to_be_packed_well_is_packed_elsewhere(reader: Reader):
    reader.posted("Well said! " * 100)
    dispatcher = of(reader.app.wsgi_app)
    before = asked(dispatcher, reading(headers={"accept-encoding": "gzip"}))
    for _ in range(PACKED_WELL_AFTER_READS - 1):
        request = reading(headers={"accept-encoding": "gzip"})
        assert dispatcher.answers_at_once(request, request)
    request = reading(headers={"accept-encoding": "gzip"})
    assert not dispatcher.answers_at_once(request, request)
    after = asked(dispatcher, request)
    assert len(after.body) < len(before.body)
    request = reading()
    assert dispatcher.answers_at_once(request, request)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_only_reading_is_answered_at_once(reader: Reader, method: str):
    dispatcher = of(reader.app.wsgi_app)
    asked(dispatcher, reading())
    assert not dispatcher.answers_at_once(request := reading(method=method), request)


def test_who_sends_slowly_keeps_nobody(reader: Reader):
    dispatcher = of(reader.app.wsgi_app)

    async def crowd() -> None:
        sent = asyncio.Event()
        slow = [posting(b"[", said=2, more_follows=sent) for _ in range(2 * WAITING_THREADS)]
        waiting = [asyncio.create_task(dispatcher.__rsgi__(each, each)) for each in slow]
        await dispatcher.__rsgi__(request := reading(), request)
        assert [answer.status for answer in request.answers] == [200]
        assert not any(each.answers for each in slow)
        sent.set()
        await asyncio.gather(*waiting)
        # Each had said that one more byte would come.
        assert {each.answers[0].status for each in slow} == {400}

    on_a_loop(crowd())


def test_what_is_posted_arrives_however_it_is_parted(reader: Reader):
    dispatcher = of(reader.app.wsgi_app)
    sent = json.dumps(reader.comment("Parted words")).encode()
    answer = asked(dispatcher, posting(sent[:10], sent[10:], b""))
    assert answer.status == 201
    assert "Parted words" in json.loads(answer.body)["comment"]["html"]


def test_who_never_ends_is_told_so(reader: Reader, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "RECEIVED_WITHIN_SECONDS", 0.01)

    async def wait() -> None:
        request = posting(b"[", said=2, more_follows=asyncio.Event())
        await of(reader.app.wsgi_app).__rsgi__(request, request)
        assert request.answers == [Answer(408, [("Connection", "close")], b"")]

    on_a_loop(wait())


def test_who_fills_the_memory_is_put_off_and_others_are_heard_again(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(module, "KEPT_MAX_BYTES", 100)
    dispatcher = of(reader.app.wsgi_app)

    async def crowd() -> list[Answer]:
        never = asyncio.Event()
        waiting = posting(bytes(80), said=90, more_follows=never)
        kept = asyncio.create_task(dispatcher.__rsgi__(waiting, waiting))
        await asyncio.sleep(0)
        await dispatcher.__rsgi__(second := posting(bytes(30)), second)
        kept.cancel()
        await asyncio.gather(kept, return_exceptions=True)
        await dispatcher.__rsgi__(third := posting(bytes(30)), third)
        return [*second.answers, *third.answers]

    for _ in range(5):  # what was answered is kept no longer
        assert asked(dispatcher, posting(bytes(90))).status == 400
    put_off, heard = on_a_loop(crowd())
    assert (put_off.status, dict(put_off.headers)["Retry-After"]) == (503, "10")
    assert heard.status == 400


@pytest.mark.parametrize("says_its_length", [True, False])
@pytest.mark.parametrize("length", [0, 1, RECEIVED_BYTES, RECEIVED_BYTES + 1, 3 * RECEIVED_BYTES])
def test_a_body_of_any_length_is_read_as_it_was_sent(length: int, says_its_length: bool):
    body = bytes(number % 251 for number in range(length))
    parts = [body[start : start + 60_000] for start in range(0, length, 60_000)]
    headers = (
        {"content-length": str(length)} if says_its_length else {"transfer-encoding": "chunked"}
    )
    request = Request("/", method="POST", headers=headers, parts=parts)

    def app(environ: dict[str, Any], start: Any) -> list[bytes]:
        start("200 OK", [])
        return [environ["wsgi.input"].read()]

    assert asked(of(handed_over(app)), request).body == body


def test_of_a_large_body_no_more_is_received_than_is_asked_for():
    received: list[int] = []

    def parts() -> Iterator[bytes]:
        for number in range(100):
            received.append(number)
            yield bytes(RECEIVED_BYTES)

    def app(environ: dict[str, Any], start: Any) -> list[bytes]:
        start("413 CONTENT TOO LARGE", [])
        return [b"no"]

    length = {"content-length": str(100 * RECEIVED_BYTES)}
    request = Request("/", method="POST", headers=length, parts=parts())
    assert asked(of(handed_over(app)), request).status == 413
    assert received == [0]


@pytest.mark.parametrize(
    "kind",
    [
        "application/json",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=b",
        "text/plain",
    ],
)
def test_no_stranger_keeps_a_thread_with_a_body_that_never_ends(
    reader: Reader, kind: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(module, "RECEIVED_WITHIN_SECONDS", 5.0)  # then a thread hears 408
    dispatcher = of(reader.app.wsgi_app)
    headers = {"origin": ORIGIN, "content-type": kind, "transfer-encoding": "chunked"}
    begin = b'--b\r\nContent-Disposition: form-data; name="text"\r\n\r\n'

    async def send_all() -> None:
        endless = [
            Request(
                path,
                method=method,
                headers=headers,
                parts=[begin if "multipart" in kind else b"text=", b"a" * RECEIVED_BYTES],
                more_follows=asyncio.Event(),
            )
            for path, method in written_to(reader.app)
        ]
        await asyncio.gather(*(dispatcher.__rsgi__(each, each) for each in endless))
        statuses = {each.path: each.answers[0].status for each in endless}
        assert not {path: status for path, status in statuses.items() if status in (408, 500)}

    on_a_loop(send_all())


def written_to(app: Flask) -> Iterator[tuple[str, str]]:
    """Return path and method of everything that takes a body."""
    for rule in app.url_map.iter_rules():
        path = re.sub("<[^>]*>", "blog", re.sub("<int:[^>]*>", "1", rule.rule))
        for method in (rule.methods or set()) & {"POST", "PATCH", "PUT", "DELETE"}:
            yield path, method


@pytest.mark.parametrize("sent", [b"", b"half a comm", bytes(RECEIVED_BYTES)], ids=len)
def test_what_broke_off_is_not_taken_for_whole(sent: bytes):
    # As granian tells of it: one empty part for what went wrong, and one for the end.
    headers = {"transfer-encoding": "chunked"}
    request = Request("/", method="POST", headers=headers, parts=[sent, b"", b""])

    @WsgiRequest.application
    def app(request: WsgiRequest) -> Response:
        return Response(str(len(request.get_data())))

    assert asked(of(handed_over(app)), request).status == 400


@pytest.mark.parametrize("error", [RuntimeError("a bug"), SystemExit(1)], ids=repr)
def test_a_request_that_fails_is_answered_and_those_after_it_too(
    error: BaseException, caplog: pytest.LogCaptureFixture
):
    closed = Event()

    def app(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        if environ["PATH_INFO"] == "/fails":
            raise error
        start("200 OK", [])
        return parts(closed)

    def parts(closed: Event) -> Iterator[bytes]:
        try:
            yield from (b"well", b" done")
        finally:
            closed.set()

    dispatcher = of(handed_over(app))
    for _ in range(2 * WAITING_THREADS):
        assert asked(dispatcher, Request("/fails")) == Answer(500, [], b"")
    assert "A request was not answered." in caplog.text
    assert asked(dispatcher, Request("/")) == Answer(200, [], b"well done")
    assert closed.is_set()


def test_the_environment_is_what_wsgi_asks_for():
    seen: list[dict[str, Any]] = []

    def app(environ: dict[str, Any], start: Any) -> list[bytes]:
        seen.append(environ)
        start("200 OK", [])
        return []

    headers = [
        ("content-type", "text/plain"),
        ("content-length", "0"),
        ("cookie", "a=1"),
        ("cookie", "b=2"),
        ("x-forwarded-for", "192.0.2.1"),
        ("x-forwarded-for", "192.0.2.2"),
        # As it would look in the environment, this is the proxy's own header.
        ("x_forwarded_for", "198.51.100.1"),
    ]
    request = Request("/Grüße", "q=ü", headers=headers, client="[2001:db8::1]:40123")
    asked(of(handed_over(app)), request)
    (environ,) = seen
    assert HAND_OVER not in environ
    told = {name: value for name, value in environ.items() if not name.startswith("wsgi.")}
    assert told == {
        "REQUEST_METHOD": "GET",
        "SCRIPT_NAME": "",
        "PATH_INFO": "/GrÃ¼Ã\x9fe",
        "QUERY_STRING": "q=Ã¼",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8080",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "2001:db8::1",
        "CONTENT_TYPE": "text/plain",
        "CONTENT_LENGTH": "0",
        "HTTP_HOST": "localhost",
        "HTTP_COOKIE": "a=1; b=2",
        "HTTP_X_FORWARDED_FOR": "192.0.2.1,192.0.2.2",
    }


def handed_over(app: Any) -> Any:
    """Return an application that may wait behind one that does not."""
    return lambda environ, _start: environ.pop(HAND_OVER)(app, environ)
