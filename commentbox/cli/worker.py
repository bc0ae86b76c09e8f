"""``commentbox worker``: one more worker of the outbox."""

import click

from commentbox import outbox
from commentbox.cli.group import working_app


@click.command()
def worker() -> None:
    """Deliver webhooks and mails until Ctrl-C; any number of workers may run at once."""
    app = working_app()
    click.echo("commentbox delivers.", err=True)
    outbox.work(app)
