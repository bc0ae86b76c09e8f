"""The production server: granian with worker processes that serve the app and deliver the outbox.

Why granian and not gunicorn: its network part is compiled, and a prepared answer costs a fifth to a
tenth of the CPU time (docs/performance.md). What it leaves open is seen to here: a signal ends a
process at any moment, also while it starts; and nobody is left behind when the master is killed.
"""

import gc
import logging
import math
import os
import resource
import signal
import socket
import sys
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from queue import Empty, SimpleQueue
from types import FrameType
from typing import IO, Any

from flask import Flask
from granian import Granian, _futures
from granian.constants import HTTPModes, Interfaces, Loops
from granian.http import HTTP1Settings
from granian.log import LogLevels
from sqlalchemy.orm import configure_mappers

from commentbox.dispatcher import Dispatcher
from commentbox.errors import SetupError
from commentbox.outbox import ENDING_SIGNALS, work_in_turn

WORKERS_KILL_TIMEOUT_SECONDS = 5
"""A worker that has not ended by then is killed, so that stopping never hangs."""

WORKER_LIFETIME_SECONDS = 24 * 60 * 60
"""After it a new worker takes over: whatever may grow in a process grows for a day only."""

RESPAWN_INTERVAL_SECONDS = 2.0
"""How long a new worker serves beside the one it takes over from."""

MAX_CONNECTIONS = 4096
"""Of all workers. One that is idle takes some kilobytes and is closed after 30 seconds; while as many are
open, nobody else is let in."""

FILES_BESIDE = 256
"""What a process may have open beside its connections."""

MAX_HEAD_BYTES = 64 * 1024
"""As much of a request's line and headers is kept in memory until they are complete."""

ORPHAN_CHECK_SECONDS = 1.0

DEATHS_A_MINUTE = 10
"""If so many workers die within a minute, the service ends with status 1: something is wrong."""


def serve(
    app: Flask,
    host: str,
    port: int,
    workers: int,
    *,
    is_quiet: bool = False,
    ends_with_terminal: bool = False,
) -> None:
    """Serve an app until Ctrl-C or SIGTERM; SIGHUP has the workers replaced.

    With ``ends_with_terminal``, SIGHUP ends it as well, which is sent when a terminal is closed.

    It was made once, in this process: the workers are forks of it, so they share the memory of all
    that is loaded and answer at once. Raises SetupError when the address is taken or not this
    machine's.
    """
    require_free(host, port)
    # A connection must not be in two processes.
    app.extensions["commentbox"].database.engine.dispose()
    server = Granian(
        f"{__name__}:serve",  # granian wants a name; what it loads is said below
        address=host,
        port=port,
        interface=Interfaces.RSGI,
        workers=workers,
        loop=Loops.asyncio,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(max_buffer_size=MAX_HEAD_BYTES),
        backpressure=_connections(workers),
        respawn_failed_workers=True,
        respawn_interval=RESPAWN_INTERVAL_SECONDS,
        workers_lifetime=WORKER_LIFETIME_SECONDS,
        workers_kill_timeout=WORKERS_KILL_TIMEOUT_SECONDS,
        websockets=False,
        log_level=LogLevels.warning if is_quiet else LogLevels.info,
    )
    server.respawned_wrks = _Replacements()
    # From here on there is nothing to wait long for: a signal is only noted, until granian listens.
    for number in _ending_signals(ends_with_terminal):
        signal.signal(number, _note)
    server.on_startup(_repeat_noted_signal)
    if ends_with_terminal:
        end = server.signal_handler_interrupt
        server.on_startup(partial(signal.signal, signal.SIGHUP, end))
    server.main_loop_interrupt = _Wake(lambda: server.interrupt_signal)  # type: ignore[assignment]
    # A fork inherits the master's handler, which would only tell the worker's copy of the master;
    # the worker's own comes once its app is there.
    os.register_at_fork(after_in_child=partial(signal.signal, signal.SIGTERM, signal.SIG_DFL))
    # What is there by now is shared with the workers for as long as nobody writes to it.
    configure_mappers()
    gc.collect()
    gc.freeze()
    try:
        with tempfile.TemporaryFile() as turn:  # at the outbox; the workers inherit it
            loader = partial(_app_of_worker, app, host, port, turn, os.getpid())
            server.serve(target_loader=loader, wrap_loader=False)
    except SystemExit:
        # A worker that ended before it was told to is no failure when all were to end.
        if not server.interrupt_signal:
            raise


def _connections(workers: int) -> int:
    """Return how many connections each worker may have open, and let it open as many files.

    Many systems let a process open 1024 unless it asks for more.
    """
    wanted = MAX_CONNECTIONS // workers
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    allowed = math.inf if hard == resource.RLIM_INFINITY else hard
    files = int(min(wanted + FILES_BESIDE, allowed))
    if soft != resource.RLIM_INFINITY and soft < files:
        resource.setrlimit(resource.RLIMIT_NOFILE, (files, hard))
    return max(1, files - FILES_BESIDE)


