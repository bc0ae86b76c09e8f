"""Where ``migrations/`` and the built embed are, in a checkout and in a wheel."""

import json
from functools import cache
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
_CHECKOUT = _PACKAGE.parent
_BUNDLED = _PACKAGE / "_bundled"

STYLESHEET = "@@comment-box.css@@"
"""The place in the script that the stylesheet goes to, within single quotes."""


def migrations_dir() -> Path:
    """Return the folder of Alembic's ``env.py`` and ``versions/``."""
    bundled = _BUNDLED / "migrations"
    return bundled if bundled.is_dir() else _CHECKOUT / "migrations"


@cache
def embed_file(name: str) -> bytes:
    """Return a built file of the embed: ``embed.js``, ``embed-more.js`` or ``embed.css``.

    In a checkout whose sources are newer than what was built of them, the sources are joined as
    they are: larger, but never out of date.
    """
    shipped = _BUNDLED / "embed" / name
    if shipped.is_file():
        return shipped.read_bytes()
    sources = _CHECKOUT / "embed"
    built = sources / "dist" / name
    if built.is_file() and all(_is_older(source, built) for source in sources.glob("*.*")):
        return built.read_bytes()
    return _joined(sources, name).encode("utf-8")


def _is_older(source: Path, built: Path) -> bool:
    return source.stat().st_mtime <= built.stat().st_mtime


def _joined(sources: Path, name: str) -> str:
    script, more, sheet, page = (
        (sources / source).read_text(encoding="utf-8")
        for source in ("comment-box.js", "comment-box-more.js", "comment-box.css", "page.css")
    )
    match name:
        case "embed.js":
            return script.replace(f"'{STYLESHEET}'", json.dumps(sheet))
        case "embed-more.js":
            return more
        case _:
            return sheet + page
