"""How long the dashboard takes at 100,000 comments: ``python -m tests.benchmarks.dashboard``.

Prints for each page the fastest and the usual time of a request in milliseconds: as CPU of this
process, which on SQLite is all of it, and by the clock, where PostgreSQL's share is in it as well.
"""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from time import perf_counter, process_time

from flask import Flask

from commentbox import create_app, schema
from commentbox.db import own_engine
from commentbox.models import Role
from tests import databases, postgres
from tests.benchmarks.full_database import COMMENTS, fill
from tests.web.dashboard.people import Desk, account

REPEATED = 15

PAGES = {
    "queue, waiting": "",
    "queue, a page in the middle": f"?after={COMMENTS // 2}",
    "queue, published": "?state=published",
    "queue, reported": "?state=reported",
    "search, a rare word": "?state=all&q=zwolfwerkwort",
    "search, a common word": "?state=all&q=gut",
    "search, a common word, waiting": "?q=gut",
    "search, two words and a phrase": "?state=all&q=gut+%22ab+an%22",
    "search, left out": "?state=published&q=-gut",
    "one page's comments": "?state=all&page=/2026/beitrag-77",
    "one author's comments": "?state=all&author=leserin1@example.org",
    "one month's comments": "?state=published&since=2026-03-01&until=2026-03-31",
    "signed alike": f"?state=all&like={COMMENTS}",
    "a comment": f"comments/{COMMENTS // 2}",
    "preview of a bulk decision": "bulk?to=spam&state=held",
    "threads": "threads",
    "log": "log",
    "numbers, 30 days": "numbers?days=30",
    "numbers, 365 days": "numbers?days=365",
}


def main() -> None:
    """Measure on both kinds of database."""
    folder = Path(tempfile.mkdtemp(prefix="commentbox-benchmark-"))
    try:
        for name, url in _databases(folder):
            with _desk(url) as desk:
                _report(name, desk)
    finally:
        postgres.stop(folder)
        shutil.rmtree(folder, ignore_errors=True)


def _databases(folder: Path) -> Iterator[tuple[str, str]]:
    yield "SQLite", databases.sqlite_url(folder / "full.sqlite3")
    server = postgres.start(folder)
    yield "PostgreSQL", databases.create_postgresql(server, "full")


@contextmanager
def _desk(url: str) -> Iterator[Desk]:
    engine = own_engine(url)
    schema.upgrade(engine)
    fill(engine)
    engine.dispose()
    app = create_app(
        {
            "COMMENTBOX_DATABASE_URL": url,
            "COMMENTBOX_SECRET_KEY": "known to the benchmark",
            "COMMENTBOX_DATA_DIR": tempfile.gettempdir(),
            "COMMENTBOX_POST_LIMIT": "",
        }
    )
    yield Desk.of(app, account(app, "ada@example.org", Role.OWNER, None))
    _close(app)


def _close(app: Flask) -> None:
    app.extensions["commentbox"].database.engine.dispose()


def _report(name: str, desk: Desk) -> None:
    print(f"\n{name}, {COMMENTS} comments; ms per request: CPU least, usual; clock least, usual")
    for page, path in PAGES.items():
        cpu, clock = [], []
        for _ in range(REPEATED):
            began, burnt = perf_counter(), process_time()
            answer = desk.client.get(f"/dashboard/{path}")
            clock.append((perf_counter() - began) * 1000)
            cpu.append((process_time() - burnt) * 1000)
            assert answer.status_code == 200, answer.status
        figures = (min(cpu), median(cpu), min(clock), median(clock))
        print(f"  {page:34}" + "".join(f"{figure:9.1f}" for figure in figures), flush=True)


if __name__ == "__main__":
    main()
