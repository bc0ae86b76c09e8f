"""``commentbox render``: a thread's HTML, for static builds."""

import click

from commentbox.cli.group import working_app
from commentbox.web.inclusion import static_thread


@click.command()
@click.option("--site", "site_key", required=True)
@click.option("--page", required=True, help="The thread's key, e.g. /2026/post/")
@click.option("--lang", default=None, help="Language of the words around the comments.")
def render(site_key: str, page: str, lang: str | None) -> None:
    """Print a thread's HTML."""
    with working_app().test_request_context():
        click.echo(static_thread(site_key, page, lang))
