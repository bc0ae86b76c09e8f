"""The ground of the transfers' tests: an application context, and files to import."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Engine

from commentbox.transfer.source import SourceFile
from tests.grounds import bare_app

MakeFile = Callable[..., SourceFile]


@pytest.fixture
def app(engine: Engine) -> Flask:
    """Return an app that has the test's database and nothing else."""
    return bare_app(engine)


@pytest.fixture
def _in_the_app(app: Flask) -> Iterator[None]:
    with app.app_context():
        yield


@pytest.fixture
def make_file(tmp_path: Path) -> MakeFile:
    """Return a function that makes a file to import, e.g. ``make_file("a.xml", b"<rss/>")``."""

    def make(name: str, content: bytes) -> SourceFile:
        path = tmp_path / name
        path.write_bytes(content)
        return SourceFile(path)

    return make
