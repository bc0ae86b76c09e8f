"""The demo's blog: a small web server of its own, so that the embed really crosses origins."""

import socket
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from html import escape
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from socketserver import TCPServer

from commentbox import clock
from commentbox.demo.conversations import demo_pages, published_at
from commentbox.errors import SetupError
from commentbox.i18n import language


class BlogServer:
    """Serves the demo's pages from a thread of its own until ``stop()``.

    The port is taken at once, so ``url`` is known before ``start()``; port 0 takes any free one.
    ``published`` is the date that the pages show. Raises SetupError when the port is not free.
    """

    def __init__(
        self, host: str, port: int, service_url: str, published: datetime | None = None
    ) -> None:
        try:
            listener = _ListenerOnIPv6 if ":" in host else _Listener
            self._listener = listener((host, port), _BlogRequest)
        except OSError as error:
            raise SetupError(
                "The demo's blog pages cannot be served on %(host)s, port %(port)s (%(reason)s): "
                "choose another port with --port.",
                host=host,
                port=str(port),  # no amount: else it were 8,080
                reason=error.strerror or error,
            ) from error
        written = f"[{host}]" if ":" in host else host
        self.url = f"http://{written}:{self._listener.server_address[1]}"
        shown = _shown(service_url, self.url, published or published_at(clock.now()))
        self._listener.documents = dict(_documents(shown))
        self._listener.not_found = _html("404.html", shown)
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to answer, in a daemon thread."""
        self._thread = threading.Thread(
            target=self._listener.serve_forever, args=(0.05,), name="demo-blog", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        """Stop answering and free the port; calling it again does nothing."""
        if self._thread is not None:
            self._listener.shutdown()
            self._thread.join()
            self._thread = None
        self._listener.server_close()


@dataclass(frozen=True)
class _Document:
    content_type: str
    body: bytes


class _Listener(ThreadingHTTPServer):
    # Pages are looked up here by path, never in a folder: nothing else can be reached.
    documents: Mapping[str, _Document]
    not_found: _Document

    def server_bind(self) -> None:
        # HTTPServer would ask the name server for this machine's name, which can take seconds.
        TCPServer.server_bind(self)


class _ListenerOnIPv6(_Listener):
    address_family = socket.AF_INET6


class _BlogRequest(BaseHTTPRequestHandler):
    server: _Listener
    server_version = "demo-blog"
    sys_version = ""
    timeout = 30  # seconds; browsers open connections that they never use

    def do_GET(self) -> None:
        self.wfile.write(self._answer())

    def do_HEAD(self) -> None:
        self._answer()

    def _answer(self) -> bytes:
        path = self.path.partition("?")[0]
        documents = self.server.documents
        if path in documents:
            return self._head(HTTPStatus.OK, documents[path])
        if f"{path}/" in documents:
            return self._head(HTTPStatus.MOVED_PERMANENTLY, _EMPTY, location=f"{path}/")
        return self._head(HTTPStatus.NOT_FOUND, self.server.not_found)

    def _head(self, status: HTTPStatus, document: _Document, location: str | None = None) -> bytes:
        self.send_response(status)
        self.send_header("Content-Type", document.content_type)
        self.send_header("Content-Length", str(len(document.body)))
        self.send_header("Cache-Control", "no-cache")
        if location:
            self.send_header("Location", location)
        self.end_headers()
        return document.body

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: the terminal belongs to the service's addresses."""


_EMPTY = _Document("text/plain; charset=utf-8", b"")


def _documents(shown: Mapping[str, str]) -> Iterator[tuple[str, _Document]]:
    yield "/", _html("index.html", shown)
    yield "/blog.css", _Document("text/css; charset=utf-8", _source("blog.css").encode())
    for page in demo_pages():
        yield page.path, _html(page.document, shown)


def _shown(service_url: str, blog_url: str, published: datetime) -> dict[str, str]:
    return {
        "service_url": service_url.rstrip("/"),
        "blog_url": blog_url,
        "published": published.date().isoformat(),
        "published_de": language("de").date(published),
        "published_en": language("en").date(published),
    }


def _html(name: str, shown: Mapping[str, str]) -> _Document:
    page = _source(name)
    for place, value in shown.items():
        page = page.replace("{{ " + place + " }}", escape(value))
    return _Document("text/html; charset=utf-8", page.encode())


def _source(name: str) -> str:
    return files(__package__).joinpath("pages", name).read_text("utf-8")
