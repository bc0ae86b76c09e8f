"""Deliveries: how many a second, and that none is lost where receivers fail and workers are killed.

``python -m tests.benchmarks.delivery speed [--events 2000]`` counts events delivered per second by one
and by two workers on SQLite and PostgreSQL. ``… hostile [--events 10000] [--kills 20]`` lets a receiver
fail three times in ten, in every way, and kills the worker with -9 again and again; the waits of the
schedule are shortened, all else is as in service.
"""

import argparse
import gzip
import random
import socket
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from time import monotonic, sleep

import click
from flask import Flask
from sqlalchemy import func, insert, select
from standardwebhooks.webhooks import Webhook

from commentbox import clock, schema
from commentbox.actions.endpoints import Wish, add_endpoint
from commentbox.actions.sites import add_site
from commentbox.db import atomic, own_engine, session
from commentbox.models import Attempt, Delivery, Endpoint, Event
from commentbox.models.event import new_uid
from commentbox.outbound import Client
from tests import databases, postgres
from tests.factories import write
from tests.grounds import bare_app
from tests.processes import ROOT
from tests.receivers import Reply, drip, hang, reset, status

HARDEST_SECONDS = 500

WORKER = """
import sys
from datetime import timedelta
from commentbox.db import own_engine
from commentbox.delivery.backoff import SCHEDULE
from commentbox.delivery.webhooks import Webhooks
from commentbox.delivery.worker import Worker
from commentbox.outbound import Client
from tests.grounds import bare_app
url, timeout, faster = sys.argv[1], float(sys.argv[2]), float(sys.argv[3])
engine = own_engine(url)
schedule = [wait / faster for wait in SCHEDULE]
client = Client(allows_private=True, timeout=timedelta(seconds=timeout))
Worker(bare_app(engine).app_context, engine, [Webhooks(client, schedule)]).run()
"""


class Sink:
    """A receiver that keeps what arrived, and fails as often as told."""

    def __init__(self, failing: float) -> None:
        self.failing = failing
        self.bodies: dict[str, set[bytes]] = {}
        self.taken: set[str] = set()
        self.requests, self.doubles, self.wrong = 0, 0, 0
        self.failures: Counter[str] = Counter()
        self.secret = ""
        self._lock = threading.Lock()
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=512)
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}/hook"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            connection, _ = self._listening.accept()
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            self._answer(connection)

    def _answer(self, connection: socket.socket) -> None:
        stream = connection.makefile("rb")
        stream.readline()
        headers = {}
        while (line := stream.readline().strip()) != b"":
            name, _, value = line.decode("latin-1").partition(":")
            headers[name.lower()] = value.strip()
        body = stream.read(int(headers.get("content-length", "0")))
        if not headers:
            return
        uid = headers["webhook-id"]
        is_right = self._is_signed(headers, body)
        way = random.choice(list(WAYS)) if random.random() < self.failing else ""
        with self._lock:
            self.requests += 1
            self.wrong += not is_right
            self.bodies.setdefault(uid, set()).add(body)
            if way:
                self.failures[way] += 1
            else:
                self.doubles += uid in self.taken
                self.taken.add(uid)
        (WAYS[way] if way else status(204))(connection)

    def _is_signed(self, headers: dict[str, str], body: bytes) -> bool:
        if not self.secret:
            return True
        try:
            Webhook(self.secret).verify(body, headers)
        except Exception:
            return False
        return True


def huge(connection: socket.socket) -> None:
    """Fail with a body without end, until the other side leaves."""
    connection.sendall(b"HTTP/1.1 500 No\r\nContent-Length: 999999999\r\n\r\n")
    while True:
        connection.sendall(b"y" * 65536)


WAYS: dict[str, Reply] = {
    "500": status(500),
    "reset": reset,
    "hang": hang,
    "drip": drip,
    "redirect": status(302, location="http://127.0.0.1:1/"),
    "huge": huge,
    "compressed": status(500, gzip.compress(b"\0" * 10_000_000), content_encoding="gzip"),
}
"""Seven ways not to take a message."""


@contextmanager
def working(url: str, count: int, timeout: float, faster: float) -> Iterator[list["Keeper"]]:
    """Run some workers, each started again when it is killed."""
    keepers = [Keeper(url, timeout, faster) for _ in range(count)]
    yield keepers
    for keeper in keepers:
        keeper.end()


class Keeper:
    """One worker process."""

    def __init__(self, url: str, timeout: float, faster: float) -> None:
        self._command = [sys.executable, "-c", WORKER, url, str(timeout), str(faster)]
        self.start()

    def start(self) -> None:
        """Start it, or start it again."""
        self.process = subprocess.Popen(self._command, cwd=ROOT)

    def kill(self) -> None:
        """Kill it as a machine would that loses its power."""
        self.process.kill()
        self.process.wait()
        self.start()

    def end(self) -> None:
        """End it."""
        self.process.kill()
        self.process.wait()


