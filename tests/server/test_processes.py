"""``commentbox serve`` as processes: it starts, ends in order at any moment, and mends itself."""

import http.client
import json
import os
import resource
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from commentbox import clock, create_app, server
from commentbox.actions.sites import add_site
from tests.grounds import eventually
from tests.ports import free_port

pytestmark = pytest.mark.servers

COMMAND = Path(sys.executable).with_name("commentbox")

TOLD = {"PYTHONFAULTHANDLER": "1"}
"""A process that Python itself brings down says so in its log."""

PATIENCE_SECONDS = 120
"""Nothing is measured here: a busy machine gets all the time it needs."""


@dataclass(frozen=True)
class Service:
    """A running ``commentbox serve``."""

    process: "subprocess.Popen[bytes]"
    port: int
    log: Path

    def answers(self) -> bool:
        """Whether somebody listens and is in good health."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_SECONDS)
        try:
            line.request("GET", "/readyz")
            return line.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            line.close()

    def workers(self) -> set[int]:
        """Return the process ids of all that it started."""
        found: set[int] = set()
        with suppress(OSError):
            for task in Path(f"/proc/{self.process.pid}/task").iterdir():
                found |= {int(pid) for pid in (task / "children").read_text().split()}
        return found

    def says(self, words: str) -> bool:
        """Whether the log holds these words."""
        return words in self.log.read_text()

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Send a signal and return the status it ends with."""
        self.process.send_signal(number)
        return self.process.wait(PATIENCE_SECONDS)


@pytest.fixture
def start_service(sqlite_url: str, tmp_path: Path) -> Iterator[Callable[..., Service]]:
    """Return a function that starts the service, e.g. ``start_service("--workers", "2")``."""
    started: list[Service] = []

    def start(*arguments: str, command: tuple[str, ...] = (str(COMMAND), "serve")) -> Service:
        port, log = free_port(), tmp_path / f"log-{len(started)}"
        settings = {"COMMENTBOX_DATA_DIR": str(tmp_path), "COMMENTBOX_DATABASE_URL": sqlite_url}
        command = (*command, "--port", str(port), *arguments)
        with log.open("wb") as output:
            process = subprocess.Popen(
                command, stdout=output, stderr=output, env=os.environ | settings | TOLD
            )
        started.append(Service(process, port, log))
        return started[-1]

    yield start
    for service in started:
        left = service.workers()
        for pid in {service.process.pid, *left}:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        service.process.wait()


def at_last(is_so: Callable[[], bool]) -> bool:
    """Whether something becomes so before all patience is gone."""
    return eventually(is_so, PATIENCE_SECONDS)


