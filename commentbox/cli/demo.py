"""``commentbox demo``: the product, shown on this machine."""

import tempfile
from pathlib import Path

import click

from commentbox.demo.show import Show


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8080, show_default=True, type=click.IntRange(1, 65534))
@click.option(
    "--data-dir",
    type=click.Path(file_okay=False, path_type=Path),
    help="Keep the demo's comments here; else they go when it ends.",
)
def demo(host: str, port: int, data_dir: Path | None) -> None:
    """Show a sample blog with comments until Ctrl-C; nothing else is needed."""
    if data_dir is not None:
        Show(host, port, data_dir).run()
        return
    with tempfile.TemporaryDirectory(prefix="commentbox-demo-") as folder:
        Show(host, port, Path(folder)).run()
