"""The outbox at work beside a server, as processes of their own."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from commentbox import create_app
from commentbox.actions.endpoints import Wish, add_endpoint
from commentbox.actions.sites import add_site
from commentbox.outbound import Client
from commentbox.outbox import PROCESS_NAME
from tests.factories import WRITTEN_AT, write
from tests.grounds import eventually
from tests.ports import free_port
from tests.processes import ROOT
from tests.receivers import receiving

pytestmark = pytest.mark.servers

SERVE = "from commentbox.cli import main; main()"


def test_a_server_delivers_goes_on_when_its_worker_is_killed_and_leaves_nobody_behind(
    sqlite_url: str, tmp_path: Path
) -> None:
    settings = {
        "COMMENTBOX_DATABASE_URL": sqlite_url,
        "COMMENTBOX_DATA_DIR": str(tmp_path),
        "COMMENTBOX_ALLOW_PRIVATE_WEBHOOKS": "on",
    }
    app = create_app(settings)
    command = [sys.executable, "-c", SERVE, "serve", "--port", str(free_port())]
    with receiving() as receiver, app.app_context():
        site = add_site("blog", ["https://blog.example"])
        wish = Wish(receiver.url, ("comment.posted",))
        add_endpoint(site.key, wish, Client(allows_private=True), WRITTEN_AT)
        server = subprocess.Popen(command, env=os.environ | settings, cwd=ROOT)
        try:
            write(site)
            assert eventually(lambda: len(receiver.received) == 1)
            (worker,) = workers_of(server.pid)
            os.kill(worker, signal.SIGKILL)
            write(site)
            assert eventually(lambda: len(receiver.received) == 2)
            (worker,) = workers_of(server.pid)
        finally:
            server.terminate()
            server.wait()
        assert eventually(lambda: not Path(f"/proc/{worker}").exists())
    app.extensions["commentbox"].database.engine.dispose()


def workers_of(server: int) -> list[int]:
    """Return the processes that deliver for a server."""
    listed = subprocess.run(
        ["ps", "-A", "-o", "pid=,ppid=,comm="], capture_output=True, text=True, check=True
    )
    rows = (line.split(None, 2) for line in listed.stdout.splitlines())
    return [
        int(pid) for pid, parent, name in rows if int(parent) == server and name == PROCESS_NAME
    ]
