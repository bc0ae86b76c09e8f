"""``commentbox backup`` and ``commentbox restore``: the whole store in one file."""

from pathlib import Path

import click

from commentbox.actions.erase import erase_again
from commentbox.cli.group import working_app
from commentbox.cli.person import BY_COMMAND, erasure_list
from commentbox.transfer.backup import back_up
from commentbox.transfer.backup import restore as put_back


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def backup(file: Path) -> None:
    """Write everything to FILE while the service runs, and check that it can be restored."""
    with working_app().app_context():
        told = back_up(file)
    click.echo(f"{told.comments} comments and everything else are in {file}; it was tried out.")


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--force", is_flag=True, help="Put it in the place of all that is there.")
def restore(file: Path, force: bool) -> None:
    """Read everything from FILE, on SQLite or PostgreSQL, whichever wrote it."""
    with working_app().app_context():
        told = put_back(file, overwrite=force)
        erasure_list().take_over()
        again = erase_again(BY_COMMAND)
    click.echo(f"{told.comments} comments and everything else are back.")
    if again:
        click.echo(f"{again} of them had been erased since, and were again.")
