"""``commentbox doctor``: look the set-up over, and a page with it."""

import json
from dataclasses import asdict
from datetime import timedelta

import click

from commentbox import clock
from commentbox.cli.group import working_app
from commentbox.doctor.finding import Level
from commentbox.doctor.page import examine_page
from commentbox.doctor.service import examine_service
from commentbox.errors import SetupError
from commentbox.outbound import Client
from commentbox.outbox import service_url

TIMEOUT = timedelta(seconds=10)
SIGNS = {Level.GOOD: "✓", Level.HINT: "–", Level.WRONG: "✗"}


@click.command()
@click.argument("page_url", required=False)
@click.option("--json", "as_json", is_flag=True, help="For scripts.")
def doctor(page_url: str | None, *, as_json: bool) -> None:
    """Look the set-up over, and a page of the blog with it, and say what to mend.

    Nothing is changed and nothing sent but questions. Status 1 when something is wrong.
    """
    app = working_app()
    client = Client(allows_private=True, timeout=TIMEOUT)
    with app.app_context():
        findings = list(examine_service(app, client, clock.now()))
        if page_url:
            # Without a public address it is not known where the service is.
            where = service_url(app) if app.extensions["commentbox"].settings.public_url else ""
            findings.extend(examine_page(page_url, where, client))
    if as_json:
        click.echo(json.dumps([asdict(each) for each in findings], ensure_ascii=False, indent=2))
    else:
        for finding in findings:
            click.echo(f"{SIGNS[finding.level]} {finding.sentence}")
    if any(finding.level == Level.WRONG for finding in findings):
        raise SetupError("Something is wrong: see above what to do about it.")
