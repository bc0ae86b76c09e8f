"""Text as people type it becomes safe HTML, here and nowhere else, by pure functions.

``STEPS`` is the whole way from source to HTML; foreign HTML enters it behind Markdown. Each step
is a function from text to text with a law of its own, and none relies on a later one.
"""

from collections.abc import Callable, Iterable

from commentbox.markup.addresses import website_href
from commentbox.markup.backwards import as_markdown
from commentbox.markup.characters import readable, tamed
from commentbox.markup.excerpt import excerpt
from commentbox.markup.links import checked, count_links, link_targets
from commentbox.markup.markdown import to_html
from commentbox.markup.names import visible_name
from commentbox.markup.nesting import balanced
from commentbox.markup.plain import bounded, shows_something
from commentbox.markup.sanitize import bleached, last_gate

__all__ = [
    "STEPS",
    "VERSION",
    "as_markdown",
    "clean",
    "count_links",
    "excerpt",
    "link_targets",
    "render",
    "shows_something",
    "visible_name",
    "website_href",
]

VERSION = 2
"""Which pipeline wrote a comment's HTML.

Raise it by one whenever the same source would become different HTML: after a change here, and after
an upgrade of markdown-it-py, bleach or nh3 that changes a sample. The command that renders comments
again picks those whose number is lower.
"""

Step = Callable[[str], str]

FOREIGN_STEPS: tuple[Step, ...] = (
    tamed,  # characters: nothing spills out of its place
    checked,  # links: an address we have not understood is no link
    balanced,  # elements: few, closed in order, nested only so deep
    bounded,  # size: as much as the sanitizers read in good time
    bleached,  # bleach: the sanitizer, kept away from what it is slow at
    last_gate,  # nh3: another parser, by other people, looks once more
)

STEPS: tuple[Step, ...] = (to_html, *FOREIGN_STEPS)


def render(source: str) -> str:
    """Turn a comment as typed into the safe HTML that is stored beside it.

    ``render("*Hello*\\nAda")`` is ``"<p><em>Hello</em><br>\\nAda</p>"``. Raw HTML in the source
    shows as text. Nothing is ever cut: a source of more than ``limits.MAX_SOURCE_CHARS``
    characters, or one that makes more than ``limits.MAX_ELEMENTS`` elements, shows as typed,
    without Markdown. No input raises.
    """
    return _through(STEPS, readable(source))


def clean(html: str) -> str:
    """Turn HTML from elsewhere, such as an import, into HTML as ``render`` writes it.

    What ``render`` wrote comes back unchanged: ``clean(render(source)) == render(source)``, and
    ``clean(clean(html)) == clean(html)``. Elements that comments do not have leave their text
    behind (scripts and styles leave nothing); bold and italic become ``strong`` and ``em``,
    headings and divisions paragraphs. HTML beyond ``limits.MAX_HTML_CHARS`` or
    ``limits.MAX_ELEMENTS`` keeps its text only.
    """
    return _through(FOREIGN_STEPS, readable(html))


def _through(steps: Iterable[Step], text: str) -> str:
    for step in steps:
        text = step(text)
    return text
