"""``commentbox upgrade``: bring the database's schema up to date."""

import os

import click

from commentbox import schema
from commentbox.cli.group import host_app
from commentbox.db import own_engine
from commentbox.settings import read_settings


@click.command()
def upgrade() -> None:
    """Bring the database's schema up to date."""
    if (host := host_app()) is not None:
        engine = host.extensions["commentbox"].database.unchecked_engine
    else:
        # The service itself would refuse to start on the old schema.
        settings = read_settings({}, os.environ)
        settings.make_data_dir()
        engine = own_engine(settings.resolved_database_url)
        click.get_current_context().call_on_close(engine.dispose)
    before = schema.current_revision(engine)
    schema.upgrade(engine)
    after = schema.current_revision(engine)
    if before == after:
        click.echo(f"The schema is up to date ({after}).")
    else:
        click.echo(f"The schema went from {before or 'nothing'} to {after}.")
