"""Imports by upload, kept in files: what was sent, how far it is, and who works on it.

Every process of a machine shares the folder. Who works on a run holds a lock that the operating
system takes back when the process ends, however it ends: so no run is worked on twice, and one
whose process was killed is seen to have stopped.
"""

import json
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from time import monotonic, sleep
from typing import Any, BinaryIO

from werkzeug.datastructures import FileStorage

from commentbox.errors import Unavailable
from commentbox.models import Site
from commentbox.web.engine import current_engine

try:
    import fcntl
except ImportError:  # Windows, where people try things out: nobody serves from there
    fcntl = None  # type: ignore[assignment]

MAX_UPLOAD_MEGABYTES = 64
KEPT_SECONDS = 24 * 60 * 60
BEGINS_WITHIN_SECONDS = 5
"""From the word to begin until the work has begun: no lock is held yet."""

WORKER_PATIENCE_SECONDS = 1.0
LOOKS_EVERY_SECONDS = 0.02

_TOKEN = re.compile("[0-9a-f]{32}")

State = dict[str, Any]


class Stage(StrEnum):
    """Where a run is."""

    TRYING = "trying"  # the dry run
    TRIED = "tried"
    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"  # before its end; it can go on
    REFUSED = "refused"  # the file is nothing that can be imported


WORKING = frozenset({Stage.TRYING, Stage.RUNNING})
STARTABLE = frozenset({Stage.TRIED, Stage.STOPPED})


@dataclass(frozen=True)
class Run:
    """One upload, in files below a site's folder."""

    folder: Path
    token: str

    @property
    def upload(self) -> Path:
        """The file that was sent."""
        return self.folder / f"{self.token}.upload"

    def state(self, now: datetime) -> State:
        """Return what is known of the run; nothing where there is none."""
        path = self._path("json")
        try:
            state: State = json.loads(path.read_text(encoding="utf-8"))
            age = now.timestamp() - path.stat().st_mtime
        except (OSError, ValueError):
            return {}
        if state.get("stage") in WORKING and age > BEGINS_WITHIN_SECONDS and not self._is_held():
            return state | {"stage": Stage.STOPPED}
        return state

    def keep(self, state: State) -> None:
        """Write down what is known."""
        draft = self._path(f"{secrets.token_hex(4)}.part")
        draft.write_text(json.dumps(state), encoding="utf-8")
        draft.replace(self._path("json"))

    @contextmanager
    def held(self, patience_seconds: float = 0) -> Iterator[bool]:
        """Work on the run: yields whether nobody else does.

        Who only looks whether somebody works holds the lock for a moment, too: who means to work
        has the patience to wait for that.
        """
        with self._path("lock").open("ab") as file:
            end = monotonic() + patience_seconds
            while not (is_mine := _lock(file)) and monotonic() < end:
                sleep(LOOKS_EVERY_SECONDS)
            yield is_mine

    def _is_held(self) -> bool:
        with self.held() as is_mine:
            return not is_mine

    def _path(self, ending: str) -> Path:
        return self.folder / f"{self.token}.{ending}"


class NoRoom(Unavailable):
    """What was sent cannot be kept: the disk is full, or nobody may write there."""

    message = "The file cannot be kept: is there room left on the disk of the service?"


def new_run(folder: Path, sent: FileStorage, now: datetime) -> Run:
    """Keep a file that was sent, for a day at most. Raises NoRoom."""
    run = Run(folder, secrets.token_hex(16))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        forget_old(folder, now)
        sent.save(run.upload)
        run.upload.chmod(0o600)
    except OSError as error:
        with suppress(OSError):
            run.upload.unlink(missing_ok=True)
        raise NoRoom from error
    return run


def run_named(folder: Path, token: str) -> Run | None:
    """Return a run by its token; None for what cannot be one."""
    return Run(folder, token) if _TOKEN.fullmatch(token) else None


def _lock(file: BinaryIO) -> bool:
    if fcntl is None:
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def folder_of(site: Site) -> Path:
    """Return where a site's imports are kept."""
    return current_engine().settings.data_dir / "imports" / site.key


def forget_old(folder: Path, now: datetime, after_seconds: int = KEPT_SECONDS) -> None:
    """Delete what nobody came back for, or works on: uploads hold addresses."""
    for upload in folder.glob("*.upload"):
        if _age_seconds(upload, now) <= after_seconds:
            continue  # not even asked for its lock: who begins just now would find it held
        with Run(folder, upload.stem).held() as is_mine:
            if is_mine:
                upload.unlink(missing_ok=True)
    for path in folder.glob("*"):
        if path.suffix != ".upload" and _age_seconds(path, now) > KEPT_SECONDS:
            path.unlink(missing_ok=True)


def _age_seconds(path: Path, now: datetime) -> float:
    """Return how long ago a file was written; no time for one that somebody took away just now."""
    try:
        return now.timestamp() - path.stat().st_mtime
    except FileNotFoundError:
        return 0.0
