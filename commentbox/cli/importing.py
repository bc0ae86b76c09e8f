"""``commentbox import``: bring a conversation along from another engine."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from commentbox.cli.group import working_app
from commentbox.transfer.formats import FORMATS
from commentbox.transfer.importer import Plan, Progress, import_file
from commentbox.transfer.report import ORPHANED, REASONS, Report
from commentbox.transfer.rules import read_rules
from commentbox.transfer.source import SourceFile

EXAMPLES_SHOWN = 5


@click.command("import")
@click.argument("file", type=click.Path(exists=True, path_type=Path))
@click.option("--site", "site_key", required=True, help="The site that takes the comments.")
@click.option("--format", "format_name", type=click.Choice(list(FORMATS)), help="Else found out.")
@click.option("--dry-run", is_flag=True, help="Only report what would be done.")
@click.option(
    "--rules",
    "rules_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file of lines “old-prefix -> new-prefix” for pages that have moved.",
)
@click.option("--source", default="", help="A name of its own for a second blog of the same kind.")
@click.option("--json", "as_json", is_flag=True, help="For scripts.")
def import_comments(
    file: Path,
    site_key: str,
    format_name: str | None,
    dry_run: bool,
    rules_file: Path | None,
    source: str,
    as_json: bool,
) -> None:
    """Import comments from another engine's export; run again, it goes on or changes nothing."""
    rules = read_rules(rules_file) if rules_file else ()
    plan = Plan(site_key, format_name or "", source, rules, dry_run)
    with working_app().app_context(), _bar() as progress:
        report = import_file(SourceFile(file), plan, progress)
    if as_json:
        click.echo(json.dumps(report.as_dict(), ensure_ascii=False, indent=2))
    else:
        click.echo("\n".join(_told(report, site_key)))
    if report.fault is not None:
        raise click.ClickException(report.fault)


@contextmanager
def _bar() -> Iterator[Progress]:
    """Show how far each step is, where there is a terminal to see it."""
    if not sys.stderr.isatty():
        yield lambda *_: None
        return
    labels = {"read": "Reading", "write": "Writing"}

    def show(step: str, done: int, total: int) -> None:
        share = done / total if total else 1.0
        filled = int(share * 40)
        bar = "#" * filled + "-" * (40 - filled)
        click.echo(f"\r{labels[step]}  [{bar}] {share:4.0%}", err=True, nl=False)

    yield show
    click.echo(err=True)


def _told(report: Report, site_key: str) -> Iterator[str]:
    title = FORMATS[report.format].title
    yield f"{report.file}: {title}, into the site “{site_key}” as “{report.source}”"
    new = "would be new" if report.is_dry_run else "new"
    yield (
        f"  {report.read} read: {report.new} {new}, {report.known} known already, "
        f"{report.skipped_count} skipped"
    )
    if report.states:
        counted = (f"{count} {state}" for state, count in sorted(report.states.items()))
        yield f"  new: {', '.join(counted)}"
    yield f"  pages created: {report.pages_created}"
    for why, count in sorted(report.skipped.items()):
        yield f"  skipped: {count} × {REASONS[why]}{_examples(report, why)}"
    for why, count in sorted(report.orphans.items()):
        yield f"  opens a conversation: {count} × {ORPHANED[why]}{_examples(report, why)}"
    for remark in report.remarks:
        yield f"  note: {remark}"
    if report.is_dry_run:
        yield "Nothing was written."


def _examples(report: Report, why: str) -> str:
    listed = [each for each in report.listed if each.why == why]
    if not listed:
        return ""
    shown = [f"{each.id or '?'} ({each.place})" for each in listed[:EXAMPLES_SHOWN]]
    more = ", …" if len(listed) > EXAMPLES_SHOWN else ""
    return f": {', '.join(shown)}{more}"
