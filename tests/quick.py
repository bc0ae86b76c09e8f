"""What makes tests quick: what takes its time in earnest is done cheaply here, or only once."""

import gc
import os
import shutil
import sys
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from werkzeug.routing import Rule

from commentbox.models import password

CHEAP_SCRYPT_N = 2**8


def keep_what_is_compiled() -> None:
    """Write bytecode also where the environment says not to, as in many containers.

    There pytest would rewrite the assertions of every test each time, which takes longer than to
    run a fifth of them, and each process that a test starts would compile commentbox first.
    """
    sys.dont_write_bytecode = False
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


QUICK, THOROUGH = "quick", "thorough"
"""Profiles of Hypothesis: after every change, and ``--hypothesis-profile=thorough``."""

for _name, _examples in {QUICK: 20, THOROUGH: 100}.items():
    # The same examples every time and however long they take: nothing fails by chance.
    settings.register_profile(
        _name,
        max_examples=_examples,
        derandomize=True,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
settings.load_profile(QUICK)


def examples(thorough: int) -> int:
    """Return how many examples the present profile tries of those that a thorough run tries."""
    present, most = settings.default, settings.get_profile(THOROUGH)
    assert present is not None
    return max(1, thorough * present.max_examples // most.max_examples)


MEMORY = Path("/dev/shm")
ROOM_BYTES = 2 * 1024**3


def keep_files_in_memory() -> None:
    """Let pytest's folders lie in memory, where no commit of a test waits for a disk."""
    if (
        MEMORY.is_dir()
        and os.access(MEMORY, os.W_OK)
        and shutil.disk_usage(MEMORY).free > ROOM_BYTES
    ):
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))


def collect_garbage_seldom() -> None:
    """Look for garbage less often, and not at all at what is there now and stays.

    Tests make cycles by the thousand, and every search looks at all that was ever imported.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)


def hash_cheaply() -> None:
    """Accounts are made and signed in to all the time here; nobody guesses their passwords."""
    password.N = CHEAP_SCRYPT_N


def remember_url_builders() -> None:
    """Compile what builds the URLs of a route once, not once for every app with that route.

    Werkzeug compiles two Python functions for each route of an app, and tests make hundreds of
    apps: five sixths of the time that it takes to make one.
    """
    compile_builder = Rule._compile_builder
    known: dict[tuple[object, ...], Any] = {}

    def remembered(rule: Rule, append_unknown: bool = True) -> Any:
        if rule.defaults:
            return compile_builder(rule, append_unknown)
        key = (rule.rule, tuple(rule._trace), append_unknown)
        if key not in known:
            known[key] = compile_builder(rule, append_unknown)
        return known[key]

    Rule._compile_builder = remembered  # type: ignore[method-assign]
