"""Hostile strings from public collections leave nothing but what comments may hold."""

import json
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest

from commentbox.markup import clean, render, visible_name, website_href

from .allowed import assert_only_allowed


@pytest.fixture(scope="module")
def payloads(corpora: Path) -> list[str]:
    return list(json.loads((corpora / "xss/payloads.json").read_text(encoding="utf-8")))


@pytest.fixture(scope="module")
def naughty(corpora: Path) -> list[str]:
    return list(json.loads((corpora / "naughty-strings/naughty.json").read_text(encoding="utf-8")))


@pytest.fixture(scope="module")
def markdown(corpora: Path) -> list[str]:
    examples = json.loads((corpora / "commonmark/spec.json").read_text(encoding="utf-8"))
    links = (corpora / "commonmark/mdit-xss.md").read_text(encoding="utf-8")
    return [example["markdown"] for example in examples] + links.split("\n.\n")


@pytest.mark.long
def test_hostile_strings_as_source_leave_only_allowed_html(payloads: list[str]) -> None:
    for text in _texts_of(payloads):
        assert_only_allowed(render(text))


@pytest.mark.long
def test_hostile_strings_as_html_leave_only_allowed_html(payloads: list[str]) -> None:
    for payload in payloads:
        assert_only_allowed(clean(payload))


def test_strings_that_break_software_pass_and_stay_as_they_are(naughty: list[str]) -> None:
    for text in naughty:
        html = render(text)
        assert_only_allowed(html)
        assert clean(html) == html


def test_every_example_of_commonmark_leaves_only_allowed_html(markdown: list[str]) -> None:
    for source in markdown:
        assert_only_allowed(render(source))


def test_tags_in_the_source_show_as_text(payloads: list[str]) -> None:
    for payload in payloads[::20]:
        shown = _text(render(f"`` {payload} ``"))
        assert shown.count("<") == payload.count("<")


def test_names_and_websites_of_hostile_strings_are_tame(
    payloads: list[str], naughty: list[str]
) -> None:
    for text in [*payloads[::6], *naughty]:
        name = visible_name(text)
        assert visible_name(name) == name
        website = website_href(text)
        assert website is None or website.startswith(("https://", "http://"))


def _texts_of(payloads: list[str], size: int = 12) -> Iterator[str]:
    """Put payloads into texts, each in a block of its own; one that opens a code block stays alone.

    Beginning a text costs more than these have in them: so all of them are tried in half the time.
    """
    alone = [payload for payload in payloads if "```" in payload or "~~~" in payload]
    yield from alone
    rest = [payload for payload in payloads if "```" not in payload and "~~~" not in payload]
    for start in range(0, len(rest), size):
        yield "\n\n".join(rest[start : start + size])


def _text(html: str) -> str:
    found: list[str] = []
    parser = HTMLParser()
    parser.handle_data = found.append  # type: ignore[method-assign]
    parser.feed(html)
    parser.close()
    return "".join(found)
