"""How fast and in how much memory 100,000 comments come, from WordPress and Isso, on both databases.

``python -m tests.benchmarks.importing [COUNT]``
"""

import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

from commentbox import schema
from commentbox.actions.sites import add_site
from commentbox.db import own_engine
from commentbox.transfer.importer import Plan, import_file
from commentbox.transfer.source import SourceFile
from tests import databases, postgres
from tests.grounds import bare_app

TEXT = "This is comment number {n}. It *says* something, as most do, and then it ends."

WXR_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:wp="http://wordpress.org/export/1.2/"><channel>
"""


def write_wxr(path: Path, count: int) -> None:
    """Write an export with fifty comments on each page."""
    with path.open("w", encoding="utf-8") as file:
        file.write(WXR_HEAD)
        for n in range(1, count + 1):
            if n % 50 == 1:
                file.write(f"<item><title>Page {n}</title><link>https://blog.example/{n}/</link>\n")
            parent = n - 1 if n % 50 != 1 and n % 3 == 0 else 0
            file.write(
                f"<wp:comment><wp:comment_id>{n}</wp:comment_id>"
                f"<wp:comment_author><![CDATA[Reader {n % 997}]]></wp:comment_author>"
                f"<wp:comment_author_email>r{n % 997}@example.org</wp:comment_author_email>"
                f"<wp:comment_date_gmt>2020-01-01 {n // 3600 % 24:02}:{n // 60 % 60:02}:{n % 60:02}"
                f"</wp:comment_date_gmt><wp:comment_content><![CDATA[{TEXT.format(n=n)}]]>"
                f"</wp:comment_content><wp:comment_approved>1</wp:comment_approved>"
                f"<wp:comment_parent>{parent}</wp:comment_parent></wp:comment>\n"
            )
            if n % 50 == 0 or n == count:
                file.write("</item>\n")
        file.write("</channel></rss>\n")


def write_isso(path: Path, count: int) -> None:
    """Write Isso's database with the same comments."""
    with closing(sqlite3.connect(path)) as database:
        database.executescript(
            "CREATE TABLE threads (id INTEGER PRIMARY KEY, uri TEXT, title TEXT);"
            "CREATE TABLE comments (tid INTEGER, id INTEGER PRIMARY KEY, parent INTEGER,"
            " created FLOAT, modified FLOAT, mode INTEGER, remote_addr TEXT, text TEXT, author TEXT,"
            " email TEXT, website TEXT, likes INTEGER, dislikes INTEGER, notification INTEGER);"
        )
        pages = [(n, f"/{n}/", f"Page {n}") for n in range(count // 50 + 1)]
        database.executemany("INSERT INTO threads VALUES (?, ?, ?)", pages)
        database.executemany(
            "INSERT INTO comments VALUES (?,?,?,?,NULL,1,'',?,?,NULL,NULL,0,0,0)",
            (
                (n // 50, n, n - 1 if n % 50 and n % 3 == 0 else None, 1.6e9 + n,
                 TEXT.format(n=n), f"Reader {n % 997}")
                for n in range(1, count + 1)
            ),
        )  # fmt: skip
        database.commit()


def measure(file: Path, url: str) -> None:
    """Import one file and print comments per second and the process' largest size."""
    engine = own_engine(url)
    schema.upgrade(engine)
    with bare_app(engine).app_context():
        add_site("blog", ["https://blog.example"])
        began = time.perf_counter()
        report = import_file(SourceFile(file), Plan("blog"))
        seconds = time.perf_counter() - began
    engine.dispose()
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{file.name} on {engine.dialect.name}: {report.new} comments in {seconds:.1f} s, "
        f"{report.new / seconds:.0f} per second, at most {megabytes:.0f} MB"
    )


def main(count: int) -> None:
    """Measure each pair in a process of its own, so that the sizes are its own, too."""
    with tempfile.TemporaryDirectory() as folder:
        there = Path(folder)
        write_wxr(there / "wordpress.xml", count)
        write_isso(there / "isso.db", count)
        # As root, the server runs as somebody else, who must find its folder.
        there.chmod(0o755)
        server_folder = there / "server"
        server_folder.mkdir(mode=0o755)
        server = postgres.start(server_folder)
        try:
            measure_all(there, server)
        finally:
            postgres.stop(server_folder)


def measure_all(there: Path, server: str) -> None:
    """Import each file into each kind of database."""
    for at, file in enumerate(("wordpress.xml", "isso.db")):
        for url in (
            databases.sqlite_url(there / f"{at}.sqlite3"),
            databases.create_postgresql(server, f"benchmark_{at}"),
        ):
            command = [sys.executable, "-m", "tests.benchmarks.importing", "--one"]
            subprocess.run([*command, str(there / file), url], check=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        measure(Path(sys.argv[2]), sys.argv[3])
    else:
        main(int(sys.argv[1]) if sys.argv[1:] else 100_000)
