"""The outbox of an app at work: a worker in this process, or one of its own beside a server."""

import os
import signal
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from subprocess import Popen, TimeoutExpired
from typing import Any

from flask import Flask

from commentbox.app import create_app
from commentbox.delivery.email.links import Links
from commentbox.delivery.email.postman import Postman
from commentbox.delivery.mails import MailRoom, Mails
from commentbox.delivery.notices import notify
from commentbox.delivery.track import Track
from commentbox.delivery.webhooks import Webhooks
from commentbox.delivery.worker import Worker
from commentbox.outbound import Client
from commentbox.settings import Settings

STOPS_WITHIN_SECONDS = 5
LOOKS_EVERY_SECONDS = 0.5


def client_of(settings: Settings) -> Client:
    """Return the client that an operator's settings allow."""
    return Client(allows_private=settings.allow_private_webhooks)


def worker_of(app: Flask) -> Worker:
    """Return a worker for an app's outbox."""
    engine = app.extensions["commentbox"]
    settings = engine.settings
    room = MailRoom(
        Postman(settings.smtp_url) if settings.sends_mail else None,
        settings.mail_from,
        service_url(app),
        Links(settings.secret_key),
    )
    tracks: list[Track[Any, Any]] = [Webhooks(client_of(settings)), Mails(room)]
    # Without a mail server nobody is written to: those mails would only wait to be dropped.
    told = notify if settings.sends_mail else None
    return Worker(app.app_context, engine.database.engine, tracks, notify=told)


def service_url(app: Flask) -> str:
    """Return where readers find the service, e.g. ``https://blog.example.org/comments``.

    Made of the configured public address only: what requests say of it is anybody's word.
    """
    public_url: str = app.extensions["commentbox"].settings.public_url
    root = str(app.config["APPLICATION_ROOT"]).rstrip("/")
    return public_url + root + (app.blueprints["commentbox"].url_prefix or "")


def work(app: Flask) -> None:
    """Deliver until SIGTERM or Ctrl-C."""
    worker = worker_of(app)

    def stop(_number: int, _frame: object) -> None:
        # Not here: the signal may have come while the worker held the lock of its bell.
        threading.Thread(target=worker.stop).start()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    worker.run()


@contextmanager
def working_beside(environ: Mapping[str, str]) -> Iterator[None]:
    """Run a worker in a process of its own while the block runs; it is started again if it dies."""
    is_over = threading.Event()
    # The first one from here: who forks while another thread starts a program holds that up.
    first = _started(environ)
    keeper = threading.Thread(target=_keep_one_working, args=(first, environ, is_over), daemon=True)
    keeper.start()
    try:
        yield
    finally:
        is_over.set()
        keeper.join()


def _keep_one_working(
    process: "Popen[bytes]", environ: Mapping[str, str], is_over: threading.Event
) -> None:
    while not is_over.wait(LOOKS_EVERY_SECONDS):
        if process.poll() is not None:
            process = _started(environ)
    _end(process)


def _started(environ: Mapping[str, str]) -> "Popen[bytes]":
    """Start a worker as a program, not as a fork, which would copy our locks and connections.

    In a session of its own, since a Ctrl-C is for the server, which then ends it.
    """
    return Popen(
        [sys.executable, "-m", "commentbox.outbox", str(os.getpid())],
        env={**os.environ, **environ},
        start_new_session=True,
    )


def _end(process: "Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(STOPS_WITHIN_SECONDS)
    except TimeoutExpired:
        process.kill()
        process.wait()


def _end_with(parent: int) -> None:
    """End when the server is gone, however it went; what was under way is taken up by the next."""
    pause = threading.Event()
    while os.getppid() == parent:
        pause.wait(LOOKS_EVERY_SECONDS)
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    threading.Thread(target=_end_with, args=(int(sys.argv[1]),), daemon=True).start()
    work(create_app())
