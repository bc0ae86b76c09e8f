"""Build the embed: join script and stylesheet, minify them, write ``dist/``; hatchling calls it for every wheel."""

from pathlib import Path
from typing import Any

import minify
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

STYLESHEET = "@@comment-box.css@@"
"""The place in the script that the stylesheet goes to, within a string."""


class EmbedBuildHook(BuildHookInterface):  # type: ignore[type-arg]
    """Builds the embed before a wheel is packed, so that installing needs no tool but Python."""

    PLUGIN_NAME = "custom"

    def initialize(self, _version: str, _build_data: dict[str, Any]) -> None:
        """Write into the folder that the wheel takes the built files from."""
        write(Path(self.root) / "embed")


def write(folder: Path) -> None:
    """Write ``dist/`` into the folder of the sources."""
    dist = folder / "dist"
    dist.mkdir(exist_ok=True)
    for name, content in build(folder).items():
        (dist / name).write_bytes(content)


def build(folder: Path) -> dict[str, bytes]:
    """Return what ``dist/`` holds: ``embed.js``, ``embed-more.js`` and ``embed.css``, minified."""
    sheet, page, script, more = (
        (folder / name).read_text(encoding="utf-8")
        for name in ("comment-box.css", "page.css", "comment-box.js", "comment-box-more.js")
    )
    sheet = minified_css(sheet).replace('"', "'")
    if set(sheet) & set("\\`$"):
        raise ValueError("comment-box.css holds a character that means more within a string")
    built = {
        "embed.js": minified_js(script).replace(STYLESHEET, sheet),
        "embed-more.js": minified_js(more),
        "embed.css": sheet + minified_css(page),
    }
    return {name: content.encode("utf-8") for name, content in built.items()}


def minified_css(source: str) -> str:
    """Return a stylesheet without what browsers do not need."""
    return str(minify.string("text/css", source))


def minified_js(source: str) -> str:
    """Return a script without what browsers do not need, its local names shortened."""
    return str(minify.string("text/javascript", source))


if __name__ == "__main__":
    write(Path(__file__).parent)
