"""The commands: ``commentbox …``, and ``flask commentbox …`` in a host app."""

import signal
import sys
from types import FrameType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from commentbox.cli.table import commands

__all__ = ["commands", "main"]

ENDING_SIGNALS = (signal.SIGTERM, signal.SIGINT)

LASTING = frozenset({"demo", "serve", "worker"})
"""Commands that a signal ends as it should be; to others it is a failure."""


def main() -> None:
    """Run the console script. A service that is told to end while it is loaded ends with status 0."""
    is_lasting = not LASTING.isdisjoint(sys.argv[1:2])
    before = {n: signal.signal(n, _end) for n in ENDING_SIGNALS} if is_lasting else {}
    if sys.argv[1:2] == ["serve"] and hasattr(signal, "SIGHUP"):
        signal.signal(
            signal.SIGHUP, signal.SIG_IGN
        )  # it asks for other workers: there are none yet
    from commentbox.cli.table import commands

    for number, handler in before.items():
        signal.signal(number, handler)
    commands(prog_name="commentbox")


def _end(_number: int, _frame: FrameType | None) -> None:
    sys.exit(0)


def __getattr__(name: str) -> object:
    # Loading takes most of a second: the console script sees to signals first.
    if name != "commands":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from commentbox.cli.table import commands

    return commands
