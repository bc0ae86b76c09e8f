"""Measure all, beside what it is held against: ``python -m tests.benchmarks [--out FILE] [--quick]``."""

import argparse
import gzip
import http.client
import json
import os
import platform
import sqlite3
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from urllib.parse import urlencode

from tests.benchmarks import contestants
from tests.benchmarks.contestants import ORIGIN, Running, Store
from tests.benchmarks.load import Request, Run, crowd, get, made, post
from tests.benchmarks.process_tree import await_quiet
from tests.benchmarks.seeds import conversation

CONNECTIONS = 32
LARGE_ISSO_COUNTS = "Isso, large store: counts of 20 pages"
THREAD = "/thread"
FRAGMENT = "/embed/blog/thread"
POST_TEXT = "It says what many think, and *says it well*. " * 22  # 1 kB


@dataclass
class Figures:
    """What was measured, by name."""

    scale: float
    rows: list[dict[str, object]] = field(default_factory=list)
    values: dict[str, float] = field(default_factory=dict)

    def measure(
        self,
        name: str,
        running: Running,
        make: Callable[[int], Request],
        times: int,
        connections: int,
    ) -> Run:
        """Send requests and note what one cost the server's process tree."""
        times = max(connections, int(times * self.scale))
        crowd(running.port, made(make, min(50, times)), min(connections, 8))
        before = running.tree.cpu_seconds()
        run = crowd(running.port, made(lambda number: make(number + 50), times), connections)
        cpu_ms = (running.tree.cpu_seconds() - before) / times * 1000
        self.note(
            name,
            cpu_ms=round(cpu_ms, 4),
            wall_ms=round(run.seconds / times * 1000, 4),
            p50_ms=round(run.percentile(0.5), 2),
            p99_ms=round(run.percentile(0.99), 2),
            requests=times,
            statuses={str(k): v for k, v in run.statuses.items()},
            body_bytes=run.body_bytes,
        )
        self.values[name] = cpu_ms
        return run

    def note(self, name: str, **figures: object) -> None:
        """Keep a row of the table, and show it."""
        self.rows.append({"name": name, **figures})
        shown = "  ".join(f"{key} {value}" for key, value in figures.items())
        print(f"{name:<52} {shown}", flush=True)

    def ratio(self, name: str, ours: str, theirs: str, goal: float) -> None:
        """Compare two figures of this run."""
        if self.values.get(ours) and self.values.get(theirs):
            reached = self.values[ours] / self.values[theirs]
            self.note(
                f"= {name}",
                ratio=float(f"{reached:.4g}"),
                goal=float(f"{goal:.4g}"),
                met=reached <= goal,
            )


