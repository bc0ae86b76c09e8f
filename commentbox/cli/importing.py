"""``commentbox import``: bring a conversation along from another engine."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from commentbox.cli.group import terminal_language, working_app
from commentbox.errors import Phrase
from commentbox.i18n import Language
from commentbox.transfer.formats import FORMATS
from commentbox.transfer.importer import Plan, Progress, import_file
from commentbox.transfer.report import ORPHANED, REASONS, Report
from commentbox.transfer.retraction import retract
from commentbox.transfer.rules import read_rules
from commentbox.transfer.source import SourceFile, place_of

EXAMPLES_SHOWN = 5


@click.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
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
@click.option("--only", default="", help="Of the sites or projects in the file this one only.")
@click.option("--json", "as_json", is_flag=True, help="For scripts.")
def import_comments(
    files: tuple[Path, ...],
    site_key: str,
    format_name: str | None,
    dry_run: bool,
    rules_file: Path | None,
    source: str,
    only: str,
    as_json: bool,
) -> None:
    """Import comments from another engine's exports; run again, it goes on or changes nothing."""
    tongue = terminal_language()
    rules = read_rules(rules_file) if rules_file else ()
    plan = Plan(site_key, format_name or "", source, rules, only, dry_run)
    with working_app().app_context():
        for file in files:
            with _bar(tongue) as progress:
                report = import_file(SourceFile(file), plan, progress)
            if as_json:
                click.echo(json.dumps(report.as_dict(), ensure_ascii=False, indent=2))
            else:
                click.echo("\n".join(_told(report, site_key, tongue)))
            if report.fault is not None:
                raise click.ClickException(tongue.said(report.fault))


@click.command("retract")
@click.argument("source")
@click.option("--site", "site_key", required=True, help="The site that took the comments.")
@click.option("--dry-run", is_flag=True, help="Only say what would be deleted.")
def retract_import(source: str, site_key: str, dry_run: bool) -> None:
    """Take an import back: delete all that came from SOURCE, e.g. “wordpress”.

    Conversations in which somebody took part here stay.
    """
    tongue = terminal_language()
    with working_app().app_context():
        done = retract(site_key, source, is_dry_run=dry_run)
    facts = {"comments": done.comments, "pages": done.pages, "kept": done.kept}
    if dry_run:
        said = tongue.filled("%(comments)s comments would be deleted, %(kept)s would stay.", facts)
    else:
        said = tongue.filled(
            "%(comments)s comments and %(pages)s pages were deleted, %(kept)s comments stayed.",
            facts,
        )
    click.echo(said)


@contextmanager
def _bar(tongue: Language) -> Iterator[Progress]:
    """Show how far each step is, where there is a terminal to see it."""
    if not sys.stderr.isatty():
        yield lambda *_: None
        return
    labels = {"read": tongue.gettext("Reading"), "write": tongue.gettext("Writing")}

    def show(step: str, done: int, total: int) -> None:
        share = done / total if total else 1.0
        filled = int(share * 40)
        bar = "#" * filled + "-" * (40 - filled)
        click.echo(f"\r{labels[step]}  [{bar}] {share:4.0%}", err=True, nl=False)

    yield show
    click.echo(err=True)


def _told(report: Report, site_key: str, tongue: Language) -> Iterator[str]:
    say = tongue.filled
    title = FORMATS[report.format].title
    yield say(
        "%(file)s: %(title)s, into the site “%(site)s” as “%(source)s”",
        {"file": report.file, "title": title, "site": site_key, "source": report.source},
    )
    numbers = {
        "read": report.read,
        "new": report.new,
        "known": report.known,
        "skipped": report.skipped_count,
    }
    if report.is_dry_run:
        counted = say(
            "%(read)s read: %(new)s would be new, %(known)s known already, %(skipped)s skipped",
            numbers,
        )
    else:
        counted = say(
            "%(read)s read: %(new)s new, %(known)s known already, %(skipped)s skipped", numbers
        )
    yield f"  {counted}"
    if report.states:
        states = ", ".join(
            f"{tongue.number(count)} {tongue.gettext(state)}"
            for state, count in sorted(report.states.items())
        )
        yield f"  {say('new: %(states)s', {'states': states})}"
    yield f"  {say('pages created: %(count)s', {'count': report.pages_created})}"
    for page in report.pages[:EXAMPLES_SHOWN]:
        facts = {"page": page.key, "count": page.comments}
        if page.is_new:
            yield f"    {say('%(page)s, a new page: %(count)s', facts)}"
        else:
            yield f"    {say('%(page)s, which is there: %(count)s', facts)}"
    if report.reattached:
        yield f"  {say('found the comment they answer: %(count)s', {'count': report.reattached})}"
    for why, count in sorted(report.skipped.items()):
        facts = {"count": count, "why": tongue.gettext(REASONS[why])}
        yield f"  {say('skipped: %(count)s × %(why)s', facts)}{_examples(report, why, tongue)}"
    for why, count in sorted(report.orphans.items()):
        facts = {"count": count, "why": tongue.gettext(ORPHANED[why])}
        told = say("opens a conversation: %(count)s × %(why)s", facts)
        yield f"  {told}{_examples(report, why, tongue)}"
    for remark in report.remarks:
        yield f"  {say('note: %(remark)s', {'remark': remark})}"
    if report.is_dry_run:
        yield tongue.gettext("Nothing was written.")


def _examples(report: Report, why: str, tongue: Language) -> str:
    listed = [each for each in report.listed if each.why == why]
    if not listed:
        return ""
    shown = [
        f"{each.id or '?'} ({_written(place_of(each.place), tongue)})"
        for each in listed[:EXAMPLES_SHOWN]
    ]
    more = ", …" if len(listed) > EXAMPLES_SHOWN else ""
    return f": {', '.join(shown)}{more}"


def _written(place: Phrase | str, tongue: Language) -> str:
    return tongue.said(place) if isinstance(place, Phrase) else place
