"""What an answer costs that nothing is prepared for: ``python -m tests.benchmarks.cold [--against CHECKOUT]``.

Prints the CPU time of one request in the process that serves it, in milliseconds, the WSGI server
and the network left out. With ``--against`` another checkout of commentbox is asked as well, by
turns in a process of its own, and its figures stand in front: so a busy machine is busy for both.
"""

import argparse
import io
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from statistics import median
from time import process_time
from typing import Any
from urllib.parse import urlencode

from tests.benchmarks import contestants
from tests.benchmarks.contestants import ORIGIN, SITE, Store

HERE = Path(__file__).parents[2]
ROUNDS, REQUESTS = 15, 12
FRAGMENT, POSTS = f"/embed/{SITE}/thread", f"/api/v1/sites/{SITE}/comments"
LONG, SHORT = "/thread", "/page/0"
TEXT = "It says what many think, and *says it well*. " * 22  # 1 kB

fresh = count(1)
"""Numbers that make a question one that nobody has asked."""


class Served:
    """The service, called as a WSGI server calls it."""

    def __init__(self, store: Store) -> None:
        self._app = store.app()
        self._ticket = store.ticket()

    def get(self, path: str, **query: str) -> bytes:
        """Return the body of a page that nobody has asked for, compressed as browsers have it."""
        return self._call("GET", path, urlencode({**query, "n": next(fresh)}), b"")

    def post(self, page: str) -> bytes:
        """Post a comment of 1 kB."""
        fields = {"page": page, "url": ORIGIN + page, "name": "Ada", "ticket": self._ticket}
        body = urlencode({**fields, "text": f"{next(fresh)} {TEXT}"}).encode()
        return self._call("POST", POSTS, "", body)

    def _call(self, method: str, path: str, query: str, body: bytes) -> bytes:
        statuses: list[str] = []
        answer = self._app(
            _environ(method, path, query, body), lambda s, h, e=None: statuses.append(s)
        )
        data = b"".join(answer)
        getattr(answer, "close", lambda: None)()
        assert statuses[0][0] == "2", (statuses, path, data)
        return data


def _environ(method: str, path: str, query: str, body: bytes) -> dict[str, Any]:
    return {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "CONTENT_TYPE": "application/x-www-form-urlencoded" if body else "",
        "CONTENT_LENGTH": str(len(body)) if body else "",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "8080",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": "127.0.0.1:8080",
        "HTTP_ACCEPT_ENCODING": "gzip",
        **({"HTTP_ORIGIN": ORIGIN} if body else {}),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }


def _render_anew() -> None:
    from commentbox.web import rendering

    name = "PIECES" if hasattr(rendering, "PIECES") else "ARTICLES"  # as they were called once
    setattr(rendering, name, type(getattr(rendering, name))())


def _kinds(served: Served) -> dict[str, Callable[[], float]]:
    """Return what is measured: each runs one request and returns its CPU seconds."""

    def timed(
        ask: Callable[[], object], before: Callable[[], object] = lambda: None
    ) -> Callable[[], float]:
        def run() -> float:
            before()
            begun = process_time()
            ask()
            return process_time() - begun

        return run

    return {
        "fragment of 100": timed(lambda: served.get(FRAGMENT, page=LONG)),
        "fragment of 100, none rendered": timed(
            lambda: served.get(FRAGMENT, page=LONG), _render_anew
        ),
        "JSON of 100": timed(lambda: served.get(f"/api/v1/sites/{SITE}/thread", page=LONG)),
        "fragment of 50": timed(lambda: served.get(FRAGMENT, page=SHORT)),
        "hosted page of 100": timed(lambda: served.get(f"/sites/{SITE}/thread", page=LONG)),
        "feed of a thread": timed(lambda: served.get(f"/feeds/{SITE}/thread.atom", page=LONG)),
        "feed of the site": timed(lambda: served.get(f"/feeds/{SITE}.atom")),
        "counts of 20": timed(lambda: served.get(f"/api/v1/sites/{SITE}/counts", page="/page/1")),
        "fragment of 50 after a post": timed(
            lambda: served.get(FRAGMENT, page="/page/1"), lambda: served.post("/page/1")
        ),
    }


def serve_turns(folder: str) -> None:
    """Answer each line that names a kind with what one request cost, in milliseconds."""
    kinds = _kinds(Served(Store(Path(folder))))
    print("ready", flush=True)
    for line in sys.stdin:
        run = kinds[line.strip()]
        run()
        print(median(run() for _ in range(REQUESTS)) * 1000, flush=True)


class Contestant:
    """One checkout at work in a process of its own, on a store of its own."""

    def __init__(self, checkout: Path, folder: Path) -> None:
        # This file measures both: the other checkout may not have it, or another one.
        program = f"import sys; sys.path[:0] = [{str(checkout)!r}]; import commentbox; sys.path[0] = {str(HERE)!r}"
        program += f"; from tests.benchmarks import cold; cold.serve_turns({str(folder)!r})"
        self._process = subprocess.Popen(
            [sys.executable, "-c", program],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._line()

    def measure(self, kind: str) -> float:
        """Return what a request of this kind costs, in milliseconds."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{kind}\n")
        self._process.stdin.flush()
        return float(self._line())

    def end(self) -> None:
        """End the process."""
        self._process.communicate()

    def _line(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "the process ended"
        return line


@contextmanager
def _at_work(checkouts: Sequence[Path]) -> Iterator[list[Contestant]]:
    with tempfile.TemporaryDirectory(prefix="commentbox-cold-") as folder:
        contestants_: list[Contestant] = []
        for number, checkout in enumerate(checkouts):
            store = Path(folder) / str(number)
            contestants.fill(store, {LONG: 100, **{f"/page/{n}": 50 for n in range(20)}})
            contestants_.append(Contestant(checkout, store))
        try:
            yield contestants_
        finally:
            for each in contestants_:
                each.end()


def main() -> None:
    """Measure all kinds."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--against", type=Path, help="another checkout of commentbox")
    arguments.add_argument("--only", default="", help="kinds whose name holds this")
    arguments.add_argument("--rounds", type=int, default=ROUNDS)
    asked = arguments.parse_args()
    checkouts = [*([asked.against.resolve()] if asked.against else []), HERE]
    kinds = [kind for kind in _kinds_names() if asked.only in kind]
    with _at_work(checkouts) as at_work:
        for kind in kinds:
            costs: list[list[float]] = [[] for _ in at_work]
            for _ in range(asked.rounds):
                for each, mine in zip(at_work, costs, strict=True):
                    mine.append(each.measure(kind))
            shown = "".join(f"{median(mine):9.2f}" for mine in costs)
            print(f"{kind:34}{shown}", flush=True)


def _kinds_names() -> list[str]:
    return list(_kinds(None))  # type: ignore[arg-type]


if __name__ == "__main__":
    sys.exit(main())
