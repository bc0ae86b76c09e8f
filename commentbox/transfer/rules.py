"""Address rules: where pages have moved between the old blog and the new one."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from commentbox.errors import Phrase, SetupError
from commentbox.transfer.record import Page

ARROW = "->"


class UnfitRule(SetupError):
    """A line is no rule."""

    message = "%(name)s, line %(number)s: write a rule as “old-prefix -> new-prefix”."


@dataclass(frozen=True)
class Rule:
    """Addresses and ids that begin with ``old`` begin with ``new`` from now on."""

    old: str
    new: str


def read_rules(path: Path) -> tuple[Rule, ...]:
    """Read a file of lines such as ``https://old.example/blog/ -> /posts/``. Raises SetupError.

    Empty lines and lines that begin with ``#`` say nothing.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise SetupError(
            "The rules in “%(path)s” cannot be read: %(error)s.", path=path, error=error
        ) from error
    return parse_rules(text, str(path))


def parse_rules(text: str, name: str | Phrase) -> tuple[Rule, ...]:
    """Read rules from text. Raises UnfitRule, which names the line."""
    rules = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        old, arrow, new = (part.strip() for part in line.partition(ARROW))
        if not (old and arrow and new) or ARROW in new:
            raise UnfitRule(name=name, number=number)
        rules.append(Rule(old, new))
    # The longest prefix says most.
    return tuple(sorted(rules, key=lambda rule: -len(rule.old)))


def moved(page: Page, rules: Sequence[Rule]) -> Page:
    """Return the page where it is now."""
    return replace(page, url=_moved(page.url, rules), key=_moved(page.key, rules))


def _moved(address: str, rules: Sequence[Rule]) -> str:
    for rule in rules:
        if address.startswith(rule.old):
            return rule.new + address[len(rule.old) :]
        # A rule of paths moves full addresses too: their host stays.
        scheme, separator, rest = address.partition("://")
        host, slash, path = rest.partition("/")
        if separator and rule.old.startswith("/") and f"{slash}{path}".startswith(rule.old):
            is_path = rule.new.startswith("/")
            new = rule.new + f"{slash}{path}"[len(rule.old) :]
            return f"{scheme}://{host}{new}" if is_path else new
    return address