def prepare(app: Flask, sink: Sink, events: int) -> None:
    """Write that many events of one comment for one endpoint."""
    with app.app_context():
        site = add_site("blog", ["https://blog.example"])
        comment = write(site)
        wish = Wish(sink.url, ("comment.reported",))
        endpoint = add_endpoint("blog", wish, Client(allows_private=True), clock.now())
        sink.secret = endpoint.secret
        now = clock.now()
        for first in range(0, events, 1000):
            rows = [
                {
                    "uid": new_uid(),
                    "type": "comment.reported",
                    "site_id": site.id,
                    "thread_id": comment.thread_id,
                    "comment_id": comment.id,
                    "facts": {"state": "published", "reason": f"number {number}"},
                    "happened_at": now,
                    "is_new": True,
                }
                for number in range(first, min(first + 1000, events))
            ]
            with atomic() as current:
                current.execute(insert(Event), rows)


def wait_for(
    app: Flask, events: int, deadline: float, between: Callable[[int], None] | None = None
) -> float:
    """Wait until that many deliveries have arrived, and return the seconds it took."""
    start = monotonic()
    while True:
        with app.app_context():
            arrived = session().scalar(
                select(func.count()).select_from(Delivery).where(Delivery.state == "delivered")
            )
        if arrived == events or monotonic() - start > deadline:
            return monotonic() - start
        if between is not None:
            between(arrived or 0)
        sleep(0.1)


def speed(events: int) -> None:
    """Print events per second."""
    for kind, url in urls():
        for workers in (1, 2):
            target = url()
            engine = own_engine(target)
            app, sink = bare_app(engine), Sink(0)
            prepare(app, sink, events)
            sink.secret = ""  # checking every signature would slow the receiver down
            with working(target, workers, 15, 1):
                while not sink.taken:  # what it takes to start is not measured
                    sleep(0.005)
                seconds = wait_for(app, events, HARDEST_SECONDS)
            click.echo(
                f"{kind}, {workers} worker(s): {len(sink.taken) / seconds:.0f} events/s, "
                f"{sink.doubles} doubles"
            )
            engine.dispose()


def hostile(events: int, kills: int) -> None:
    """Print what came of it."""
    ways = urls()
    _, url = next(ways)
    target = url()
    engine = own_engine(target)
    app, sink = bare_app(engine), Sink(0.3)
    prepare(app, sink, events)
    killed = 0
    with working(target, 1, 1.0, 2000) as keepers:
        last = monotonic()

        def between(_arrived: int) -> None:
            nonlocal killed, last
            if killed < kills and monotonic() - last > 4:
                keepers[0].kill()
                killed, last = killed + 1, monotonic()

        seconds = wait_for(app, events, HARDEST_SECONDS, between)
    with app.app_context():
        states = dict(
            session().execute(select(Delivery.state, func.count()).group_by(Delivery.state)).all()
        )
        attempts = session().scalar(select(func.count()).select_from(Attempt))
        disabled = session().scalars(select(Endpoint.disabled_because)).all()
    click.echo(f"{events} events, {seconds:.0f} s, killed {killed} times")
    click.echo(
        f"arrived: {len(sink.taken)} of {events}; in the database: {states}; endpoint: {disabled}"
    )
    click.echo(f"requests: {sink.requests}, attempts in the log: {attempts}")
    click.echo(f"failures served: {dict(sink.failures)}")
    click.echo(f"wrong signatures: {sink.wrong}")
    click.echo(f"ids with different bodies: {sum(len(b) > 1 for b in sink.bodies.values())}")
    click.echo(f"taken twice under the same id: {sink.doubles}")


def urls() -> Iterator[tuple[str, Callable[[], str]]]:
    """Give a way to a fresh database of each kind."""
    with tempfile.TemporaryDirectory() as folder:
        numbers = iter(range(1000))

        def sqlite() -> str:
            return databases.migrate_sqlite(Path(folder) / f"{next(numbers)}.sqlite3")

        yield "SQLite", sqlite
        server = postgres.start(Path(folder))

        def postgresql() -> str:
            url = databases.create_postgresql(server, f"bench_{next(numbers)}")
            engine = own_engine(url)
            schema.upgrade(engine)
            engine.dispose()
            return url

        try:
            yield "PostgreSQL", postgresql
        finally:
            postgres.stop(Path(folder))


def main() -> None:
    """Read what to measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["speed", "hostile"])
    parser.add_argument("--events", type=int, default=2000)
    parser.add_argument("--kills", type=int, default=20)
    asked = parser.parse_args()
    if asked.what == "speed":
        speed(asked.events)
    else:
        hostile(asked.events, asked.kills)


if __name__ == "__main__":
    main()
