"""The outbox of an app at work: a worker in this process, or one of its own beside a server."""

import logging
import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import Any

from flask import Flask

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

ENDING_SIGNALS = (signal.SIGTERM, signal.SIGINT)

PROCESS_NAME = "cb-outbox"
"""What ``ps -o comm`` calls the worker beside a server; the system takes 15 characters."""


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

    for number in ENDING_SIGNALS:
        signal.signal(number, stop)
    worker.run()


@contextmanager
def working_beside(app: Flask) -> Iterator[None]:
    """Run a worker in a process of its own while the block runs; another one follows if it dies.

    Called from the main thread, before there are others: the worker is a fork, which shares the
    memory of all that is loaded, and copies locks and connections. So ``app`` must have none open.
    """
    beside = _Beside(app)
    before = signal.signal(signal.SIGCHLD, beside.mend)
    beside.start()
    try:
        yield
    finally:
        signal.signal(signal.SIGCHLD, before)
        beside.end()


class _Beside:
    """The worker beside a server, as its parent sees it."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._server = os.getpid()
        self._worker: int | None = None

    def start(self, pause_seconds: float = 0.0) -> None:
        """Fork a worker, which waits a little before it begins."""
        # Its death must not be told before we know its number.
        signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGCHLD,))
        self._worker = os.fork()
        if not self._worker:
            self._work(pause_seconds)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, (signal.SIGCHLD,))

    def mend(self, _number: int, _frame: FrameType | None) -> None:
        """Follow up a worker that died; others than ours are none of our business."""
        if os.getpid() == self._server and self._worker and _has_ended(self._worker):
            self.start(LOOKS_EVERY_SECONDS)

    def end(self) -> None:
        """Tell the worker to end; who does not is killed."""
        worker, self._worker = self._worker, None
        if worker is None:
            return
        with suppress(ProcessLookupError):
            os.kill(worker, signal.SIGTERM)
        last = time.monotonic() + STOPS_WITHIN_SECONDS
        while not _has_ended(worker):
            if time.monotonic() > last:
                os.kill(worker, signal.SIGKILL)
            time.sleep(0.02)

    def _work(self, pause_seconds: float) -> None:
        """Be the worker. Never returns: what is on the stack here is the server's."""
        status = 1
        try:
            # In a session of its own, since a Ctrl-C is for the server, which then ends it.
            os.setsid()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            for number in ENDING_SIGNALS:
                signal.signal(number, signal.SIG_DFL)
            _call_this_process(PROCESS_NAME)
            threading.Thread(target=_end_with, args=(self._server,), daemon=True).start()
            time.sleep(pause_seconds)
            work(self._app)
            status = 0
        except BaseException:
            logging.getLogger(__name__).exception("The outbox ended.")
        finally:
            os._exit(status)


def _has_ended(process: int) -> bool:
    try:
        return os.waitpid(process, os.WNOHANG) != (0, 0)
    except ChildProcessError:
        return True


def _call_this_process(name: str) -> None:
    """Let ``ps -o comm`` say what this is: a fork has the command line of its parent."""
    with suppress(OSError):  # only Linux has this
        Path("/proc/self/comm").write_text(name)


def _end_with(server: int) -> None:
    """End when the server is gone, however it went; what was under way is taken up by the next."""
    pause = threading.Event()
    while os.getppid() == server:
        pause.wait(LOOKS_EVERY_SECONDS)
    os.kill(os.getpid(), signal.SIGTERM)
