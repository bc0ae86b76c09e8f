"""What all commands share: which app they work on, and how a mistake is told."""

from typing import Any

import click
from flask import Flask
from flask.cli import ScriptInfo
from sqlalchemy.exc import DBAPIError

from commentbox.app import create_app
from commentbox.errors import CommentboxError, InvalidFields, SetupError


class Commands(click.Group):
    """A group whose errors are one sentence on standard error and exit status 1."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; turn what commentbox refuses into a sentence."""
        try:
            return super().invoke(ctx)
        except InvalidFields as error:
            sentences = (e.message % e.facts for e in error.errors)
            raise click.ClickException(" ".join(sentences)) from error
        except CommentboxError as error:
            raise click.ClickException(str(error)) from error
        except DBAPIError as error:
            raise click.ClickException(
                f"The database refused: {_first_line(error)}. Is its schema up to date? "
                "“commentbox upgrade” brings it there."
            ) from error


def _first_line(error: DBAPIError) -> str:
    return str(error.orig).partition("\n")[0].rstrip(".")


def working_app() -> Flask:
    """Return the app the commands work on: the host's under ``flask``, else the service's own."""
    return host_app() or create_app()


def host_app() -> Flask | None:
    """Return the app that ``flask commentbox …`` was called for, None under ``commentbox …``."""
    info = click.get_current_context().find_object(ScriptInfo)
    if info is None:
        return None
    app: Flask = info.load_app()
    if "commentbox" not in app.extensions:
        raise SetupError("This app has no commentbox: mount it with CommentBox(app).")
    return app
