"""Texts made to take forever are rendered like any other; none of them is left half done."""

import pytest

from commentbox.markup import clean, render

from .allowed import assert_only_allowed

# What each repeats has been quadratic or worse in some Markdown parser, linkifier or sanitizer.
UNITS = [
    *(">", "> ", "> - ", ">\n", "- ", "1. ", "- a\n1. b\n", " " * 8 + "- a\n"),
    *("[", "![", "[[a](b)", "[a](", "[a](<b", "](", "[]", "[x][", "[](http://a.b)"),
    *("*", "**a ", "*a **b ", "*a_ ", "a**b_c*", "~~a ", "_*_", "a*", "***a "),
    *("`", "`a``b", "```a` ", "```\n", "\\[", "&", "&#", "&amp;", "<", "<a", "<!--", "<http:"),
    *("http://", "http://a.b", "http://a.b@", "http://a.b/(", "www.", "a@", "//", "://", "mailto:"),
    *("\u0301", "\u2067a", "\u202e", "👩\u200d"),
]
TAGS = [
    *(
        "<b>",
        "<p>",
        "<a href='http://a.b'>",
        "<i x='",
        "<div><ul><li>",
        "<b><p>",
        "</b>",
        "<table>",
    ),
    *("<!--", "<script>", '<a href="', "<pre>\n", "<font color=1><p>", "&lt;", "<blockquote>"),
]


@pytest.mark.long
@pytest.mark.parametrize("unit", UNITS)
def test_a_source_that_repeats_itself_is_rendered_whole(unit: str) -> None:
    html = render((unit * 1_500)[:1_500])
    assert_only_allowed(html)
    assert clean(html) == html


@pytest.mark.parametrize("unit", TAGS)
def test_html_that_repeats_itself_is_cleaned_whole(unit: str) -> None:
    assert_only_allowed(clean((unit * 4_000)[:4_000]))
