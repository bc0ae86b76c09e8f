"""The ground of the nouns' tests that touch data."""

import pytest
from flask import Flask
from sqlalchemy import Engine

from tests.grounds import bare_app


@pytest.fixture
def app(engine: Engine) -> Flask:
    """Return an app that has the test's database and nothing else."""
    return bare_app(engine)
