"""A real SMTP server under an address of its own, that keeps what it was given."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller

from tests.ports import free_port

PATIENCE_SECONDS = 120
"""A busy machine gets all the time that it needs."""


@dataclass
class MailServer:
    """What came in; ``refusals`` are said to the next recipients, e.g. ``"550 no such user"``.

    It takes a mail as soon as it may; ``brought`` are all that it was brought.
    """

    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)
    brought: int = 0
    may_take: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.may_take.set()

    @property
    def url(self) -> str:
        """Its address, e.g. ``smtp://127.0.0.1:40125``."""
        return f"smtp://127.0.0.1:{self.port}"

    async def handle_RCPT(  # noqa: N802
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        """Take a recipient, or say what the test wants said."""
        if self.refusals:
            return self.refusals.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        """Keep a mail."""
        self.brought += 1
        await asyncio.to_thread(self.may_take.wait)
        mail = message_from_bytes(envelope.content, policy=default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        return "250 OK"


@contextmanager
def taking_mail(**options: Any) -> Iterator[MailServer]:
    """Run a mail server while the block runs; the options are those of aiosmtpd's Controller."""
    server = MailServer(port=free_port())
    patience = {"ready_timeout": PATIENCE_SECONDS}
    controller = Controller(server, "127.0.0.1", server.port, **patience, **options)
    controller.start()
    try:
        yield server
    finally:
        server.may_take.set()
        controller.stop()
