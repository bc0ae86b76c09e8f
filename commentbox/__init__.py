"""commentbox: a comment engine that a page embeds and a Flask app mounts."""

from commentbox.__about__ import __version__
from commentbox.app import create_app
from commentbox.extension import CommentBox

__all__ = ["CommentBox", "__version__", "create_app"]
