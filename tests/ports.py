"""Ports for the servers that tests start."""

import secrets
import socket
from contextlib import suppress

FIRST, LAST = 10_000, 30_000
"""Systems give outgoing connections ports beyond these, so none takes one that is to be used soon."""


def free_port() -> int:
    """Return a TCP port of 127.0.0.1 that nobody listens on."""
    while True:
        port = FIRST + secrets.randbelow(LAST - FIRST)
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port
