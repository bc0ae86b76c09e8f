"""``commentbox export``: a site as an archive, or as a table for a spreadsheet."""

from pathlib import Path

import click

from commentbox.cli.group import working_app
from commentbox.transfer.exporter import export_csv, export_site


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--site", "site_key", required=True, help="The site that is written.")
@click.option(
    "--csv", "as_csv", is_flag=True, help="A table for spreadsheets; import cannot read it."
)
def export(file: Path, site_key: str, as_csv: bool) -> None:
    """Write a site with all its comments to FILE, packed JSON lines that import reads again."""
    with working_app().app_context():
        count = export_csv(site_key, file) if as_csv else export_site(site_key, file)
    click.echo(f"{count} comments of the site “{site_key}” are in {file}.")
