"""What holds for every text: tried on texts that Hypothesis makes up."""

from html import escape, unescape

from bleach.sanitizer import Cleaner
from hypothesis import given
from hypothesis import strategies as st

from commentbox.markup import (
    STEPS,
    clean,
    count_links,
    excerpt,
    render,
    visible_name,
    website_href,
)
from commentbox.markup.addresses import SCHEMES
from commentbox.markup.characters import readable, visible
from commentbox.markup.limits import MAX_SOURCE_CHARS
from commentbox.markup.nesting import ELEMENTS, balanced
from commentbox.markup.sanitize import _is_allowed, bleached, last_gate

from .allowed import assert_only_allowed

SIGNS = [
    *"ab \n\n*_`~[]()<>&\\#!>-\"'",
    *("**", "```\n", "~~~", "> ", "- ", "1. ", "7) ", "](", "![", "www.a.b", "http://a.b/"),
    *("https://a.b@c.d", "<b>", "</b>", "<p>", "</p>", "<li>", "<ul>", "</ul>", "<pre>", "</pre>"),
    *("<div>", "</div>", "<code class='language-x'>", "</code>", "<ol start=3>", "<blockquote>"),
    *("<a href='http://x.y'>", "<a href=javascript:x>", "</a>", "<script>", "</script>", "<!--"),
    *("-->", "<svg>", "<table>", "<td>", "<br/>", "&lt;", "&#x202e;", "&nbsp;", "&#0;", "---"),
    *("\u202e", "\u2067", "\u2069", "\u200d", "\u200c", "\u0301", "\ufe0f", "\u20e3", "\u3164"),
    *("\r", "\t", "\x00", "\x07", "\ud800", "\ufffd", "👩", "🏽", "é", "ש", "ک", "क"),
]
soup = st.lists(st.sampled_from(SIGNS), max_size=30).map("".join)
texts = st.one_of(soup, st.text(st.characters(), max_size=60))
words = st.text(st.sampled_from("abcdefghi jklmnop\nqrstuvwxyz äöüß .,;:?"), max_size=80)


@given(texts)
def test_rendered_html_holds_only_what_comments_may_hold(source: str) -> None:
    assert_only_allowed(render(source))


@given(texts)
def test_cleaning_what_was_rendered_changes_nothing(source: str) -> None:
    html = render(source)
    assert clean(html) == html


@given(texts)
def test_cleaning_twice_changes_nothing(html: str) -> None:
    cleaned = clean(html)
    assert_only_allowed(cleaned)
    assert clean(cleaned) == cleaned


@given(texts)
def test_the_sanitizers_find_nothing_left_to_take(source: str) -> None:
    html = readable(source)
    for step in STEPS[: STEPS.index(bleached)]:
        html = step(html)
    assert unescape(bleached(html)).count("<") == unescape(html).count("<")
    assert unescape(last_gate(html)).count("<") == unescape(html).count("<")


STOCK = Cleaner(tags=ELEMENTS, attributes=_is_allowed, protocols=SCHEMES)


@given(texts)
def test_bleach_looks_at_all_that_it_would_by_itself(html: str) -> None:
    html = visible(readable(html))
    assert bleached(html) == STOCK.clean(html)


@given(words)
def test_text_without_signs_is_preserved(source: str) -> None:
    assert excerpt(render(source), 1_000).split() == source.split()


@given(texts, st.integers(0, 40))
def test_an_excerpt_is_one_line_and_never_too_long(source: str, max_chars: int) -> None:
    cut = excerpt(render(source), max_chars)
    assert len(cut) <= max_chars
    assert cut.split() == [word for word in cut.split(" ") if word]


@given(texts)
def test_a_visible_name_is_visible_and_stays_the_same(name: str) -> None:
    shown = visible_name(name)
    assert visible_name(shown) == shown
    assert not set(shown) & set("\u202e\u2067\u2069\u200b\n\r\x00\u3164")


@given(st.one_of(texts, soup.map("http://{}".format), soup.map("a.b/{}".format)))
def test_a_website_is_a_link_that_rendering_would_make_too(typed: str) -> None:
    href = website_href(typed)
    assert href is None or website_href(href) == href
    assert href is None or count_links(clean(f'<a href="{escape(href)}">x</a>')) == 1


def test_a_source_longer_than_the_limit_shows_as_typed() -> None:
    source = "*a*\n<b>\n".ljust(MAX_SOURCE_CHARS + 1, "x")
    html = render(source)
    assert html.startswith("<p>*a*<br>&lt;b&gt;<br>xxx")
    assert clean(html) == html


def test_a_source_with_too_many_elements_shows_as_typed() -> None:
    html = render("- *a*\n" * 2_000)
    assert html.startswith("<p>- *a*<br>- *a*<br>")
    assert clean(html) == html


def test_foreign_html_with_too_many_elements_keeps_its_text() -> None:
    assert clean("<ul><li><b>a</b></li></ul>" * 2_000).startswith("<p>a<br>")


def test_deep_nesting_is_cut_off_and_its_text_stays() -> None:
    html = clean("<em>" * 20_000 + "deep")
    assert html == "<em>" * 24 + "deep" + "</em>" * 24
    assert balanced(html) == html
