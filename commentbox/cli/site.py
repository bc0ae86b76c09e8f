"""``commentbox site …``: add, list, set and remove sites."""

import json
from typing import Any

import click
from flask import Flask
from sqlalchemy import select

from commentbox.actions.looks import COLOURS, TEXTS, read_looks, set_looks
from commentbox.actions.sites import add_site, remove_site, set_policy
from commentbox.cli.group import working_app
from commentbox.db import session
from commentbox.errors import SetupError
from commentbox.models import Site
from commentbox.models.policy import POLICY
from commentbox.models.site import site_with_key
from commentbox.web.snippet import snippet as snippet_of

EXAMPLE = "https://comments.example.org"
"""Where the service is said to be while nobody has set where it is."""


@click.group()
def site() -> None:
    """Add, list, set and remove sites."""


@site.command("add")
@click.argument("key")
@click.option("--origin", "origins", multiple=True, required=True, help="https://example.org")
@click.option("--name", default="", help="What the site is called.")
@click.option("--language", default="", help="de or en; en for a new site.")
def add(key: str, origins: tuple[str, ...], name: str, language: str) -> None:
    """Add a site, or origins to one that is there, and print what to paste into its pages."""
    app = working_app()
    with app.app_context():
        added = add_site(key, origins, name, language)
        known = ", ".join(origin.origin for origin in added.origins)
        click.echo(f"The site “{added.key}” takes comments from {known}. Paste into its pages:\n")
        click.echo(snippet(app, added))
        if not app.extensions["commentbox"].settings.public_url:
            click.echo(
                f"\nPut the service's own address in place of {EXAMPLE},"
                " or set COMMENTBOX_PUBLIC_URL.",
                err=True,
            )


@site.command("list")
@click.option("--json", "as_json", is_flag=True, help="For scripts.")
def list_sites(as_json: bool) -> None:
    """List the sites with their origins and policy."""
    with working_app().app_context():
        sites = [_described(s) for s in session().scalars(select(Site).order_by(Site.key))]
    if as_json:
        click.echo(json.dumps(sites, ensure_ascii=False, indent=2))
        return
    for described in sites:
        click.echo(f"{described['key']}: {', '.join(described['origins'])}")
        for name, value in described["policy"].items():
            click.echo(f"  {name} = {value}")


@site.command("set")
@click.argument("key")
@click.argument("values", nargs=-1, required=True, metavar="NAME=VALUE…")
def set_values(key: str, values: tuple[str, ...]) -> None:
    """Set a site's policy, e.g. moderation=all pace_seconds=5."""
    pairs = dict(_pair(value) for value in values)
    with working_app().app_context():
        changed = set_policy(key, pairs)
        for name in pairs:
            click.echo(f"{name} = {getattr(changed, name)}")


@site.command("looks")
@click.argument("key")
@click.argument("values", nargs=-1, metavar="[NAME=VALUE…]")
def looks(key: str, values: tuple[str, ...]) -> None:
    """Give a site its own words and colours, e.g. accent=#aa3300 send="Post it".

    A name without a value, e.g. accent=, stands for what everybody has. Without names this shows
    what is set. Words: rules, write, send, none, held, closed. Colours: accent, danger, line, field.
    """
    pairs = dict(_pair(value) for value in values)
    unknown = ", ".join(name for name in pairs if name not in {**TEXTS, **COLOURS})
    if unknown:
        raise SetupError(
            "%(names)s: there are the words %(texts)s and the colours %(colours)s.",
            names=unknown,
            texts=", ".join(TEXTS),
            colours=", ".join(COLOURS),
        )
    with working_app().app_context():
        known = site_with_key(session(), key)
        if pairs:
            known = set_looks(key, read_looks(known.texts | pairs, known.colours | pairs))
        for name, value in {**known.texts, **known.colours}.items():
            click.echo(f"{name} = {value}")


@site.command("remove")
@click.argument("key")
@click.option("--yes", is_flag=True, help="Do not ask.")
def remove(key: str, *, yes: bool) -> None:
    """Remove a site with all its comments. This cannot be undone: “export” it before."""
    with working_app().app_context():
        key = site_with_key(session(), key).key
        if not yes:
            click.confirm(f"Remove “{key}” with all its comments?", abort=True)
        click.echo(f"“{key}” is removed, with {remove_site(key)} comments.")


def snippet(app: Flask, site: Site) -> str:
    """Return what a site's owner pastes into the pages."""
    origin = app.extensions["commentbox"].settings.public_url or EXAMPLE
    return snippet_of(origin + (app.blueprints["commentbox"].url_prefix or ""), site)


def _pair(written: str) -> tuple[str, str]:
    name, separator, value = written.partition("=")
    if not separator:
        raise click.UsageError(f"“{written}” is not NAME=VALUE.")
    return name, value


def _described(site: Site) -> dict[str, Any]:
    return {
        "key": site.key,
        "name": site.name,
        "origins": [origin.origin for origin in site.origins],
        "policy": {name: getattr(site, name) for name in POLICY if name != "name"},
    }
