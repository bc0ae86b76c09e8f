"""The ground that the tests stand on: one run over all workers; more in ``fixtures/``."""

import os
import signal
from pathlib import Path
from typing import Any

import pytest

from tests import quick
from tests.run import Run

pytest_plugins = ("tests.fixtures.databases", "tests.fixtures.apps", "tests.fixtures.browser")

RUN = pytest.StashKey[Run]()

quick.keep_what_is_compiled()


def pytest_configure(config: pytest.Config) -> None:
    """Begin a run, or join the one whose worker this process is."""
    worker = getattr(config, "workerinput", None)
    config.stash[RUN] = Run(Path(worker["run_folder"])) if worker else Run.begin()
    # A CI that loses patience must not leave servers behind: end as Ctrl-C does.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    # The tests decide every setting, whoever runs them.
    for name in [name for name in os.environ if name.startswith("COMMENTBOX_")]:
        del os.environ[name]
    quick.keep_files_in_memory()
    quick.hash_cheaply()
    quick.remember_url_builders()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs a browser or a server, so that the rest can be run after every change."""
    for item in items:
        used = {*getattr(item, "fixturenames", ()), *_database_kinds(item)}
        if used & {"browser", "context", "page"}:
            item.add_marker(pytest.mark.browser)
        if used & {"postgresql", "postgresql_server", "postgresql_url", "redis_url"}:
            item.add_marker(pytest.mark.servers)
        if "start_service" in item.fixturenames:
            item.add_marker(pytest.mark.processes)


def pytest_collection_finish() -> None:
    """Prepare for the tests, now that all their modules are imported."""
    quick.collect_garbage_seldom()


def _database_kinds(item: pytest.Item) -> set[str]:
    call = getattr(item, "callspec", None)
    return {"postgresql"} if call and "postgresql" in call.params.values() else set()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker of pytest-xdist which run it belongs to."""
    node.workerinput["run_folder"] = str(node.config.stash[RUN].folder)


def pytest_unconfigure(config: pytest.Config) -> None:
    """End the run, also after Ctrl-C."""
    if not hasattr(config, "workerinput"):
        config.stash[RUN].end()


@pytest.fixture(scope="session")
def run(pytestconfig: pytest.Config) -> Run:
    """Return this run of the tests, which its workers share."""
    return pytestconfig.stash[RUN]


@pytest.fixture(scope="session")
def worker_number(pytestconfig: pytest.Config) -> int:
    """Return the number of this process among the run's workers, from 0."""
    name: str = getattr(pytestconfig, "workerinput", {}).get("workerid", "gw0")
    return int(name.removeprefix("gw"))


@pytest.fixture(scope="session")
def corpora(pytestconfig: pytest.Config) -> Path:
    """Return the folder of real samples that lies beside the project."""
    folder = pytestconfig.rootpath.parent / "shared" / "corpora"
    if not folder.is_dir():
        pytest.fail(f"There are no samples: put the folder “corpora” at {folder}.", pytrace=False)
    return folder
