"""Real web servers in threads of the test's process, for tests that need an address to go to."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


@dataclass(frozen=True)
class LiveService:
    """The service under an address of its own, e.g. ``http://127.0.0.1:40125``."""

    url: str
    app: Flask


@dataclass(frozen=True)
class LiveBlog:
    """Pages on another origin than the service's, e.g. ``http://localhost:40126``."""

    url: str
    pages: dict[str, str] = field(repr=False)

    def publish(self, path: str, html: str) -> str:
        """Put a page under a path such as ``/post/`` and return its address."""
        self.pages[path] = html
        return self.url + path


@contextmanager
def serving(app: "WSGIApplication", host: str = "127.0.0.1", port: int = 0) -> Iterator[str]:
    """Serve an application from a thread while the block runs; gives its address."""
    server = make_server("127.0.0.1", port, app, threaded=True, request_handler=QuietHandler)
    # The default looks twice a second whether it should end, and so would every test.
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://{host}:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def blogging() -> Iterator[LiveBlog]:
    """Serve a blog without pages while the block runs."""
    pages: dict[str, str] = {}

    @Request.application
    def answer(request: Request) -> Response:
        html = pages.get(request.path)
        if html is None:
            return Response("There is no such page.", status=404, mimetype="text/plain")
        return Response(html, mimetype="text/html")

    # Not the service's host name: to a browser this is another site, not only another origin.
    with serving(answer, host="localhost") as url:
        yield LiveBlog(url, pages)


class QuietHandler(WSGIRequestHandler):
    """Answers without a line in the log for each request."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""
