"""The ground of the questions' tests."""

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import Engine

from tests.grounds import bare_app


@pytest.fixture
def app(engine: Engine) -> Flask:
    """Return an app that has the test's database and nothing else."""
    return bare_app(engine)


@pytest.fixture(autouse=True)
def _in_the_app(app: Flask) -> Iterator[None]:
    with app.app_context():
        yield
