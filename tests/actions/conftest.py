"""The ground of the verbs' tests: an application context, and threads that act at once."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import pytest
from flask import Flask
from sqlalchemy import Engine

from tests.grounds import bare_app

T = TypeVar("T")
AtOnce = Callable[[int, Callable[[int], T]], list[T]]


@pytest.fixture
def app(engine: Engine) -> Flask:
    """Return an app that has the test's database and nothing else."""
    return bare_app(engine)


@pytest.fixture(autouse=True)
def _in_the_app(app: Flask) -> Iterator[None]:
    with app.app_context():
        yield


@pytest.fixture
def at_once(app: Flask) -> AtOnce[T]:
    """Return a function that lets many people do something at the same moment.

    ``at_once(8, deed)`` calls ``deed(0)`` … ``deed(7)``, each in a thread and context of its own,
    and returns what they returned; what one raises is raised.
    """

    def act(people: int, deed: Callable[[int], T]) -> list[T]:
        all_here = threading.Barrier(people)

        def one(number: int) -> T:
            all_here.wait()
            with app.app_context():
                return deed(number)

        with ThreadPoolExecutor(people) as pool:
            return list(pool.map(one, range(people)))

    return act
