"""The outbox of an app at work: a process that does nothing else, or threads of a server's workers."""

import logging
import signal
import threading
from typing import IO, Any

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

try:
    import fcntl
except ImportError:  # Windows, where people try things out: nobody serves from there
    fcntl = None  # type: ignore[assignment]

LOOKS_EVERY_SECONDS = 0.5

ENDING_SIGNALS = (signal.SIGTERM, signal.SIGINT)

LOG = logging.getLogger(__name__)


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


def work_in_turn(app: Flask, turn: IO[bytes]) -> None:
    """Deliver in threads of this process until it ends, while no other process has the turn.

    ``turn`` is an open file that the processes inherited. The system takes the turn from a process
    that ends, however it does.
    """
    worker, is_over = worker_of(app), threading.Event()
    threading.Thread(target=_work_in_turn, args=(worker, turn, is_over), name="outbox").start()
    threading.Thread(target=_end_with_process, args=(worker, is_over)).start()


def _work_in_turn(worker: Worker, turn: IO[bytes], is_over: threading.Event) -> None:
    while not is_over.is_set():
        try:
            fcntl.lockf(turn, fcntl.LOCK_EX | fcntl.LOCK_NB)
            worker.run()
        except BlockingIOError:
            pass  # another process has the turn
        except Exception:
            LOG.exception("The outbox stopped and begins anew.")
        is_over.wait(LOOKS_EVERY_SECONDS)


def _end_with_process(worker: Worker, is_over: threading.Event) -> None:
    """Let the worker come to its end when the main thread has, which no signal has to tell."""
    threading.main_thread().join()
    is_over.set()
    worker.stop()
