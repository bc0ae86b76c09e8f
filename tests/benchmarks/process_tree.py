"""A server's whole process tree: what it costs in CPU time and memory, and how it is ended."""

import os
import signal
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep

TICK_SECONDS = 1 / os.sysconf("SC_CLK_TCK")
PATIENCE_SECONDS = 60


@dataclass(frozen=True)
class Tree:
    """A process and all its descendants."""

    root: int

    def pids(self) -> list[int]:
        """Return all process ids, the root first."""
        found = [self.root]
        for pid in found:
            for task in _tasks(pid):
                found += [int(child) for child in (task / "children").read_text().split()]
        return found

    def cpu_seconds(self) -> float:
        """Return user and system time of all, with that of descendants that have ended."""
        return sum(map(_cpu_ticks, self.pids())) * TICK_SECONDS

    def pss_mebibytes(self) -> float:
        """Return the memory of all, what several share counted once."""
        return sum(map(_pss_kibibytes, self.pids())) / 1024


@contextmanager
def running(
    command: Sequence[str], port: int, folder: Path, environ: Mapping[str, str] = {}
) -> Iterator[Tree]:
    """Run a server while the block runs, from when it listens."""
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(
            command, cwd=folder, env={**os.environ, **environ}, stdout=log, stderr=log
        )
    try:
        await_port(port, process)
        yield Tree(process.pid)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def await_quiet(tree: Tree) -> None:
    """Return once a server has done what it does at its start, so that no request is charged for it."""
    end = monotonic() + PATIENCE_SECONDS
    before = -1.0
    while (now := tree.cpu_seconds()) - before > 2 * TICK_SECONDS and monotonic() < end:
        before = now
        sleep(1)


def await_port(port: int, process: "subprocess.Popen[bytes]") -> None:
    """Return once somebody answers at the port."""
    import http.client

    end = monotonic() + PATIENCE_SECONDS
    while monotonic() < end:
        if process.poll() is not None:
            raise RuntimeError(f"{process.args} ended with status {process.returncode}")
        try:
            line = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
            line.request("GET", "/healthz")
            line.getresponse().read()
            line.close()
            return
        except OSError:
            sleep(0.01)
    raise RuntimeError(f"{process.args} does not answer")


def _tasks(pid: int) -> list[Path]:
    try:
        return list(Path(f"/proc/{pid}/task").iterdir())
    except FileNotFoundError:
        return []


def _cpu_ticks(pid: int) -> int:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except FileNotFoundError:
        return 0
    return sum(map(int, fields[11:15]))


def _pss_kibibytes(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
