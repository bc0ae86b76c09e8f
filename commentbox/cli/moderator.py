"""``commentbox moderator …``: accounts of the dashboard."""

import sys

import click

from commentbox.actions.moderators import add_moderator
from commentbox.cli.group import working_app
from commentbox.models import Role


@click.group()
def moderator() -> None:
    """Accounts of the dashboard."""


@moderator.command("add")
@click.argument("email")
@click.option("--site", "site_key", default=None, help="One site only; else all of them.")
@click.option("--role", default=None, type=click.Choice([r.value for r in Role]))
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
def add(email: str, site_key: str | None, role: str | None, password_stdin: bool) -> None:
    """Add an account, or give the one that is there a new password."""
    password = sys.stdin.readline().rstrip("\r\n") if password_stdin else _asked_password()
    with working_app().app_context():
        added = add_moderator(email, password, site_key, Role(role) if role else None)
        click.echo(f"{added.email} can sign in at /dashboard/.")


def _asked_password() -> str:
    password: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    return password