def is_alive(pid: int) -> bool:
    """Whether a process runs; one that has ended and waits for its parent does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["TERM", "Ctrl-C"])
def test_it_ends_in_order_and_leaves_nobody_behind(
    start_service: Callable[..., Service], number: int
):
    service = start_service("--workers", "2")
    assert at_last(service.answers), service.log.read_text()
    assert len(service.workers()) == 2
    workers = service.workers()
    assert service.stop(number) == 0, service.log.read_text()
    assert at_last(lambda: not any(map(is_alive, workers)))
    assert not service.says("Traceback")


@pytest.mark.parametrize(
    "moment",
    [
        "commentbox serves",
        "Starting granian",
        "Listening at",
        "Spawning worker-1",
        "Started worker-1",
    ],
)
def test_it_ends_in_order_while_it_starts(start_service: Callable[..., Service], moment: str):
    service = start_service()
    assert at_last(lambda: service.says(moment)), service.log.read_text()
    workers = service.workers()
    assert service.stop() == 0, service.log.read_text()
    assert at_last(lambda: not any(map(is_alive, workers)))
    assert not service.says("Traceback"), service.log.read_text()


def test_a_call_for_new_workers_does_not_end_it_before_there_are_any(
    start_service: Callable[..., Service],
):
    service = start_service()
    assert at_last(lambda: service.says("commentbox serves")), service.log.read_text()
    service.process.send_signal(signal.SIGHUP)
    assert at_last(service.answers), service.log.read_text()
    assert service.stop() == 0, service.log.read_text()


def test_an_end_that_is_told_while_workers_are_replaced_is_not_forgotten():
    ends: list[int] = []
    wake = server._Wake(lambda: bool(ends))
    wake.set()
    wake.clear()
    assert wake._calls.empty()
    ends.append(signal.SIGTERM)
    wake.clear()  # of what it was woken by before
    wake.wait()
    wake.wait()


def test_a_worker_that_was_killed_comes_back_also_the_third_time(
    start_service: Callable[..., Service],
):
    service = start_service()
    old: set[int] = set()
    for _ in range(3):
        assert at_last(lambda: bool(service.workers() - old)), service.log.read_text()
        assert at_last(service.answers), service.log.read_text()
        (new,) = service.workers()
        old.add(new)
        os.kill(new, signal.SIGKILL)
    assert at_last(lambda: bool(service.workers() - old)), service.log.read_text()
    assert at_last(service.answers), service.log.read_text()
    assert service.stop() == 0


def test_what_is_posted_is_read_in_the_next_answer(
    start_service: Callable[..., Service], sqlite_url: str, tmp_path: Path
):
    service, comment = blog_of(start_service, sqlite_url, tmp_path)
    line = http.client.HTTPConnection("127.0.0.1", service.port, timeout=PATIENCE_SECONDS)
    for number in range(3):
        for _ in range(2):  # the second one is prepared
            shown = asked(line, "GET", "/embed/blog/thread?page=/post")
            assert shown.status == 200
            assert shown.read().count(b"<article") == number
        posted = asked(line, "POST", COMMENTS, comment(f"Thought {number}"), JSON)
        assert posted.status == 201
        posted.read()
    line.close()
    assert service.stop() == 0, service.log.read_text()
    assert not service.says("Fatal Python error"), service.log.read_text()


def test_a_stop_waits_for_a_comment_that_is_being_sent(
    start_service: Callable[..., Service], sqlite_url: str, tmp_path: Path
):
    service, comment = blog_of(start_service, sqlite_url, tmp_path)
    words = comment("Sent slowly")
    head = f"POST {COMMENTS} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(words)}\r\n"
    head += "".join(f"{name}: {value}\r\n" for name, value in JSON.items())
    with socket.create_connection(("127.0.0.1", service.port), PATIENCE_SECONDS) as line:
        line.sendall(f"{head}\r\n".encode() + words[:10])
        assert service.answers()  # so the request has arrived
        service.process.send_signal(signal.SIGTERM)
        assert at_last(lambda: service.says("Stopping worker-1")), service.log.read_text()
        line.sendall(words[10:])
        assert line.recv(1000).startswith(b"HTTP/1.1 201")
    assert service.process.wait(PATIENCE_SECONDS) == 0, service.log.read_text()


def test_a_comment_that_breaks_off_is_not_taken_for_whole(
    start_service: Callable[..., Service], sqlite_url: str, tmp_path: Path
):
    service, comment = blog_of(start_service, sqlite_url, tmp_path)
    head = f"POST {COMMENTS} HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n"
    head += "".join(f"{name}: {value}\r\n" for name, value in JSON.items())
    words = comment("A whole one")
    sent = f"{head}\r\n{len(words):x}\r\n".encode() + words + b"\r\n"
    with socket.create_connection(("127.0.0.1", service.port), PATIENCE_SECONDS) as line:
        line.sendall(sent)
        line.shutdown(socket.SHUT_WR)
        assert line.recv(1000).startswith(b"HTTP/1.1 400")
    with socket.create_connection(("127.0.0.1", service.port), PATIENCE_SECONDS) as line:
        line.sendall(sent + b"0\r\n\r\n")
        assert line.recv(1000).startswith(b"HTTP/1.1 201")
    assert service.stop() == 0, service.log.read_text()


COMMENTS = "/api/v1/sites/blog/comments"
JSON = {"Content-Type": "application/json", "Origin": "https://blog.example"}


def blog_of(
    start_service: Callable[..., Service], sqlite_url: str, tmp_path: Path
) -> tuple[Service, Callable[[str], bytes]]:
    """Start the service of a blog, and return it with a function that puts a comment as JSON."""
    app = create_app({"COMMENTBOX_DATABASE_URL": sqlite_url, "COMMENTBOX_DATA_DIR": str(tmp_path)})
    with app.app_context():
        site = add_site("blog", ["https://blog.example"])
        opened_at = clock.now() - timedelta(minutes=1)
        ticket = app.extensions["commentbox"].signatures.ticket(site, opened_at)
    app.extensions["commentbox"].database.engine.dispose()
    service = start_service()
    assert at_last(service.answers), service.log.read_text()
    return service, lambda text: json.dumps(
        {"page": "/post", "text": text, "ticket": ticket}
    ).encode()


def asked(line: http.client.HTTPConnection, *request: Any) -> http.client.HTTPResponse:
    """Send a request and return its answer."""
    line.request(*request)
    return line.getresponse()


def test_workers_are_replaced_without_a_gap(start_service: Callable[..., Service]):
    # SIGHUP goes the way of the daily replacement: a new worker serves before the old one ends.
    service = start_service()
    assert at_last(service.answers), service.log.read_text()
    old = service.workers()
    service.process.send_signal(signal.SIGHUP)
    refused = 0
    while not service.says("Stopped old worker-1"):
        refused += not service.answers()
        assert service.process.poll() is None, service.log.read_text()
    assert not refused
    assert old.isdisjoint(service.workers())
    assert service.answers()
    assert service.stop() == 0


def test_workers_end_when_their_master_was_killed(start_service: Callable[..., Service]):
    service = start_service("--workers", "2")
    assert at_last(service.answers), service.log.read_text()
    workers = service.workers()
    service.stop(signal.SIGKILL)
    assert at_last(lambda: not any(map(is_alive, workers)))


LATE_WORKERS = """
import os, sys, time
from commentbox.cli import main

