"""Build the embed: join script and stylesheet, minify them, write ``dist/``; hatchling calls it for every wheel."""

import re
from pathlib import Path
from typing import Any

import minify_html
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
    return _inside("style", minify_html.minify(f"<style>{source}</style>", minify_css=True))


def minified_js(source: str) -> str:
    """Return a script without what browsers do not need; names stay as they are."""
    bare = _without_comments(source)
    minified = minify_html.minify(f"<script>{bare}</script>", minify_js=True)
    return _with_plain_quotes(_inside("script", minified))


def _without_comments(source: str) -> str:
    # The minifier keeps them. Ours begin their line, or are a type in front of an expression.
    return re.sub(
        r"^\s*(?://[^\n]*|/\*\*(?:(?!\*/).)*\*/)$|/\*\* @type [^*]* \*/",
        "",
        source,
        flags=re.M | re.S,
    )


def _with_plain_quotes(script: str) -> str:
    # The minifier writes every string as a template; ours compress better in quotes.
    if re.search(r"\$\{[^}]*`", script):
        raise ValueError("a template within a template: give the inner one a name")
    return re.sub(
        r"`([^`$\"\\\n]*)`|`[^`]*`", lambda at: at[0] if at[1] is None else f'"{at[1]}"', script
    )


def _inside(tag: str, html: str) -> str:
    return html.removeprefix(f"<{tag}>").removesuffix(f"</{tag}>")


if __name__ == "__main__":
    write(Path(__file__).parent)
