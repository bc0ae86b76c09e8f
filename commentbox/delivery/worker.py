"""The worker: fans new events out, claims what is due, has it sent, and writes down what came of it.

Every step is a short transaction of its own, and the network is outside of all of them: whenever the
process is killed, the rows say what remains to be done.
"""

import logging
import threading
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from queue import Empty, SimpleQueue
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.exc import DataError, IntegrityError, ProgrammingError, SQLAlchemyError

from commentbox import clock
from commentbox.db import atomic, session
from commentbox.delivery.bell import Bell, hearing
from commentbox.delivery.fanout import BATCH, Notify, fan_out, has_endpoints, has_new_events
from commentbox.delivery.lanes import Lanes
from commentbox.delivery.prune import prune
from commentbox.delivery.track import Track
from commentbox.errors import CommentboxError
from commentbox.models.outgoing import LEASE

logger = logging.getLogger("commentbox.delivery")

LONGEST_WAIT = timedelta(seconds=5)
"""What no bell told of, such as a replay on PostgreSQL, is found after that."""

SHORTEST_WAIT = timedelta(seconds=0.5)
"""When something is due and cannot be taken: another worker holds it, or all lanes are full."""

RENEWED_EVERY = LEASE / 3
"""A worker that is held up for as long once, or twice, still holds what it has claimed."""

PRUNED_EVERY = timedelta(minutes=10)
AFTER_TROUBLE = timedelta(seconds=2)


@dataclass
class _Line:
    """A track with what is under way on it and what has come back and is not written down yet."""

    track: Track[Any, Any]
    busy: list[Any] = field(default_factory=list)
    came_back: "SimpleQueue[tuple[Any, Any]]" = field(default_factory=SimpleQueue)
    unwritten: list[Any] = field(default_factory=list)
    renewed_at: datetime | None = None  # when the oldest claim of those busy began to hold

    @property
    def free(self) -> int:
        """How many more attempts may be under way."""
        return self.track.lanes - len(self.busy)

    def take_results(self) -> list[Any]:
        """Return what came back, also what could not be written down last time."""
        while True:
            try:
                job, result = self.came_back.get_nowait()
            except Empty:
                return self.unwritten
            self.busy.remove(job)
            if result is not None:
                self.unwritten.append(result)


class Worker:
    """Works until told to stop. Any number of them may run, in any processes, on one database.

    ``context`` opens an application context, e.g. ``app.app_context``.
    """

    def __init__(
        self,
        context: Callable[[], AbstractContextManager[Any]],
        engine: Engine,
        tracks: Sequence[Track[Any, Any]],
        now: Callable[[], datetime] = clock.now,
        notify: Notify | None = None,
    ) -> None:
        self._context, self._engine, self._now = context, engine, now
        self._notify = notify
        self._lines = [_Line(track) for track in tracks]
        self._lanes, self._bell = Lanes(), Bell()
        self._is_over = threading.Event()
        self._pruned_at: datetime | None = None
        self._fanned_out_at: datetime | None = None

    def run(self) -> None:
        """Work until told to stop; then write down what has come back, and return."""
        with hearing(self._engine, self._bell):
            while not self._is_over.is_set():
                self._bell.wait(self._turn().total_seconds())
            self._turn(is_last=True)
        self._lanes.close()

    def stop(self) -> None:
        """Let ``run`` come to its end; may be called from a signal or another thread."""
        self._is_over.set()
        self._bell.ring()

    def _turn(self, *, is_last: bool = False) -> timedelta:
        """Do what there is to do, and return how long nothing else will be due."""
        try:
            with self._context():
                self._note()
                return timedelta(0) if is_last else self._forward()
        except SQLAlchemyError as error:
            # What readers typed could stand in it, so the traceback stays out of the log.
            logger.error("The database refused the outbox: %s", getattr(error, "orig", error))
            return AFTER_TROUBLE
        except Exception:  # a worker that dies of one bad row would lose all the others
            logger.exception("The outbox stumbled.")
            return AFTER_TROUBLE

    def _note(self) -> None:
        for line in self._lines:
            if results := line.take_results():
                try:
                    self._write_down(line, results)
                except Exception as error:
                    if not _is_of_a_result(error):
                        raise
                    self._write_down_each(line, results)
                line.unwritten.clear()

    def _write_down(self, line: _Line, results: Sequence[Any]) -> None:
        with atomic() as current:
            line.track.note(current, results, self._now())

    def _write_down_each(self, line: _Line, results: Sequence[Any]) -> None:
        """Pass over a result that cannot be written down: it would hold up all that follow."""
        for result in list(results):
            try:
                self._write_down(line, [result])
            except Exception as error:
                if not _is_of_a_result(error):
                    raise
                # Not the traceback: what readers typed could stand in it.
                logger.error("A result cannot be written down: %s", type(error).__name__)
            line.unwritten.remove(result)

    def _forward(self) -> timedelta:
        at = self._now()
        for line in self._lines:
            self._renew(line, at)
        self._prune(at)
        if self._is_fanning_out(at) and has_new_events(session()):
            with atomic() as current:
                if fan_out(current, at, self._notify) == BATCH:
                    return timedelta(0)
            self._fanned_out_at = at
        waits = [self._claim(line, at) for line in self._lines]
        return min([LONGEST_WAIT, *waits])

    def _is_fanning_out(self, at: datetime) -> bool:
        """Whether new events are looked for: at once, unless there is nobody who could be told."""
        is_due = self._fanned_out_at is None or at >= self._fanned_out_at + LONGEST_WAIT
        return is_due or self._notify is not None or has_endpoints(session())

    def _renew(self, line: _Line, at: datetime) -> None:
        """Hold what is under way, however long its receiver takes: no other worker shall send it, too."""
        if line.busy and line.renewed_at and at >= line.renewed_at + RENEWED_EVERY:
            with atomic() as current:
                line.track.renew(current, line.busy, at)
            line.renewed_at = at

    def _claim(self, line: _Line, at: datetime) -> timedelta:
        due_at = line.track.next_due_at(session())
        if due_at is None:
            return LONGEST_WAIT
        if due_at > at:
            return due_at - at
        if line.free <= 0:
            return SHORTEST_WAIT  # the bell rings earlier, when a lane gets free
        with atomic() as current:
            jobs = line.track.claim(current, at, line.free, line.busy)
        if not line.busy:
            line.renewed_at = at
        for job in jobs:
            line.busy.append(job)
            self._lanes.run(partial(_attempt, line, job, self._bell))
        return timedelta(0) if jobs else SHORTEST_WAIT

    def _prune(self, at: datetime) -> None:
        if self._pruned_at is None or at >= self._pruned_at + PRUNED_EVERY:
            self._pruned_at = at
            with atomic() as current:
                prune(current, at)


def _is_of_a_result(error: Exception) -> bool:
    """Whether one result is to blame; a database that is locked, full or away has them all wait."""
    if isinstance(error, SQLAlchemyError | CommentboxError):
        return isinstance(error, DataError | IntegrityError | ProgrammingError)
    return True


def _attempt(line: _Line, job: Any, bell: Bell) -> None:
    try:
        result = line.track.attempt(job)
    except Exception:  # a bug in one shape must not take a lane with it: the lease runs out
        logger.exception("An attempt stumbled.")
        result = None
    line.came_back.put((job, result))
    bell.ring()
