"""``commentbox moderator …``: accounts of the dashboard."""

import json
import sys
from typing import Any

import click
from flask import Flask
from sqlalchemy import select

from commentbox import clock
from commentbox.actions.invitations import Guest, invite
from commentbox.actions.members import remove_account, somebody_owns_every_site
from commentbox.actions.moderators import add_moderator, moderator_with, read_address
from commentbox.actions.second_factor import take_off
from commentbox.cli.group import working_app
from commentbox.db import session
from commentbox.errors import SetupError
from commentbox.models import Moderator, Role, Site
from commentbox.models.site import site_with_key
from commentbox.web.account_links import invitation_path, reset_path


@click.group()
def moderator() -> None:
    """Accounts of the dashboard."""


@moderator.command("add")
@click.argument("email")
@click.option("--site", "site_key", default=None, help="One site only; else all of them.")
@click.option("--role", default=None, type=click.Choice([r.value for r in Role]))
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
def add(email: str, site_key: str | None, role: str | None, password_stdin: bool) -> None:
    """Add an account, or give the one that is there a new password.

    The first account owns every site unless told otherwise; those after it moderate.
    """
    password = sys.stdin.readline().rstrip("\r\n") if password_stdin else _asked_password()
    app = working_app()
    with app.app_context():
        wanted = Role(role) if role else None
        if wanted is None and site_key is None and not somebody_owns_every_site():
            wanted = Role.OWNER
        added = add_moderator(email, password, site_key, wanted)
        click.echo(f"{_described(added)} and can sign in at {_service(app)}/dashboard/.")


@moderator.command("list")
@click.option("--json", "as_json", is_flag=True, help="For scripts.")
def list_accounts(*, as_json: bool) -> None:
    """List the accounts with what each may do."""
    with working_app().app_context():
        accounts = session().scalars(select(Moderator).order_by(Moderator.email)).all()
        if as_json:
            listed = [{"email": each.email, "roles": _roles(each)} for each in accounts]
            click.echo(json.dumps(listed, ensure_ascii=False, indent=2))
            return
        for account in accounts:
            click.echo(f"{_described(account)}.")


@moderator.command("remove")
@click.argument("email")
def remove(email: str) -> None:
    """Remove an account at once, its sessions included; what it decided stays."""
    with working_app().app_context():
        account = _account(email)
        remove_account(account.id)
        click.echo(f"{account.email} has no account any more.")


@moderator.command("invite")
@click.argument("email")
@click.option("--site", "site_key", default=None, help="One site only; else all of them.")
@click.option("--role", default="moderator", type=click.Choice([r.value for r in Role]))
def invite_somebody(email: str, site_key: str | None, role: str) -> None:
    """Invite somebody and print the link, which serves for a week, once."""
    app = working_app()
    with app.app_context():
        site = site_with_key(session(), site_key) if site_key else None
        invitation = invite(Guest(email, Role(role), site), None, clock.now())
        click.echo(_service(app) + invitation_path(invitation))


@moderator.command("reset")
@click.argument("email")
@click.option("--without-second-factor", is_flag=True, help="Take the second factor off, too.")
def reset(email: str, without_second_factor: bool) -> None:
    """Print a link to choose another password, which serves for an hour, once."""
    app = working_app()
    with app.app_context():
        account = _account(email)
        if without_second_factor:
            account = take_off(account.id)
        click.echo(_service(app) + reset_path(account))


def _account(email: str) -> Moderator:
    account = moderator_with(session(), read_address(email))
    if account is None:
        raise SetupError(
            "“%(email)s” has no account: “commentbox moderator add” makes one.", email=email
        )
    return account


def _described(account: Moderator) -> str:
    """Return what an account may do, e.g. “ada@example.org owns every site”."""
    verbs = {Role.OWNER: "owns", Role.MODERATOR: "moderates"}
    rights = [
        f"{verbs[Role(each['role'])]} {each['site'] or 'every site'}" for each in _roles(account)
    ]
    return f"{account.email} {', '.join(rights) or 'has no site'}"


def _roles(account: Moderator) -> list[dict[str, Any]]:
    """Return what an account is on which site; None for every site."""
    keys = {site.id: site.key for site in session().scalars(select(Site))}
    return [
        {"role": each.role, "site": None if each.site_id is None else keys[each.site_id]}
        for each in account.memberships
    ]


def _service(app: Flask) -> str:
    """Return where the service is, as far as a command can know."""
    public_url: str = app.extensions["commentbox"].settings.public_url
    return public_url or "http://127.0.0.1:8080"


def _asked_password() -> str:
    password: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    return password
