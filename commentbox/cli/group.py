"""What all commands share: which app they work on, and how a mistake is told."""

import os
from typing import Any

import click
from flask import Flask
from flask.cli import ScriptInfo
from sqlalchemy.exc import DBAPIError, ProgrammingError, StatementError

from commentbox.app import create_app
from commentbox.errors import CommentboxError, InvalidFields, SetupError
from commentbox.i18n import Language, language


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
            sentence = terminal_language().filled(error.message, error.facts)
            raise click.ClickException(sentence) from error
        except DBAPIError as error:
            raise click.ClickException(
                f"The database refused: {_first_line(error)}. {_remedy(error)}"
            ) from error
        except (UnicodeEncodeError, StatementError) as error:
            if not _is_unwritable(error):
                raise
            raise click.ClickException(
                "What the command was given is not written in UTF-8: check the terminal's encoding."
            ) from error


def _first_line(error: DBAPIError) -> str:
    return str(error.orig).partition("\n")[0].rstrip(".")


def _remedy(error: DBAPIError) -> str:
    is_of_schema = isinstance(error, ProgrammingError) or "no such " in str(error.orig)
    if is_of_schema:
        return "Is its schema up to date? “commentbox upgrade” brings it there."
    return "See that COMMENTBOX_DATABASE_URL names a database that runs and may be written to."


def _is_unwritable(error: UnicodeEncodeError | StatementError) -> bool:
    return isinstance(error, UnicodeEncodeError) or isinstance(error.orig, UnicodeEncodeError)


def terminal_language() -> Language:
    """Return the language of who sits at the terminal, by ``LC_ALL``, ``LC_MESSAGES`` or ``LANG``."""
    named = (os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    return language(next(filter(None, named), None))


def working_app() -> Flask:
    """Return the app the commands work on: the host's under ``flask``, else the service's own."""
    if (app := host_app()) is not None:
        return app
    app = create_app()
    engine = app.extensions["commentbox"].database.unchecked_engine
    click.get_current_context().call_on_close(engine.dispose)
    return app


def host_app() -> Flask | None:
    """Return the app that ``flask commentbox …`` was called for, None under ``commentbox …``."""
    info = click.get_current_context().find_object(ScriptInfo)
    if info is None:
        return None
    app: Flask = info.load_app()
    if "commentbox" not in app.extensions:
        raise SetupError("This app has no commentbox: mount it with CommentBox(app).")
    return app
