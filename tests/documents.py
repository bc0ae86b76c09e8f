"""The pages of ``docs/`` that are made from docstrings, so that they cannot disagree with the code.

``python -m tests.documents`` writes them.
"""

import ast
import inspect
from collections.abc import Iterator
from dataclasses import fields
from enum import StrEnum
from itertools import pairwise
from pathlib import Path

from commentbox import errors, settings
from commentbox.models.policy import POLICY
from commentbox.models.site import Site
from commentbox.web.problems import status_of

DOCS = Path(__file__).parent.parent / "docs"


def documents() -> dict[str, str]:
    """Return each generated page's text under its file name."""
    return {"settings.md": settings_page(), "errors.md": errors_page()}


def settings_page() -> str:
    """Return the page of all settings with defaults and meanings."""
    meanings = _attribute_docstrings(settings.Settings)
    rows = [
        f"| `COMMENTBOX_{f.name.upper()}` | {_default(f.default)} | {_plain(meanings[f.name])} |"
        for f in fields(settings.Settings)
    ]
    return "\n".join(
        [
            "# Settings",
            "",
            "What an operator decides, read from a Flask app's config, then from the environment.",
            "Each may also be given as `…_FILE`, the name of a file that holds the value.",
            "A `COMMENTBOX_` name that is not in this list stops the start.",
            "",
            "| name | default | meaning |",
            "| --- | --- | --- |",
            *rows,
            "",
            "What a blog owner decides belongs to a site: `commentbox site set KEY NAME=VALUE…`.",
            "",
            "| name | default | meaning |",
            "| --- | --- | --- |",
            *(
                f"| `{name}` | {default} | {POLICY[name].label}. {POLICY[name].meaning} |"
                for name, default in _policy_defaults()
            ),
            "",
        ]
    )


def errors_page() -> str:
    """Return the page of all problem codes."""
    kinds = sorted(
        (kind for kind in vars(errors).values() if _is_public_error(kind)), key=lambda k: k.code
    )
    rows = [
        f"| `{kind.code}` | {status_of(kind.__new__(kind))} | {_plain(inspect.getdoc(kind) or '')} |"
        for kind in kinds
    ]
    return "\n".join(
        [
            "# Problem codes",
            "",
            "The API answers errors as `application/problem+json` (RFC 9457). `code` is stable;",
            "`detail` is a sentence in the language of the request's `lang`. With `invalid_fields`,",
            "`errors` lists `{field, code, message}`.",
            "",
            "| code | status | meaning |",
            "| --- | --- | --- |",
            *rows,
            "",
        ]
    )


def _attribute_docstrings(cls: type) -> dict[str, str]:
    body = ast.parse(inspect.getsource(cls)).body[0]
    assert isinstance(body, ast.ClassDef)
    found = {}
    for statement, following in zip(body.body, body.body[1:], strict=False):
        if isinstance(statement, ast.AnnAssign) and isinstance(following, ast.Expr):
            assert isinstance(statement.target, ast.Name)
            assert isinstance(following.value, ast.Constant)
            found[statement.target.id] = str(following.value.value)
    return found


def meanings_of_values(kind: type[StrEnum]) -> dict[str, str]:
    """Return what the members of an enumeration mean, by their values."""
    body = ast.parse(inspect.getsource(kind)).body[0]
    assert isinstance(body, ast.ClassDef)
    return {
        str(statement.value.value): _plain(str(following.value.value))
        for statement, following in pairwise(body.body)
        if isinstance(statement, ast.Assign)
        and isinstance(statement.value, ast.Constant)
        and isinstance(following, ast.Expr)
        and isinstance(following.value, ast.Constant)
    }


def _plain(docstring: str) -> str:
    return docstring.replace("``", "`")


def _default(value: object) -> str:
    return f"`{value}`" if value not in ("", None) else ""


def _policy_defaults() -> Iterator[tuple[str, str]]:
    for name in POLICY:
        default = Site.__table__.c[name].default
        value = getattr(default, "arg", "")
        yield name, f"`{value}`" if value != "" else ""


def _is_public_error(kind: object) -> bool:
    if not (isinstance(kind, type) and issubclass(kind, errors.CommentboxError)):
        return False
    return kind not in (errors.CommentboxError, errors.SetupError, errors.Unknown, errors.Refused)


if __name__ == "__main__":
    for name, text in documents().items():
        (DOCS / name).write_text(text, encoding="utf-8")
