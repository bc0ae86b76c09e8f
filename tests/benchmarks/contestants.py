"""The servers that are measured: commentbox, and what it is held against."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from flask import Flask
from sqlalchemy import insert, update

from commentbox import clock, create_app, markup
from commentbox.actions.sites import add_site, set_policy
from commentbox.db import atomic
from commentbox.models import Comment, State, Thread
from commentbox.models.comment import text_digest
from tests.benchmarks.process_tree import Tree, running
from tests.benchmarks.seeds import conversation
from tests.ports import free_port

HERE = Path(__file__).parent
SCRIPTS = Path(sys.executable).parent
ORIGIN = "https://blog.example"
SITE = "blog"
INSERTED_AT_ONCE = 5000


@dataclass(frozen=True)
class Running:
    """A server at work."""

    tree: Tree
    port: int


@dataclass(frozen=True)
class Store:
    """A data folder of commentbox, filled."""

    folder: Path

    @property
    def settings(self) -> dict[str, str]:
        """Return the settings of the service on it; limits are counted, and nobody reaches them."""
        return {
            "COMMENTBOX_DATA_DIR": str(self.folder),
            "COMMENTBOX_SECRET_KEY": "known to every benchmark",
            "COMMENTBOX_POST_LIMIT": "1000000 per minute",
        }

    def app(self) -> Flask:
        """Return the service as an app."""
        return create_app(self.settings)

    def ticket(self) -> str:
        """Return the ticket of a form that was opened a minute ago."""
        app = self.app()
        with app.app_context():
            site = add_site(SITE, [ORIGIN])
            opened_at = clock.now() - timedelta(minutes=1)
            ticket: str = app.extensions["commentbox"].signatures.ticket(site, opened_at)
        app.extensions["commentbox"].database.engine.dispose()
        return ticket


def fill(folder: Path, threads: dict[str, int], page_size: int = 100) -> Store:
    """Make a store with so many comments per page's key, e.g. ``{"/a": 100}``."""
    folder.mkdir(parents=True, exist_ok=True)
    store = Store(folder)
    app = store.app()
    with app.app_context():
        add_site(SITE, [ORIGIN])
        site = set_policy(SITE, {"page_size": str(page_size), "pace_seconds": "0"})
        # One conversation's HTML serves many: to render a million would take the whole day.
        longest = max(threads.values())
        rendered = [(seed, markup.render(seed.text)) for seed in conversation(min(longest, 1000))]
        number = 0
        for key, count in threads.items():
            with atomic() as session:
                thread = Thread(site_id=site.id, key=key, url=ORIGIN + key, title=key)
                session.add(thread)
                session.flush()
                rows: list[dict[str, object]] = []
                first, sizes = number + 1, {}
                for position in range(count):
                    lap, at = divmod(position, len(rendered))
                    seed, html = rendered[at]
                    number += 1
                    parent = (
                        None if seed.parent is None else first + lap * len(rendered) + seed.parent
                    )
                    root = number if parent is None else sizes[parent][0]
                    depth = 0 if parent is None else sizes[parent][1] + 1
                    sizes[number] = (root, depth)
                    text = f"{seed.text} {number}"
                    rows.append(
                        {
                            "id": number,
                            "site_id": site.id,
                            "thread_id": thread.id,
                            "parent_id": parent,
                            "root_id": root,
                            "depth": depth,
                            "name": seed.name,
                            "text": text,
                            "html": html,
                            "has_replies": True,
                            "markup_version": markup.VERSION,
                            "text_digest": text_digest(text),
                            "state": State.PUBLISHED.value,
                            "created_at": clock.now(),
                            "reasons": [],
                        }
                    )
                    if len(rows) == INSERTED_AT_ONCE:
                        session.execute(insert(Comment), rows)
                        rows = []
                if rows:
                    session.execute(insert(Comment), rows)
                lengths: dict[int, int] = {}
                for root, _ in sizes.values():
                    lengths[root] = lengths.get(root, 0) + 1
                if lengths:
                    session.execute(
                        update(Comment),
                        [{"id": root, "conversation_size": size} for root, size in lengths.items()],
                    )
                thread.count, thread.version = count, 2
    app.extensions["commentbox"].database.engine.dispose()
    return store


