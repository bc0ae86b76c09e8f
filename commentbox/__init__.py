"""commentbox: a comment engine that a page embeds and a Flask app mounts."""

from importlib import import_module
from typing import TYPE_CHECKING

from commentbox.__about__ import __version__

if TYPE_CHECKING:
    from commentbox.app import create_app
    from commentbox.extension import CommentBox

__all__ = ["CommentBox", "__version__", "create_app"]

_HOMES = {"CommentBox": "commentbox.extension", "create_app": "commentbox.app"}


def __getattr__(name: str) -> object:
    # Loaded when they are asked for: the console script first sees to signals, which may come
    # at any moment, and loading takes most of a second.
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
