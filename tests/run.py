"""One run of the tests, over all its workers: what is made once, and stopped at the end."""

import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock

from tests import postgres, redis_server

SERVERS = (postgres, redis_server)


@dataclass(frozen=True)
class Run:
    """A folder that the workers of a run share; pytest's own keeps PostgreSQL's user out."""

    folder: Path

    @classmethod
    def begin(cls) -> "Run":
        """Make the folder of a new run."""
        return cls(Path(tempfile.mkdtemp(prefix="commentbox-tests-")))

    def once(self, name: str, make: Callable[[], str]) -> str:
        """Return what ``make`` returned to the first worker that asked for ``name``.

        The others wait for it. So a server starts when the first test needs it, and only once.
        """
        answer = self.folder / f"{name}.answer"
        with FileLock(self.folder / f"{name}.lock"):
            if not answer.exists():
                answer.write_text(make(), encoding="utf-8")
            return answer.read_text(encoding="utf-8")

    def end(self) -> None:
        """Stop the servers that were started, and leave nothing behind."""
        for server in SERVERS:
            server.stop(self.folder)
        shutil.rmtree(self.folder, ignore_errors=True)