@contextmanager
def commentbox(store: Store) -> Iterator[Running]:
    """Run ``commentbox serve`` as its documentation says."""
    port = free_port()
    command = [str(SCRIPTS / "commentbox"), "serve", "--port", str(port)]
    with running(command, port, store.folder, store.settings) as tree:
        yield Running(tree, port)


@contextmanager
def bare(kind: str, body: bytes, folder: Path) -> Iterator[Running]:
    """Run granian with constant bytes: ``kind`` is ``"wsgi"``, or ``"flask"`` for a Flask route."""
    port = free_port()
    (folder / "body").write_bytes(body)
    command = [
        *(
            str(SCRIPTS / "granian"),
            "--interface",
            "wsgi",
            "--blocking-threads",
            "1",
            "--http",
            "1",
        ),
        *("--no-ws", "--log-level", "error", "--port", str(port)),
        f"tests.benchmarks.constant:{kind}_app",
    ]
    environ = {"PYTHONPATH": str(HERE.parents[1]), "CONSTANT_BODY": str(folder / "body")}
    with running(command, port, folder, environ) as tree:
        yield Running(tree, port)


NGINX = """
daemon off; pid {folder}/nginx.pid; error_log {folder}/nginx-error.log; worker_processes 1;
events {{ worker_connections 256; }}
http {{
  access_log off; keepalive_requests 100000000; default_type text/html; client_body_temp_path {folder};
  proxy_temp_path {folder}; fastcgi_temp_path {folder}; uwsgi_temp_path {folder}; scgi_temp_path {folder};
  server {{ listen 127.0.0.1:{port}; root {folder}; location / {{ gzip_static always; try_files /thread.html =404; }} }}
}}
"""


@contextmanager
def nginx(packed: bytes, folder: Path) -> Iterator[Running | None]:
    """Run nginx with a pre-compressed file; None where it is not installed."""
    if (program := shutil.which("nginx")) is None:
        yield None
        return
    port = free_port()
    (folder / "thread.html.gz").write_bytes(packed)
    (folder / "thread.html").write_bytes(b"")
    folder.chmod(0o755)
    (folder / "nginx.conf").write_text("user root;" + NGINX.format(folder=folder, port=port))
    command = [program, "-c", str(folder / "nginx.conf")]
    with running(command, port, folder) as tree:
        yield Running(tree, port)


ISSO = """
[general]
dbpath = {folder}/isso.db
host = {origin}
[server]
listen = http://127.0.0.1:{port}/
[moderation]
enabled = false
[guard]
enabled = false
"""


@contextmanager
def isso(program: str | None, folder: Path, workers: int = 1) -> Iterator[Running | None]:
    """Run Isso under gunicorn, as its documentation says; None where it is not installed.

    ``program`` is the ``isso`` of an environment that holds gunicorn as well.
    """
    if program is None:
        yield None
        return
    port = free_port()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "isso.cfg").write_text(ISSO.format(folder=folder, origin=ORIGIN, port=port))
    command = [
        *(str(Path(program).with_name("gunicorn")), "-b", f"127.0.0.1:{port}", "-w", str(workers)),
        *("--preload", "--no-control-socket", "--log-level", "error", "isso.run"),
    ]
    environ = {"ISSO_SETTINGS": str(folder / "isso.cfg")}
    with running(command, port, folder, environ) as tree:
        yield Running(tree, port)


def available_isso() -> str | None:
    """Return Isso's program: the one of ISSO_PROGRAM, else the one on the path."""
    import os

    return os.environ.get("ISSO_PROGRAM") or shutil.which("isso")


def versions() -> dict[str, str]:
    """Return what was measured."""
    found = {"python": sys.version.split()[0]}
    if program := shutil.which("nginx"):
        done = subprocess.run([program, "-v"], capture_output=True, text=True, check=False)
        found["nginx"] = done.stderr.strip().rpartition("/")[2]
    return found
