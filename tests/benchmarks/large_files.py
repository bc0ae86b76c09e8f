"""How much memory the largest exports take: a dry run over a gigabyte of each kind of file.

``python -m tests.benchmarks.large_files [MEGABYTES]``
"""

import gzip
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from commentbox import schema
from commentbox.actions.sites import add_site
from commentbox.db import own_engine
from commentbox.transfer.importer import Plan, import_file
from commentbox.transfer.source import SourceFile
from tests import databases
from tests.benchmarks.importing import WXR_HEAD
from tests.grounds import bare_app

MEGABYTE = 1024 * 1024
POST = "A paragraph of a long post that nobody needs here. " * 2000
TEXT = "What somebody wrote below it, at some length. " * 20


def wxr() -> Iterator[str]:
    """Yield an export that is mostly posts, as those of old blogs are."""
    yield WXR_HEAD
    n = 0
    while True:
        n += 1
        yield (
            f"<item><title>Page {n}</title><link>https://blog.example/{n}/</link>"
            f"<content><![CDATA[{POST}]]></content><wp:comment><wp:comment_id>{n}</wp:comment_id>"
            f"<wp:comment_date_gmt>2020-01-01 00:00:00</wp:comment_date_gmt>"
            f"<wp:comment_content><![CDATA[{TEXT}]]></wp:comment_content>"
            f"<wp:comment_approved>1</wp:comment_approved></wp:comment></item>\n"
        )


def commento() -> Iterator[str]:
    """Yield one JSON document of comments."""
    yield '{"version": 1, "comments": ['
    n = 0
    while True:
        n += 1
        comment = {"commentHex": f"{n:064x}", "parentHex": "root", "domain": "blog.example",
                   "url": f"/{n // 50}", "markdown": TEXT, "creationDate": "2020-01-01T00:00:00Z"}  # fmt: skip
        yield ("," if n > 1 else "") + json.dumps(comment)


def remark42() -> Iterator[str]:
    """Yield lines of comments."""
    yield '{"version": 1, "users": [], "posts": []}\n'
    n = 0
    while True:
        n += 1
        comment = {"id": f"c{n}", "pid": "", "orig": TEXT, "user": {"name": f"Reader {n % 997}"},
                   "locator": {"site": "blog", "url": f"https://blog.example/{n // 50}"},
                   "time": "2020-01-01T00:00:00Z"}  # fmt: skip
        yield json.dumps(comment) + "\n"


KINDS: dict[str, tuple[Callable[[], Iterator[str]], str]] = {
    "wordpress.xml": (wxr, "</channel></rss>\n"),
    "commento.json": (commento, "]}"),
    "remark42.jsonl.gz": (remark42, ""),
}


def write(path: Path, megabytes: int) -> None:
    """Write a file that has so many megabytes once it is unpacked."""
    pieces, end = KINDS[path.name]
    left = megabytes * MEGABYTE
    with gzip.open(path, "wb", 1) if path.suffix == ".gz" else path.open("wb") as file:
        for piece in pieces():
            left -= file.write(piece.encode())
            if left < 0:
                break
        file.write(end.encode())


def measure(file: Path) -> None:
    """Read one file and print how long it took and the process' largest size."""
    engine = own_engine(databases.sqlite_url(file.with_suffix(".sqlite3")))
    schema.upgrade(engine)
    with bare_app(engine).app_context():
        add_site("blog", ["https://blog.example"])
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        began = time.perf_counter()
        report = import_file(SourceFile(file), Plan("blog", is_dry_run=True))
        seconds = time.perf_counter() - began
    engine.dispose()
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{file.name}: {report.read} comments read in {seconds:.0f} s, "
        f"at most {after:.0f} MB ({before:.0f} MB before it began)"
    )


def main(megabytes: int) -> None:
    """Measure each kind in a process of its own."""
    for name in KINDS:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / name
            write(file, megabytes)
            command = [sys.executable, "-m", "tests.benchmarks.large_files", "--one", str(file)]
            subprocess.run(command, check=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        measure(Path(sys.argv[2]))
    else:
        main(int(sys.argv[1]) if sys.argv[1:] else 1000)
