"""The box fits every page: light and dark, narrow and enlarged, from right to left."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.blog import Blog
from tests.browser.box import Box

Visit = Callable[..., Box]
OpenPage = Callable[..., Page]

LONG_WORD = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
LONG_TEXT = f"""{LONG_WORD}

https://example.org/{"a-long-path/" * 12}

> > > > {LONG_WORD}

- - - - {LONG_WORD}

```
{LONG_WORD * 3}
```

`{LONG_WORD}{LONG_WORD}`"""

SPACED = """* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important }
p { margin-bottom: 2em !important }"""

TOO_WIDE = """() => {
  const wide = [];
  const { shadowRoot: root } = document.querySelector('comment-box');
  const edge = document.documentElement.clientWidth;
  for (const element of (root ?? document).querySelectorAll('*:not(.cb-trap, .cb-trap *)')) {
    const { left, right, width } = element.getBoundingClientRect();
    if (width && (left < -1 || right > edge + 1)) wide.push(element.className || element.localName);
    const isCut = element.scrollWidth > element.clientWidth + 1 && element.clientWidth;
    if (isCut && getComputedStyle(element).overflowX != 'visible') wide.push('cut ' + element.className);
  }
  if (document.documentElement.scrollWidth > edge) wide.push('the page');
  return wide;
}"""


@pytest.mark.parametrize("width", [320, 640], ids=["a phone", "enlarged to 200 %"])
@pytest.mark.parametrize("is_hosted", [False, True], ids=["embed", "hosted page"])
def test_nothing_needs_scrolling_sideways(
    blog: Blog, open_page: OpenPage, width: int, is_hosted: bool
) -> None:
    blog.set(max_depth=10, max_links=100)
    deepest = blog.write(LONG_TEXT, name=LONG_WORD)
    for number in range(8):
        deepest = blog.write(f"{number} {LONG_TEXT}", name=LONG_WORD, parent=deepest)
    url = blog.hosted() if is_hosted else blog.publish()
    page = open_page(
        url, viewport={"width": width, "height": 700}, device_scale_factor=1280 / width
    )
    box = Box.of(page)
    box.reply(deepest).click()
    expect(box.form_below(deepest)).to_be_visible()
    assert page.evaluate(TOO_WIDE) == []
    page.evaluate("document.documentElement.dir = 'rtl'")
    box.element.locator("section").evaluate("section => { section.dir = 'rtl' }")
    assert page.evaluate(TOO_WIDE) == []


def test_more_space_between_letters_and_lines_cuts_nothing_off(
    blog: Blog, open_page: OpenPage
) -> None:
    blog.write(LONG_TEXT, name=LONG_WORD)
    blog.write_many(3)
    page = open_page(
        blog.publish(head=f"<style>{SPACED}</style>"), viewport={"width": 320, "height": 700}
    )
    Box.of(page)
    assert page.evaluate(TOO_WIDE) == []


def test_answers_are_indented_from_where_the_reading_begins(blog: Blog, visit: Visit) -> None:
    parent = blog.write()
    answer = blog.write(parent=parent)
    box = visit()
    above, below = (box.comment(number).bounding_box() for number in (parent, answer))
    assert above is not None
    assert below is not None
    assert below["x"] > above["x"] + 5
    box.element.locator("section").evaluate("section => { section.dir = 'rtl' }")
    above, below = (box.comment(number).bounding_box() for number in (parent, answer))
    assert above is not None
    assert below is not None
    assert below["x"] + below["width"] < above["x"] + above["width"] - 5


def colours(box: Box, name: str) -> dict[str, Any]:
    """Return text colour, background and scheme of an element."""
    found: dict[str, Any] = box.element.locator(name).first.evaluate(
        """(element) => {
          const { color, backgroundColor, colorScheme } = getComputedStyle(element);
          return { color, backgroundColor, colorScheme };
        }"""
    )
    return found


def test_the_box_is_dark_where_the_page_is(blog: Blog, visit: Visit) -> None:
    blog.write(name="Ada")
    box = visit(color_scheme="light")
    light = {name: colours(box, name) for name in (".cb-by", ".cb-input", ".cb-body p")}
    box.page.emulate_media(color_scheme="dark")
    for name, before in light.items():
        assert colours(box, name)["color"] != before["color"], name
    assert colours(box, ".cb-input")["backgroundColor"] != light[".cb-input"]["backgroundColor"]


def test_a_theme_that_is_asked_for_wins(blog: Blog, visit: Visit) -> None:
    box = visit(blog.publish(blog.snippet(theme="dark")), color_scheme="light")
    assert colours(box, ".cb-input")["colorScheme"] == "dark"
    box.element.evaluate("box => box.setAttribute('theme', 'light')")
    box.page.emulate_media(color_scheme="dark")
    assert colours(box, ".cb-input")["colorScheme"] == "light"


@pytest.mark.parametrize("theme", ["dark", "light", "auto"])
@pytest.mark.parametrize("page", ["background: #fff; color: #222", "background: #111; color: #ddd"])
def test_what_the_browser_fills_in_can_be_read(
    blog: Blog, visit: Visit, theme: str, page: str
) -> None:
    head = f"<style>:root {{ {page} }}</style>"
    box = visit(blog.publish(blog.snippet(theme=theme), head=head), color_scheme="light")
    field = box.field("Name")
    field.fill("Ada")
    take_for_filled_in(field)
    # Chromium fills the field in its own colours, whatever a page says; only a shadow covers them.
    text, ground = field.evaluate(
        """(field) => {
          const { color, boxShadow } = getComputedStyle(field);
          return [color, boxShadow].map((value) => value.match(/\\d+/g).slice(0, 3).map(Number));
        }"""
    )
    lights = sorted(sum(colour) / 3 / 255 for colour in (text, ground))
    assert lights[1] - lights[0] > 0.7, (text, ground)


def take_for_filled_in(field: Locator) -> None:
    """Let Chromium take a field for one that it has filled in itself."""
    devtools = field.page.context.new_cdp_session(field.page)
    devtools.send("DOM.enable")
    devtools.send("CSS.enable")
    devtools.send("DOM.getDocument", {"depth": -1, "pierce": True})
    found = devtools.send(
        "Runtime.evaluate",
        {
            "expression": "document.querySelector('comment-box').shadowRoot.querySelector('#cb-name')"
        },
    )
    node = devtools.send("DOM.requestNode", {"objectId": found["result"]["objectId"]})
    forced = {"nodeId": node["nodeId"], "forcedPseudoClasses": ["autofill"]}
    devtools.send("CSS.forcePseudoState", forced)
    assert field.evaluate("field => field.matches(':autofill')")


def test_the_documented_properties_and_parts_are_the_owners(blog: Blog, visit: Visit) -> None:
    number = blog.write(name="Ada")
    style = """<style>
    comment-box { --comment-box-accent: rgb(170, 51, 51); --comment-box-radius: 13px }
    comment-box::part(author) { font-variant: small-caps }
    comment-box::part(body) { font-family: monospace }
    </style>"""
    box = visit(blog.publish(head=style))
    expect(box.send).to_have_css("background-color", "rgb(170, 51, 51)")
    expect(box.send).to_have_css("border-radius", "13px")
    expect(box.comment(number).locator(".cb-name")).to_have_css("font-variant", "small-caps")
    expect(box.comment(number).locator(".cb-body")).to_have_css("font-family", "monospace")


def test_font_and_size_are_the_pages(blog: Blog, visit: Visit) -> None:
    number = blog.write()
    style = "<style>main { font: 23px cursive; color: rgb(10, 20, 30) }</style>"
    box = visit(blog.publish(head=style))
    for place in (box.comment(number).locator(".cb-body p"), box.text):
        expect(place).to_have_css("font-family", "cursive")
        expect(place).to_have_css("font-size", "23px")
    expect(box.reply(number)).to_have_css("font-family", "cursive")
    expect(box.comment(number).locator(".cb-body p")).to_have_css("color", "rgb(10, 20, 30)")


@pytest.mark.parametrize("width", [900, 480])
def test_the_short_fields_fill_the_box(visit: Visit, width: int) -> None:
    box = visit(viewport={"width": width, "height": 800})
    edges = [box.field(name).bounding_box() for name in ("Comment", "Name", "E-mail", "Website")]
    whole, name, mail, website = (edge or {} for edge in edges)
    assert name["x"] == pytest.approx(whole["x"], abs=1)
    end = whole["x"] + whole["width"]
    assert website["x"] + website["width"] == pytest.approx(end, abs=1)
    assert name["y"] == mail["y"]


def test_on_paper_there_are_only_the_comments_with_their_dates(blog: Blog, visit: Visit) -> None:
    numbers = blog.write_many(3)
    number = blog.write("Worth printing", at=datetime.now(UTC))
    box = visit()
    time = box.comment(number).locator("time")
    expect(time).to_have_text("now")
    box.page.evaluate("dispatchEvent(new Event('beforeprint'))")
    expect(time).to_have_text(re.compile(r"20\d\d"))
    box.page.emulate_media(media="print")
    expect(box.element.locator(".cb-sort")).to_be_hidden()
    expect(box.comment(numbers[0])).to_be_visible()
    expect(box.form).to_be_hidden()
    expect(box.reply(number)).to_be_hidden()
    expect(box.comment(number)).to_be_visible()
