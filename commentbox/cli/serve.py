"""``commentbox serve``: the production server."""

import click

from commentbox import server
from commentbox.app import create_app


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8080, show_default=True, type=click.IntRange(1, 65535))
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 64))
def serve(host: str, port: int, workers: int) -> None:
    """Serve the comments until Ctrl-C."""
    with server.ended_by_signals():
        app = create_app()
        server.require_free(host, port)
        click.echo(f"commentbox serves {server.address_of(host, port)}", err=True)
        server.serve(app, host, port, workers)
