"""``commentbox thread …``: close, open, move and describe threads."""

import click

from commentbox.actions.alias import add_alias
from commentbox.actions.close import set_open
from commentbox.actions.describe import describe
from commentbox.cli.group import working_app


@click.group()
def thread() -> None:
    """Close, open, move and describe threads."""


@thread.command("close")
@click.option("--site", "site_key", required=True)
@click.option("--page", required=True, help="The thread's key, e.g. /2026/post/")
def close(site_key: str, page: str) -> None:
    """Take no more comments on a page; those that are there stay."""
    with working_app().app_context():
        click.echo(f"{set_open(site_key, page, is_open=False).key} is closed.")


@thread.command("open")
@click.option("--site", "site_key", required=True)
@click.option("--page", required=True)
def open_again(site_key: str, page: str) -> None:
    """Take comments on a page again."""
    with working_app().app_context():
        click.echo(f"{set_open(site_key, page, is_open=True).key} is open.")


@thread.command("alias")
@click.option("--site", "site_key", required=True)
@click.option("--page", required=True, help="The page that has the comments.")
@click.option("--also", required=True, help="The page that shall show them too.")
def alias(site_key: str, page: str, also: str) -> None:
    """Show a page's thread on another page too, e.g. after it has moved."""
    with working_app().app_context():
        click.echo(f"{also} shows the comments of {add_alias(site_key, page, also).key}.")


@thread.command("describe")
@click.option("--site", "site_key", required=True)
@click.option("--page", required=True)
@click.option("--title", help="What the page is called; empty: nothing.")
@click.option("--url", help="Where the page is, at an origin of the site; empty: nowhere.")
def describe_page(site_key: str, page: str, title: str | None, url: str | None) -> None:
    """Say what a page is called and where it is; comments no longer do."""
    if title is None and url is None:
        raise click.UsageError("Give --title, --url or both.")
    with working_app().app_context():
        told = describe(site_key, page, url=url, title=title)
        click.echo(f"{told.key} is “{told.title or ''}” at {told.url or 'an unknown address'}.")
