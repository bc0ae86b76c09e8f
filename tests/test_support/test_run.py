"""A run makes things once for all its workers, and leaves nothing behind."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
import redis

from tests import postgres, redis_server
from tests.run import Run


@pytest.fixture
def new_run() -> Iterator[Run]:
    run = Run.begin()
    yield run
    run.end()


def test_what_many_ask_for_at_once_is_made_once(new_run: Run) -> None:
    made: list[str] = []

    def make() -> str:
        made.append("made")
        return f"number {len(made)}"

    with ThreadPoolExecutor(8) as workers:
        answers = list(workers.map(lambda _: new_run.once("thing", make), range(8)))

    assert answers == ["number 1"] * 8


def test_what_could_not_be_made_is_tried_again(new_run: Run) -> None:
    def fail() -> str:
        raise OSError("no room")

    with pytest.raises(OSError, match="no room"):
        new_run.once("thing", fail)

    assert new_run.once("thing", lambda: "made") == "made"


@pytest.mark.servers
def test_the_end_stops_the_servers_and_removes_their_data(new_run: Run) -> None:
    postgresql_address = postgres.start(new_run.folder).replace("+psycopg", "")
    redis_address = redis_server.start(new_run.folder)
    psycopg.connect(postgresql_address).close()

    new_run.end()

    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(postgresql_address)
    with redis.Redis.from_url(redis_address) as client, pytest.raises(redis.ConnectionError):
        client.ping()
    assert not new_run.folder.exists()
