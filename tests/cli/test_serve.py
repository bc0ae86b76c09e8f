"""The servers as processes: they answer, they end when told to, and they leave nothing behind."""

import json
import os
import re
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from commentbox.server import require_free
from tests.ports import free_port

ROOT = Path(__file__).parents[2]
COMMAND = [sys.executable, "-c", "from commentbox.cli import main; main()"]
DEADLINE_SECONDS = 60


def test_serve_answers_until_it_is_told_to_end(tmp_path: Path) -> None:
    port = free_port()
    with started(["serve", "--port", str(port)], tmp_path) as server:
        answer = server.get(f"http://127.0.0.1:{port}/healthz")
        assert json.loads(answer) == {"status": "ok"}
        server.tell(signal.SIGTERM)
    require_free("127.0.0.1", port)
    assert (tmp_path / "data" / "commentbox.sqlite3").exists()


def test_serve_with_several_workers_ends_them_all(tmp_path: Path) -> None:
    port = free_port()
    with started(["serve", "--port", str(port), "--workers", "2"], tmp_path) as server:
        assert json.loads(server.get(f"http://127.0.0.1:{port}/readyz")) == {"status": "ready"}
        server.tell(signal.SIGTERM)
    require_free("127.0.0.1", port)


def test_demo_shows_a_blog_and_its_comments_until_ctrl_c(tmp_path: Path) -> None:
    port = two_free_ports()
    with started(["demo", "--port", str(port)], tmp_path) as server:
        server.get(f"http://127.0.0.1:{port}/healthz")
        blog = server.get(f"http://127.0.0.1:{port + 1}/")
        assert "<html" in blog
        server.tell(signal.SIGINT)
    shown = server.said()
    urls = re.findall(r"http://127\.0\.0\.1:(\d+)/\S*", shown)
    assert {int(number) for number in urls} == {port, port + 1}
    assert "/dashboard/" in shown
    assert re.search(r"Sign in as \S+@\S+ with the password \S+", shown)
    for number in (port, port + 1):
        require_free("127.0.0.1", number)


@dataclass
class Server:
    """A command that runs until it is told to end, with all processes it has started."""

    process: subprocess.Popen[str]
    output: Path

    def get(self, url: str) -> str:
        """Return what an address answers, as soon as it does."""
        end = monotonic() + DEADLINE_SECONDS
        while True:
            try:
                with urllib.request.urlopen(url, timeout=DEADLINE_SECONDS) as answer:
                    body: str = answer.read().decode()
                    return body
            except urllib.error.URLError:
                assert not self.has_ended_within(0.05), self.said()
                assert monotonic() < end, self.said()

    def tell(self, number: signal.Signals) -> None:
        """Send a signal as a terminal does for Ctrl-C, a process manager for the end."""
        os.kill(self.process.pid, number)
        assert self.process.wait(DEADLINE_SECONDS) == 0, self.said()

    def has_ended_within(self, seconds: float) -> bool:
        """Whether the process has ended by itself."""
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    def said(self) -> str:
        """Return all that it wrote."""
        return self.output.read_text(encoding="utf-8")

    def is_running(self) -> bool:
        """Whether anything that it started still runs."""
        try:
            os.killpg(self.process.pid, 0)
        except ProcessLookupError:
            return False
        return True


@contextmanager
def started(arguments: list[str], folder: Path) -> Iterator[Server]:
    """Run a command in a group of processes of its own; when the block ends, nothing of it runs."""
    output = folder / "output"
    settings = {"COMMENTBOX_DATA_DIR": str(folder / "data"), "PYTHONPATH": str(ROOT)}
    with output.open("w", encoding="utf-8") as file:
        process = subprocess.Popen(
            [*COMMAND, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=folder,
            env=os.environ | settings,
            start_new_session=True,
        )
    server = Server(process, output)
    try:
        yield server
        assert not server.is_running(), "a process was left behind"
    finally:
        if server.is_running():
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def two_free_ports() -> int:
    """Return a port that is free, as the one after it is."""
    while True:
        port = free_port()
        try:
            require_free("127.0.0.1", port + 1)
        except Exception:  # taken, or beyond the last one
            continue
        return port
