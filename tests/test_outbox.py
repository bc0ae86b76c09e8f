"""The outbox at work in a server's workers."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from commentbox import create_app
from commentbox.actions.endpoints import Wish, add_endpoint
from commentbox.actions.sites import add_site
from commentbox.outbound import Client
from tests.factories import WRITTEN_AT, write
from tests.grounds import DEADLINE_SECONDS, eventually
from tests.ports import free_port
from tests.processes import ROOT
from tests.receivers import receiving

RUN: Any = {"capture_output": True, "text": True, "cwd": ROOT, "timeout": DEADLINE_SECONDS}
SERVE = "from commentbox.cli import main; main()"

WORKER = """
import os, sys, tempfile, threading, time
from commentbox import outbox

outbox.LOOKS_EVERY_SECONDS = 0.01
turn = tempfile.TemporaryFile()

def say(word):
    print(word, flush=True)
"""

STUMBLES = (
    WORKER
    + """
class Worker:
    tries, works, stops = 0, threading.Event(), threading.Event()

    def run(self):
        self.tries += 1
        if self.tries == 1:
            say("stumbles")
            raise RuntimeError
        say("works")
        self.works.set()
        assert self.stops.wait(60)

    def stop(self):
        say("stops")
        self.stops.set()

outbox.worker_of = lambda _app: Worker()
outbox.work_in_turn(None, turn)
assert Worker.works.wait(60)
"""
)

IN_TURN = (
    WORKER
    + """
class Worker:
    works, stops = threading.Event(), threading.Event()

    def run(self):
        say("second" if is_second else "first")
        self.works.set()
        assert self.stops.wait(60)

    def stop(self):
        self.stops.set()

def lock(*arguments):
    try:
        lockf(*arguments)
    except BlockingIOError:
        os.write(refused[1], b"!")
        raise

begun, refused = os.pipe(), os.pipe()
lockf, outbox.fcntl.lockf = outbox.fcntl.lockf, lock
outbox.worker_of = lambda _app: Worker()
if is_second := not os.fork():
    os.read(begun[0], 1)
outbox.work_in_turn(None, turn)
assert Worker.works.wait(60)
if not is_second:
    os.write(begun[1], b"!")
    os.read(refused[0], 1)  # now our turn may end
"""
)


@pytest.mark.servers
def test_a_server_delivers_and_goes_on_whichever_worker_is_killed(
    sqlite_url: str, tmp_path: Path
) -> None:
    settings = {
        "COMMENTBOX_DATABASE_URL": sqlite_url,
        "COMMENTBOX_DATA_DIR": str(tmp_path),
        "COMMENTBOX_ALLOW_PRIVATE_WEBHOOKS": "on",
    }
    app = create_app(settings)
    command = [sys.executable, "-c", SERVE, "serve", "--workers", "2", "--port", str(free_port())]
    with receiving() as receiver, app.app_context():
        site = add_site("blog", ["https://blog.example"])
        wish = Wish(receiver.url, ("comment.posted",))
        add_endpoint(site.key, wish, Client(allows_private=True), WRITTEN_AT)
        server = subprocess.Popen(command, env=os.environ | settings, cwd=ROOT)
        try:
            write(site)
            assert eventually(lambda: len(receiver.received) == 1)
            # One of the two delivers, nobody can tell which.
            for number, worker in enumerate(workers_of(server.pid), 2):
                os.kill(worker, signal.SIGKILL)
                write(site)
                assert eventually(lambda number=number: len(receiver.received) == number)
        finally:
            server.terminate()
            assert server.wait() == 0
    app.extensions["commentbox"].database.engine.dispose()


def workers_of(server: int) -> list[int]:
    """Return the two workers of a server."""
    listed = Path(f"/proc/{server}/task/{server}/children")
    assert eventually(lambda: len(listed.read_text().split()) == 2)
    return [int(pid) for pid in listed.read_text().split()]


def test_an_outbox_that_stumbles_begins_anew_and_ends_with_its_process() -> None:
    done = subprocess.run([sys.executable, "-c", STUMBLES], **RUN)
    assert (done.returncode, done.stdout.split()) == (0, ["stumbles", "works", "stops"])
    assert "The outbox stopped and begins anew." in done.stderr


def test_one_process_at_a_time_has_the_turn() -> None:
    done = subprocess.run([sys.executable, "-c", IN_TURN], **RUN)
    assert (done.returncode, done.stdout.split()) == (0, ["first", "second"]), done.stderr
