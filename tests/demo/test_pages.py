"""The demo's blog pages: whole HTML, the documented snippet, nothing from elsewhere."""

from collections.abc import Iterator
from html.parser import HTMLParser
from importlib.resources import files
from urllib.parse import urlsplit

import pytest

from commentbox.demo.conversations import DemoPage, demo_pages

PAGES = demo_pages()
DOCUMENTS = ("index.html", "404.html", *(page.document for page in PAGES))
VOID = {"meta", "link", "br", "wbr", "img", "hr", "input"}
ADDRESSES = {"href", "src", "action", "srcset", "poster", "data", "xlink:href"}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_element_is_closed_in_order(name: str):
    outline = Outline.of(name)
    assert outline.mistakes == []
    assert outline.open == []


@pytest.mark.parametrize("name", DOCUMENTS)
def test_ids_are_unique(name: str):
    ids = list(Outline.of(name).values("id"))
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("name", DOCUMENTS)
def test_nothing_comes_from_a_foreign_host(name: str):
    for attribute in ADDRESSES:
        for address in Outline.of(name).values(attribute):
            place = address.startswith(("{{ service_url }}/", "{{ blog_url }}/"))
            assert place or urlsplit(address).scheme in ("", "data"), address
            assert not address.startswith("//")


def test_the_stylesheet_asks_for_nothing():
    style = source("blog.css")
    assert "url(" not in style
    assert "@import" not in style


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.site)
def test_the_documented_snippet_stands_on_the_page(page: DemoPage):
    word = {"de": "Kommentare", "en": "Comments"}[page.language]
    assert (
        f'<script async src="{{{{ service_url }}}}/embed.js" data-site="{page.site}"></script>\n'
        f'<noscript><a href="{{{{ service_url }}}}/sites/{page.site}/thread"'
        f' referrerpolicy="no-referrer-when-downgrade">{word}</a></noscript>'
    ) in source(page.document)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.site)
def test_the_page_says_who_it_is_as_its_conversation_does(page: DemoPage):
    outline = Outline.of(page.document)
    assert outline.first("html")["lang"].startswith(page.language)
    assert outline.headline == page.title
    assert f'<link rel="canonical" href="{{{{ blog_url }}}}{page.path}">' in source(page.document)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.site)
def test_the_first_page_leads_to_every_article_and_counts_its_comments(page: DemoPage):
    index = source("index.html")
    assert f'<a href="{page.path}">' in index
    assert f'<comment-count site="{page.site}" page="{page.path}" none=' in index


class Outline(HTMLParser):
    """The elements of a page, and whether they are nested as they should be."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.mistakes: list[str] = []
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.headline = ""

    @classmethod
    def of(cls, name: str) -> "Outline":
        """Read one of the demo's documents."""
        outline = cls()
        outline.feed(source(name))
        outline.close()
        return outline

    def values(self, attribute: str) -> Iterator[str]:
        """Yield each element's value of an attribute."""
        return (attrs[attribute] for _, attrs in self.elements if attribute in attrs)

    def first(self, tag: str) -> dict[str, str]:
        """Return the attributes of the first such element."""
        return next(attrs for name, attrs in self.elements if name == tag)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        # Only foreign content may close itself.
        if "svg" not in self.open:
            self.mistakes.append(f"<{tag}/>")

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.mistakes.append(f"</{tag}> in line {self.getpos()[0]}")

    def handle_data(self, data: str) -> None:
        if "h1" in self.open:
            self.headline += data


def source(name: str) -> str:
    """Return one of the demo's documents as it is shipped, placeholders included."""
    return files("commentbox.demo").joinpath("pages", name).read_text("utf-8")
