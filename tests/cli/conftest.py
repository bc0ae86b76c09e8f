"""A terminal on which the commands of a fresh service are run."""

import gc
import os
import shutil
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from commentbox.cli import commands

Cli = Callable[..., Result]


@pytest.fixture
def data_dir(migrated_sqlite: Path, tmp_path: Path) -> Path:
    """Return the data folder of a service whose schema is the newest and which has no rows."""
    folder = tmp_path / "data"
    folder.mkdir()
    shutil.copyfile(migrated_sqlite, folder / "commentbox.sqlite3")
    return folder


@pytest.fixture
def cli(data_dir: Path) -> Iterator[Cli]:
    """Return a function that runs a command, e.g. ``cli("site", "list", input="…")``.

    Settings are given by their variables: ``cli("upgrade", COMMENTBOX_PUBLIC_URL="…")``.
    """

    def run_one(*arguments: str, input: str | None = None, **environ: str) -> Result:
        settings = {
            "COMMENTBOX_DATA_DIR": str(data_dir),
            "COMMENTBOX_SECRET_KEY": "known to every test",
            "LC_ALL": "C.UTF-8",
        }
        return CliRunner().invoke(commands, arguments, input=input, env=settings | environ)

    yield run_one
    assert not [name for name in os.environ if name.startswith("COMMENTBOX_")]


@pytest.fixture
def _connections_end() -> Iterator[None]:
    """Close what a command leaves open: it ends with its process, but here the process goes on."""
    yield
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()


def told(result: Result) -> str:
    """Return the one sentence that a command failed with."""
    assert result.exit_code == 1, result.output
    assert result.stdout == ""
    lines = result.stderr.strip().splitlines()
    assert len(lines) == 1, result.stderr
    assert lines[0].startswith("Error: ")
    return lines[0].removeprefix("Error: ")