def main() -> None:
    """Run everything, or with ``--quick`` a tenth of it."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--out", type=Path, help="write the figures as JSON, too")
    arguments.add_argument("--quick", action="store_true", help="a tenth of the requests")
    arguments.add_argument(
        "--growth", type=int, default=100_000, help="comments of the large store"
    )
    asked = arguments.parse_args()
    figures = Figures(0.1 if asked.quick else 1.0)
    with tempfile.TemporaryDirectory(prefix="commentbox-benchmarks-") as folder:
        _all(figures, Path(folder), asked.growth)
    if asked.out:
        machine = {"cores": os.cpu_count(), "machine": platform.machine(), **contestants.versions()}
        asked.out.write_text(json.dumps({"machine": machine, "figures": figures.rows}, indent=1))


def _all(figures: Figures, folder: Path, growth: int) -> None:
    small = contestants.fill(folder / "small", {THREAD: 100, "/long": 1000, **_pages(20, 50)})
    body = _reading(figures, small)
    _baselines(figures, folder, body)
    _writing(figures, contestants.fill(folder / "writing", {THREAD: 100}), "small")
    _isso(figures, folder, growth)
    many = contestants.fill(folder / "large", {THREAD: 100, **_pages(growth // 100, 100)})
    _growth(figures, many, growth)
    _compare(figures)


def _pages(number: int, length: int) -> dict[str, int]:
    return {f"/page/{page}": length for page in range(number)}


def _fragment(port: int, page: str = THREAD, **query: str) -> Request:
    return get(port, f"{FRAGMENT}?{urlencode({'page': page, **query})}")


def _counts(port: int, pages: int = 20) -> Request:
    query = urlencode([("page", f"/page/{page}") for page in range(pages)])
    return get(port, f"/api/v1/sites/blog/counts?{query}")


def _reading(figures: Figures, store: Store) -> bytes:
    """Measure readers, and return the bytes they get."""
    begun = monotonic()
    with contestants.commentbox(store) as running:
        port = running.port
        figures.note("commentbox: start to first answer", seconds=round(monotonic() - begun, 2))
        await_quiet(running.tree)
        figures.values["idle"] = running.tree.pss_mebibytes()
        figures.note("commentbox: memory when idle", mebibytes=round(figures.values["idle"], 1))
        cold = lambda number: _fragment(port, unknown=str(number))
        figures.measure("commentbox: cold read of 100", running, cold, 400, 1)
        same = lambda _: _fragment(port)
        figures.measure("commentbox: read of 100, 32 at once", running, same, 40_000, CONNECTIONS)
        figures.measure("commentbox: read of 100, one at a time", running, same, 10_000, 1)
        known = get(port, f"{FRAGMENT}?page={THREAD}", If_None_Match=_etag(port))
        figures.measure(
            "commentbox: 304, 32 at once", running, lambda _: known, 40_000, CONNECTIONS
        )
        counted = lambda _: _counts(port)
        figures.measure("commentbox: counts of 20 pages", running, counted, 20_000, CONNECTIONS)
        long = _all_pages(port, "/long")
        around = lambda number: long[number % len(long)]
        run = figures.measure("commentbox: a page of a thread of 1000", running, around, 20_000, 1)
        figures.values["whole thread"] = figures.values[
            "commentbox: a page of a thread of 1000"
        ] * len(long)
        assert set(run.statuses) == {200}
        _mixed(figures, running, store)
        figures.values["loaded"] = running.tree.pss_mebibytes()
        figures.note("commentbox: memory after load", mebibytes=round(figures.values["loaded"], 1))
        return gzip.decompress(_body(port, f"{FRAGMENT}?page={THREAD}"))


def _mixed(figures: Figures, running: Running, store: Store) -> None:
    """Nineteen reads of twenty pages, one post."""
    writer = _writer(running.port, store)

    def make(number: int) -> Request:
        return (
            writer(number) if number % 20 == 19 else _fragment(running.port, f"/page/{number % 20}")
        )

    figures.measure("commentbox: 95 reads, 5 posts", running, make, 10_000, CONNECTIONS)


def _writer(port: int, store: Store) -> Callable[[int], Request]:
    ticket = store.ticket()

    def make(number: int) -> Request:
        page = f"/page/{number % 20}"
        fields = {
            "page": page,
            "url": ORIGIN + page,
            "name": "Ada",
            "text": f"{number} {POST_TEXT}",
            "ticket": ticket,
        }
        return post(
            port,
            "/api/v1/sites/blog/comments",
            urlencode(fields).encode(),
            Content_Type="application/x-www-form-urlencoded",
            Origin=ORIGIN,
        )

    return make


def _writing(figures: Figures, store: Store, size: str) -> None:
    with contestants.commentbox(store) as running:
        await_quiet(running.tree)
        writer = _writer(running.port, store)
        one = figures.measure(f"commentbox: post of 1 kB, {size} store", running, writer, 1000, 1)
        late = lambda number: writer(number + 100_000)
        many = figures.measure(
            f"commentbox: post, 32 at once, {size} store", running, late, 2000, CONNECTIONS
        )
        assert set(one.statuses) | set(many.statuses) <= {201, 202}, (one.statuses, many.statuses)


def _baselines(figures: Figures, folder: Path, body: bytes) -> None:
    packed = gzip.compress(body, 6, mtime=0)
    (folder / "baselines").mkdir()
    for kind in ("wsgi", "flask"):
        with contestants.bare(kind, packed, folder / "baselines") as running:
            name = {"wsgi": "bare server", "flask": "Flask route"}[kind]
            same = lambda _, port=running.port: get(port, "/x")
            figures.measure(
                f"{name}: constant bytes, 32 at once", running, same, 30_000, CONNECTIONS
            )
            figures.measure(f"{name}: constant bytes, one at a time", running, same, 10_000, 1)
    with contestants.nginx(packed, folder / "baselines") as server:
        if server is not None:
            same = lambda _: get(server.port, "/thread.html")
            figures.measure("nginx: the same bytes, 32 at once", server, same, 40_000, CONNECTIONS)
            figures.measure("nginx: the same bytes, one at a time", server, same, 10_000, 1)


def _isso(figures: Figures, folder: Path, growth: int) -> None:
    with contestants.isso(contestants.available_isso(), folder / "isso", workers=4) as server:
        if server is None:
            figures.note("Isso", skipped="not installed: name its program in ISSO_PROGRAM")
            return
        port = server.port
        figures.values["isso idle"] = server.tree.pss_mebibytes()
        figures.note(
            "Isso, 4 workers: memory when idle", mebibytes=round(figures.values["isso idle"], 1)
        )
        for page, length in ((THREAD, 100), ("/long", 1000), *_pages(20, 50).items()):
            _fill_isso(port, page, length)
        read = lambda page: get(port, f"/?{urlencode({'uri': page, 'nested_limit': 0})}")
        thread = get(port, f"/?uri={THREAD}")
        figures.measure("Isso: read of 100, 32 at once", server, lambda _: thread, 200, CONNECTIONS)
        figures.measure("Isso: read of 100, one at a time", server, lambda _: thread, 50, 1)
        figures.measure("Isso: a thread of 1000", server, lambda _: get(port, "/?uri=/long"), 20, 1)
        pages = json.dumps([f"/page/{page}" for page in range(20)]).encode()
        counts = post(port, "/count", pages, Content_Type="application/json")
        figures.measure("Isso: counts of 20 pages", server, lambda _: counts, 500, CONNECTIONS)
        late = lambda number: _isso_post(
            port, f"/page/{number % 20}", f"{number} {POST_TEXT}", None
        )
        figures.measure("Isso: post of 1 kB", server, late, 300, 1)

        def mixed(number: int) -> Request:
            return late(number + 10_000) if number % 20 == 19 else read(f"/page/{number % 20}")

        figures.measure("Isso: 95 reads, 5 posts", server, mixed, 400, CONNECTIONS)
        figures.values["isso loaded"] = server.tree.pss_mebibytes()
        figures.note("Isso: memory after load", mebibytes=round(figures.values["isso loaded"], 1))
        _multiply_isso(folder / "isso" / "isso.db", growth)
        figures.measure(LARGE_ISSO_COUNTS, server, lambda _: counts, 100, 1)


def _isso_post(port: int, page: str, text: str, parent: int | None) -> Request:
    body = {"author": "Ada", "text": text, "parent": parent, "title": page}
    path = f"/new?{urlencode({'uri': page})}"
    return post(
        port, path, json.dumps(body).encode(), Content_Type="application/json", Origin=ORIGIN
    )


def _fill_isso(port: int, page: str, length: int) -> None:
    numbers: list[int] = []
    line = http.client.HTTPConnection("127.0.0.1", port)
    for seed in conversation(length):
        parent = None if seed.parent is None else numbers[seed.parent]
        body = {"author": seed.name, "text": seed.text, "parent": parent, "title": page}
        headers = {"Content-Type": "application/json", "Origin": ORIGIN}
        line.request("POST", f"/new?{urlencode({'uri': page})}", json.dumps(body), headers)
        answer = line.getresponse()
        written = json.loads(answer.read())
        assert answer.status in (201, 202), written
        numbers.append(int(written["id"]))
    line.close()


def _multiply_isso(database: Path, comments: int) -> None:
    """Bring Isso's store to so many comments, in SQL: it would take hours to post them."""
    with sqlite3.connect(database, timeout=60) as file:
        threads, there = (
            file.execute(f"SELECT max({number}) FROM {table}").fetchone()[0]
            for number, table in (("id", "threads"), ("id", "comments"))
        )
        for lap in range(1, comments // there):
            file.execute(
                "INSERT INTO threads SELECT id + ?, uri || '-' || ?, title FROM threads WHERE id <= ?",
                (lap * threads, lap, threads),
            )
            file.execute(
                "INSERT INTO comments (tid, id, parent, created, modified, mode, remote_addr, text, "
                "author, email, website, likes, dislikes, voters, notification) "
                "SELECT tid + ?, id + ?, parent + ?, created, modified, mode, remote_addr, text, "
                "author, email, website, likes, dislikes, voters, notification "
                "FROM comments WHERE id <= ?",
                (lap * threads, lap * there, lap * there, there),
            )
    file.close()


def _growth(figures: Figures, store: Store, comments: int) -> None:
    with contestants.commentbox(store) as running:
        await_quiet(running.tree)
        port = running.port
        cold = lambda number: _fragment(port, unknown=str(number))
        figures.measure(f"commentbox, {comments:,}: cold read of 100", running, cold, 400, 1)
        same = lambda _: _fragment(port)
        figures.measure(
            f"commentbox, {comments:,}: read of 100", running, same, 40_000, CONNECTIONS
        )
        feed = lambda number: get(port, f"/feeds/blog.atom?unknown={number}")
        figures.measure(f"commentbox, {comments:,}: cold feed", running, feed, 200, 1)
        counted = lambda _: _counts(port)
        figures.measure(
            f"commentbox, {comments:,}: counts of 20 pages", running, counted, 20_000, CONNECTIONS
        )
    _writing(figures, store, f"{comments:,}")
    figures.values["large counts"] = figures.values[f"commentbox, {comments:,}: counts of 20 pages"]
    figures.values["large read"] = figures.values[f"commentbox, {comments:,}: read of 100"]
    figures.values["large cold"] = figures.values[f"commentbox, {comments:,}: cold read of 100"]
    figures.values["large post"] = figures.values[f"commentbox: post of 1 kB, {comments:,} store"]


def _compare(figures: Figures) -> None:
    read, alone = "commentbox: read of 100, 32 at once", "commentbox: read of 100, one at a time"
    for name, ours, theirs, goal in (
        ("prepared read vs nginx", read, "nginx: the same bytes, 32 at once", 2.0),
        ("prepared read vs bare server", read, "bare server: constant bytes, 32 at once", 1.25),
        ("prepared read vs Flask route", read, "Flask route: constant bytes, 32 at once", 0.25),
        ("read vs Isso, 32 at once", read, "Isso: read of 100, 32 at once", 1 / 4000),
        ("read vs Isso, one at a time", alone, "Isso: read of 100, one at a time", 1 / 1200),
        ("whole thread of 1000 vs Isso", "whole thread", "Isso: a thread of 1000", 1 / 4000),
        ("304 vs our own 200", "commentbox: 304, 32 at once", read, 1.0),
        (
            "cold read vs Isso",
            "commentbox: cold read of 100",
            "Isso: read of 100, one at a time",
            1 / 30,
        ),
        ("post vs Isso", "commentbox: post of 1 kB, small store", "Isso: post of 1 kB", 0.5),
        ("counts vs Isso", "commentbox: counts of 20 pages", "Isso: counts of 20 pages", 1 / 50),
        ("counts vs Isso, large store", "large counts", LARGE_ISSO_COUNTS, 1 / 1000),
        ("mixed vs Isso", "commentbox: 95 reads, 5 posts", "Isso: 95 reads, 5 posts", 1 / 200),
        ("read, large store vs small", "large read", read, 1.1),
        ("cold read, large store vs small", "large cold", "commentbox: cold read of 100", 1.1),
        ("post, large store vs small", "large post", "commentbox: post of 1 kB, small store", 1.3),
        ("memory when idle vs Isso", "idle", "isso idle", 1.5),
        ("memory after load vs Isso", "loaded", "isso loaded", 0.7),
    ):
        figures.ratio(name, ours, theirs, goal)


def _etag(port: int) -> str:
    line = http.client.HTTPConnection("127.0.0.1", port)
    line.request("GET", f"{FRAGMENT}?page={THREAD}")
    answer = line.getresponse()
    answer.read()
    line.close()
    return str(answer.headers["ETag"])


def _body(port: int, path: str) -> bytes:
    line = http.client.HTTPConnection("127.0.0.1", port)
    line.request("GET", path, headers={"Accept-Encoding": "gzip"})
    body = line.getresponse().read()
    line.close()
    return body


def _all_pages(port: int, page: str) -> list[Request]:
    """Return the requests for all pages of a thread, one after the other."""
    line = http.client.HTTPConnection("127.0.0.1", port)
    after, requests = None, []
    while True:
        query = {"page": page} | ({"after": after} if after else {})
        requests.append(get(port, f"{FRAGMENT}?{urlencode(query)}"))
        line.request("GET", f"/api/v1/sites/blog/thread?{urlencode(query)}")
        after = json.loads(line.getresponse().read())["next"]
        if after is None:
            line.close()
            return requests


if __name__ == "__main__":
    sys.exit(main())
