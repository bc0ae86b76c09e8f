"""The production server: granian with worker processes that serve the app, and one for the outbox."""

import os
import socket
from collections.abc import Mapping

from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from commentbox.errors import SetupError
from commentbox.outbox import working_beside

BLOCKING_THREADS = 32
"""Per worker, started when needed: who sends a request slowly keeps one of them waiting."""

WORKERS_KILL_TIMEOUT_SECONDS = 5
"""A worker that has not ended by then is killed, so that stopping never hangs."""


def serve(
    host: str, port: int, workers: int, environ: Mapping[str, str], *, is_quiet: bool = False
) -> None:
    """Serve until Ctrl-C or SIGTERM; ``environ`` holds settings for the workers.

    Raises SetupError when the address is taken or not this machine's.
    """
    require_free(host, port)
    os.environ.update(environ)
    granian = Granian(
        "commentbox:create_app",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        factory=True,
        workers=workers,
        blocking_threads=BLOCKING_THREADS,
        respawn_failed_workers=True,
        workers_kill_timeout=WORKERS_KILL_TIMEOUT_SECONDS,
        websockets=False,
        log_level=LogLevels.warning if is_quiet else LogLevels.info,
    )
    with working_beside(environ):
        granian.serve()


def require_free(host: str, port: int) -> None:
    """Raise SetupError unless the address can be listened on."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise SetupError(
                "%(host)s, port %(port)s cannot be listened on (%(reason)s): "
                "choose another port with --port.",
                host=host,
                port=port,
                reason=error.strerror or error,
            ) from error