def _app_of_worker(
    app: Flask, host: str, port: int, turn: IO[bytes], master: int
) -> Callable[..., Any]:
    """Settle in as a worker process, in which granian calls this, and return its app."""
    os.setpgid(0, 0)  # Ctrl-C is for the master, which then tells its workers
    threading.Thread(target=_end_with, args=(master,), name="orphan check", daemon=True).start()
    work_in_turn(app, turn)
    dispatcher = Dispatcher(app.wsgi_app, host, port)
    _ask_before_the_loop(dispatcher)
    return dispatcher.__rsgi__


def _ask_before_the_loop(dispatcher: Dispatcher) -> None:
    """Let granian's thread that takes requests ask for an answer at once before it wakes the loop.

    To wake it costs more than all the rest of a prepared answer. No public name of granian's does
    this, hence the bounds of its version; without it all would be the same, but slower.
    """
    on_the_loop: Callable[..., Callable[[Any], None]] = _futures._cbsched_aioschedule

    def scheduling(loop: Any, context: Any, callback: Any) -> Callable[[Any], None]:
        schedule = on_the_loop(loop, context, callback)

        def take(request: Any) -> None:
            if not dispatcher.answers_at_once(request.scope, request.proto):
                schedule(request)

        return take

    _futures._cbsched_aioschedule = scheduling


@contextmanager
def ended_by_signals(*, ends_with_terminal: bool = False) -> Iterator[None]:
    """Let SIGTERM and Ctrl-C end the block in order, with status 0, before the server listens itself.

    So does SIGHUP with ``ends_with_terminal``; else it does nothing, for there are no workers yet.
    """
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    endings = _ending_signals(ends_with_terminal)
    before = {number: signal.signal(number, _end) for number in endings}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _ending_signals(ends_with_terminal: bool) -> tuple[int, ...]:
    return (*ENDING_SIGNALS, signal.SIGHUP) if ends_with_terminal else ENDING_SIGNALS


def address_of(host: str, port: int) -> str:
    """Return where a server is reached, e.g. ``http://[::1]:8080``."""
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def require_free(host: str, port: int) -> None:
    """Raise SetupError unless the address can be listened on."""
    if not host:
        raise SetupError("The host is empty: name one with --host, e.g. 127.0.0.1.")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except (OSError, UnicodeError) as error:
            raise SetupError(
                "%(host)s, port %(port)s cannot be listened on (%(reason)s): "
                "choose another port with --port.",
                host=host,
                port=str(port),  # no amount: else it were 8,080
                reason=getattr(error, "strerror", None) or error,
            ) from error


class _Replacements(dict[int, float]):
    """When workers were replaced. granian asks, and ends all if one died within 5.5 s of it.

    Two that were killed in a row are no reason to end; so many within a minute are.
    """

    def __init__(self) -> None:
        super().__init__()
        self._deaths: deque[float] = deque(maxlen=DEATHS_A_MINUTE)

    def get(self, _worker: int, _default: float = 0.0) -> float:  # type: ignore[override]
        """Return when the worker that just died was replaced, as granian should see it."""
        now = time.monotonic()
        self._deaths.append(now)
        is_hopeless = len(self._deaths) == DEATHS_A_MINUTE and now - self._deaths[0] < 60
        return now if is_hopeless else -math.inf


class _Wake:
    """What granian's main loop waits for, set by signals and by the ends of workers.

    The loop forgets what woke it and then sees to it; that all are to end is never forgotten.
    """

    def __init__(self, is_to_end: Callable[[], bool]) -> None:
        self._is_to_end = is_to_end
        # Not an Event: a signal that meets its lock would wait for the very code that it interrupts.
        self._calls: SimpleQueue[None] = SimpleQueue()

    def set(self) -> None:
        """Wake the loop."""
        self._calls.put(None)

    def wait(self) -> None:
        """Return when somebody calls or has called."""
        self._calls.put(self._calls.get())

    def clear(self) -> None:
        """Forget who has called."""
        with suppress(Empty):
            while True:
                self._calls.get_nowait()
        if self._is_to_end():
            self.set()


_noted: set[int] = set()


def _note(number: int, _frame: FrameType | None) -> None:
    _noted.add(number)


def _end(number: int, frame: FrameType | None) -> None:
    # Where the signal meets a finalizer, Python prints the exception and goes on: so note it, too.
    _note(number, frame)
    # Who closes something at that moment would log it as a fault of what is closed.
    logging.disable()
    sys.exit(0)


def _repeat_noted_signal() -> None:
    """Tell granian, which listens by now, what was noted before it did."""
    if _noted:
        os.kill(os.getpid(), signal.SIGTERM)


def _end_with(master: int) -> None:
    """End this worker when its master is gone, killed perhaps: nobody else would."""
    while os.getppid() == master:
        time.sleep(ORPHAN_CHECK_SECONDS)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(WORKERS_KILL_TIMEOUT_SECONDS)
    os._exit(0)