def wait():
    while os.getppid() == master:
        time.sleep(0.01)

master = os.getpid()
os.register_at_fork(after_in_child=wait)
sys.argv[1:1] = ["serve"]
main()
"""


def test_workers_end_whose_master_was_killed_before_they_began(
    start_service: Callable[..., Service],
):
    service = start_service(command=(sys.executable, "-c", LATE_WORKERS))
    assert at_last(lambda: bool(service.workers())), service.log.read_text()
    workers = service.workers()
    service.stop(signal.SIGKILL)
    assert at_last(lambda: not any(map(is_alive, workers)))


def test_many_idle_connections_keep_no_reader_out(start_service: Callable[..., Service]):
    many = 1500
    service = start_service(command=("sh", "-c", f'ulimit -Sn 1024; exec {COMMAND} serve "$@"', ""))
    assert at_last(service.answers), service.log.read_text()
    (worker,) = service.workers()
    with ExitStack() as idle, room_for_files(2 * many):
        for _ in range(many):
            idle.enter_context(socket.create_connection(("127.0.0.1", service.port)))
        # All are let in before the first one is closed for saying nothing.
        assert at_last(lambda: len(os.listdir(f"/proc/{worker}/fd")) > many)
        assert service.answers()
    assert service.stop() == 0, service.log.read_text()


@contextmanager
def room_for_files(number: int) -> Iterator[None]:
    """Let this process open so many files while the block runs, if the system does."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(number, before[0]), before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


def test_a_demo_ends_with_its_terminal(start_service: Callable[..., Service]):
    service = start_service(command=(str(COMMAND), "demo"))
    assert at_last(service.answers), service.log.read_text()
    workers = service.workers()
    assert service.stop(signal.SIGHUP) == 0, service.log.read_text()
    assert at_last(lambda: not any(map(is_alive, workers)))
    assert not service.says("Traceback"), service.log.read_text()


def test_a_stop_waits_for_what_is_being_answered_and_not_for_who_keeps_a_line_open(
    start_service: Callable[..., Service],
):
    service = start_service()
    assert at_last(service.answers), service.log.read_text()
    line = http.client.HTTPConnection("127.0.0.1", service.port)
    line.request("GET", "/healthz")
    line.getresponse().read()
    assert service.stop() == 0, service.log.read_text()
    line.close()
