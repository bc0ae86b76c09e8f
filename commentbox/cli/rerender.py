"""``commentbox rerender``: render stored comments with this release's markup pipeline."""

import click

from commentbox.actions.rerender import rerender as rerender_all
from commentbox.cli.group import working_app


@click.command()
def rerender() -> None:
    """Render comments again whose HTML an older markup pipeline made."""
    with working_app().app_context():
        click.echo(f"{rerender_all()} comments were rendered.")
