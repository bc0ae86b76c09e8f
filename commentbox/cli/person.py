"""``commentbox person …``: show somebody what is kept of them, and forget it."""

import json

import click

from commentbox import clock
from commentbox.actions.erase import erase_again as apply_again
from commentbox.actions.erase import erase_person
from commentbox.actions.erasure_list import ErasureList
from commentbox.actions.moderate import Ruling
from commentbox.cli.group import working_app
from commentbox.db import session
from commentbox.models import Entrance
from commentbox.models.erasure import ErasureMode
from commentbox.models.site import site_with_key
from commentbox.reading.person import data_of
from commentbox.web.engine import current_engine

BY_COMMAND = Ruling(Entrance.CLI, reason="erasure")


def erasure_list() -> ErasureList:
    """Return the list of erasures beside the database of the current app."""
    return ErasureList(current_engine().settings.data_dir)


@click.group()
def person() -> None:
    """What is kept of somebody, by e-mail address."""


@person.command("export")
@click.argument("email")
@click.option("--site", "site_key", required=True)
def export(email: str, site_key: str) -> None:
    """Print all that is kept of an address, as JSON."""
    with working_app().app_context():
        data = data_of(session(), site_with_key(session(), site_key), email)
    click.echo(json.dumps(data, ensure_ascii=False, indent=2))


@person.command("erase")
@click.argument("email")
@click.option("--site", "site_key", required=True)
@click.option(
    "--mode",
    required=True,
    type=click.Choice([mode.value for mode in ErasureMode]),
    help="Keep the words without their author, or delete them.",
)
def erase(email: str, site_key: str, mode: str) -> None:
    """Forget an address. This cannot be undone, also not by a restore or an import."""
    with working_app().app_context():
        erased = erase_person(
            site_key, email, ErasureMode(mode), BY_COMMAND, clock.now(), erasure_list()
        )
    click.echo(f"{erased.comments} comments were forgotten.")
    if erased.mentions:
        click.echo(
            f"{erased.mentions} other comments name the address in their words: look at them."
        )


@person.command("erase-again")
def erase_again() -> None:
    """Apply all erasures once more, e.g. after the database came back from elsewhere."""
    with working_app().app_context():
        erasure_list().take_over()
        click.echo(f"{apply_again(BY_COMMAND)} comments had come back and were forgotten again.")
