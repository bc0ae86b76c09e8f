"""A mail's words: a template of plain text, whose first line is the subject, and one of HTML."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from commentbox.i18n import Language, language

TEMPLATES = Path(__file__).parents[2] / "templates" / "commentbox"
SUBJECT_CHARS = 150


@dataclass(frozen=True)
class Letter:
    """What a mail says."""

    subject: str
    text: str
    html: str


def letter(template: str, code: str, facts: Mapping[str, object], service_url: str) -> Letter:
    """Return a mail's words, e.g. ``letter("invitation", "de", {"path": …}, "https://…")``."""
    context = {**facts, "service_url": service_url}
    written = _text(code).get_template(f"email/{template}.txt").render(context)
    subject, _, text = written.strip().partition("\n")
    html = _html(code).get_template(f"email/{template}.html").render(context, subject=subject)
    return Letter(one_line(subject)[:SUBJECT_CHARS], f"{text.strip()}\n", html)


def one_line(text: str) -> str:
    """Return text without line ends and other control characters: what a header may hold."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


@cache
def _text(code: str) -> Environment:
    chosen = language(code)
    environment = _environment(chosen, is_html=False)

    def translate(message: str, /, **facts: object) -> str:
        return chosen.gettext(message) % facts

    environment.globals.update(_=translate, ngettext=_counting(chosen.ngettext, str))
    return environment


@cache
def _html(code: str) -> Environment:
    chosen = language(code)
    environment = _environment(chosen, is_html=True)

    def translate(message: str, /, **facts: object) -> Markup:
        return Markup(chosen.gettext(message)) % facts

    environment.globals.update(_=translate, ngettext=_counting(chosen.ngettext, Markup))
    return environment


def _environment(chosen: Language, *, is_html: bool) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=is_html,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    environment.filters["one_line"] = one_line
    environment.globals["language"] = chosen
    return environment


def _counting(ngettext: Callable[[str, str, int], str], kind: type[str]) -> Callable[..., str]:
    def translate(singular: str, plural: str, num: int, /, **facts: object) -> str:
        return kind(ngettext(singular, plural, num)) % {"num": num, **facts}

    return translate
