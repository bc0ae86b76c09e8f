"""What a store costs when it grows: ``python -m tests.benchmarks.growth [--sizes 1000 100000]``.

Prints the CPU time of one request in the process that serves it, in milliseconds, for stores of
several sizes and for threads of several lengths: nothing should depend on either. Half of what is
asked was never asked before, so that nothing is prepared for it.
"""

import argparse
import json
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from statistics import median
from time import process_time
from urllib.parse import urlencode

from flask import Flask
from flask.testing import FlaskClient

from commentbox.models import Role
from tests.benchmarks import contestants
from tests.benchmarks.__main__ import POST_TEXT
from tests.benchmarks.contestants import ORIGIN, SITE, Store
from tests.web.dashboard.people import Desk, account

SEED_THREADS, SEED_LENGTH = 10, 100
THREAD = "/page/0"
REPEATED = 40

Figures = dict[str, float]
fresh = count(1)
"""Numbers that make a question one that nobody has asked."""


def main() -> None:
    """Measure all sizes, then all lengths."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--sizes", type=int, nargs="+", default=[1_000, 100_000, 1_000_000])
    arguments.add_argument("--lengths", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    arguments.add_argument("--out", type=Path, help="write the figures as JSON, too")
    asked = arguments.parse_args()
    measured: dict[str, Figures] = {}
    with tempfile.TemporaryDirectory(prefix="commentbox-growth-") as folder:
        for size in asked.sizes:
            store = _store(Path(folder) / f"size-{size}", size)
            measured[f"store of {size:,}"] = _report(f"store of {size:,}", _of_store(store))
        for length in asked.lengths:
            store = contestants.fill(Path(folder) / f"length-{length}", {"/long": length})
            measured[f"thread of {length:,}"] = _report(f"thread of {length:,}", _of_thread(store))
    if asked.out:
        asked.out.write_text(json.dumps(measured, indent=1))


def _report(name: str, figures: Iterator[tuple[str, float]]) -> Figures:
    found: Figures = {}
    print(f"\n{name}; CPU ms per request")
    for what, milliseconds in figures:
        found[what] = round(milliseconds, 3)
        print(f"  {what:40}{milliseconds:9.3f}", flush=True)
    return found


def _of_store(store: Store) -> Iterator[tuple[str, float]]:
    app = store.app()
    client = app.test_client()
    query = urlencode({"page": THREAD})
    yield "read of 100, prepared", _cost(client, lambda: f"/embed/{SITE}/thread?{query}")
    yield (
        "read of 100, cold",
        _cost(client, lambda: f"/embed/{SITE}/thread?{query}&n={next(fresh)}"),
    )
    pages = urlencode([("page", f"/page/{page}") for page in range(10)])
    counts = f"/api/v1/sites/{SITE}/counts?{pages}"
    yield "counts of 10 pages, cold", _cost(client, lambda: f"{counts}&n={next(fresh)}")
    yield "feed of the site, cold", _cost(client, lambda: f"/feeds/{SITE}.atom?n={next(fresh)}")
    yield "post of 1 kB", _cost_of_post(client, store, THREAD)
    desk = Desk.of(app, account(app, "ada@example.org", Role.OWNER, None))
    yield "queue, published", _cost(desk.client, lambda: "/dashboard/?state=published")
    yield "search, a rare word", _cost(desk.client, lambda: "/dashboard/?state=all&q=zwolfwerkwort")
    _close(app)


def _of_thread(store: Store) -> Iterator[tuple[str, float]]:
    app = store.app()
    client = app.test_client()

    def page(place: dict[str, str]) -> Callable[[], str]:
        query = urlencode({"page": "/long", **place})
        return lambda: f"/embed/{SITE}/thread?{query}&n={next(fresh)}"

    newest = client.get(f"/api/v1/sites/{SITE}/thread?page=/long&sort=newest").get_json()
    middle = newest["comments"][0]["id"] // 2
    yield "first page, prepared", _cost(client, lambda: f"/embed/{SITE}/thread?page=/long")
    yield "first page, cold", _cost(client, page({}))
    yield "page of a comment in the middle, cold", _cost(client, page({"comment": str(middle)}))
    yield "newest first, cold", _cost(client, page({"sort": "newest"}))
    yield "most helpful first, cold", _cost(client, page({"sort": "top"}))
    yield "post of 1 kB", _cost_of_post(client, store, "/long")
    _close(app)


def _cost(client: FlaskClient, path: Callable[[], str]) -> float:
    return _median(lambda: client.get(path()).status_code, 200)


def _cost_of_post(client: FlaskClient, store: Store, page: str) -> float:
    ticket = store.ticket()

    def post() -> int:
        fields = {"page": page, "url": ORIGIN + page, "name": "Ada", "ticket": ticket}
        text = f"{next(fresh)} {POST_TEXT}"
        path, headers = f"/api/v1/sites/{SITE}/comments", {"Origin": ORIGIN}
        return client.post(path, data={**fields, "text": text}, headers=headers).status_code

    return _median(post, 201)


def _median(ask: Callable[[], int], status: int) -> float:
    """Return the usual CPU time in milliseconds, the client's own included."""
    costs: list[float] = []
    for number in range(REPEATED + 5):
        begun = process_time()
        assert ask() == status
        if number >= 5:
            costs.append((process_time() - begun) * 1000)
    return median(costs)


def _close(app: Flask) -> None:
    app.extensions["commentbox"].database.engine.dispose()


def _store(folder: Path, size: int) -> Store:
    """Return a store of so many comments, in threads of 100."""
    store = contestants.fill(folder, {f"/page/{page}": SEED_LENGTH for page in range(SEED_THREADS)})
    seeded = SEED_THREADS * SEED_LENGTH
    with sqlite3.connect(folder / "commentbox.sqlite3") as file:
        copies = size // seeded - 1
        file.execute("PRAGMA synchronous=OFF")
        file.execute(
            "CREATE TEMP TABLE copy AS WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 "
            "FROM c WHERE n < ?) SELECT n FROM c WHERE ? > 0",
            (copies, copies),
        )
        _copy(file, "commentbox_thread", SEED_THREADS, {"key": "o.key || '-' || n"})
        _copy(
            file,
            "commentbox_comment",
            seeded,
            {
                "thread_id": f"o.thread_id + n * {SEED_THREADS}",
                "parent_id": f"o.parent_id + n * {seeded}",
                "root_id": f"o.root_id + n * {seeded}",
                "text_digest": "randomblob(16)",
            },
        )
    file.close()
    return store


def _copy(file: sqlite3.Connection, table: str, rows: int, changed: dict[str, str]) -> None:
    """Write all rows again and again, with other numbers: in SQL, since a million would take hours."""
    columns = [row[1] for row in file.execute(f"PRAGMA table_info({table})")]
    changed = {"id": f"o.id + n * {rows}", **changed}
    values = ", ".join(changed.get(column, f"o.{column}") for column in columns)
    names = ", ".join(f'"{column}"' for column in columns)
    file.execute(
        f"INSERT INTO {table} ({names}) SELECT {values} FROM copy, {table} o WHERE o.id <= {rows}"
    )


if __name__ == "__main__":
    main()
