"""HTML becomes Markdown that says the same."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commentbox.markup import as_markdown, clean, link_targets, render
from commentbox.markup.plain import plain_text

SAMPLES = Path(__file__).parents[1] / "samples" / "markup"


@pytest.mark.parametrize(
    ("html", "markdown"),
    [
        ("<p>a <em>b</em><br>c</p>", "a *b*\nc"),
        ("<p>one</p><p>two <strong>three</strong></p>", "one\n\ntwo **three**"),
        ("<blockquote><p>said</p><p>more</p></blockquote>", "> said\n>\n> more"),
        ("<ul><li>a</li><li>b<ul><li>c</li></ul></li></ul>", "- a\n- b\n\n  - c"),
        ('<ol start="3"><li>a</li><li>b</li></ol>', "3. a\n4. b"),
        ('<pre><code class="language-py">x = "`"\n</code></pre>', '```py\nx = "`"\n```'),
        ('<p><a href="https://a.example/(b)">b</a></p>', "[b](<https://a.example/(b)>)"),
        ('<p><a href="https://a.example/_x_">https://a.example/_x_</a></p>', "<https://a.example/_x_>"),
        ("<p>2 * 3 * 4, a_b_c &lt;i&gt;</p>", r"2 \* 3 \* 4, a\_b\_c \<i\>"),
        ("<p>- no list</p><p>1. none</p>", "\\- no list\n\n1\\. none"),
        ("<p>a<code>`</code></p>", "a`` ` ``"),
        ("words alone", "words alone"),
    ],
)  # fmt: skip
def test_html_becomes_what_somebody_would_have_typed(html: str, markdown: str) -> None:
    assert as_markdown(html) == markdown


@pytest.mark.parametrize("file", sorted(SAMPLES.glob("*.html")), ids=lambda file: file.stem)
def test_a_sample_says_the_same_when_it_is_rendered_again(file: Path) -> None:
    html = clean(file.read_text(encoding="utf-8"))
    assert words(render(as_markdown(html))) == words(html)


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["C"]), max_size=60))
def test_words_stay_whatever_they_are(text: str) -> None:
    html = clean(text.replace("&", "&amp;").replace("<", "&lt;"))
    assert words(render(as_markdown(html))) == words(html)


def test_hostile_html_stays_harmless_on_its_way_back(corpora: Path) -> None:
    payloads = json.loads((corpora / "xss" / "payloads.json").read_text(encoding="utf-8"))
    for payload in payloads[::25]:
        text = payload if isinstance(payload, str) else payload["payload"]
        again = render(as_markdown(clean(text)))
        assert clean(again) == again
        assert not [h for h in link_targets(again) if not h.startswith(("http", "mailto:"))]


def words(html: str) -> str:
    """Return what is read of HTML, whatever separates it."""
    return "".join(plain_text(html).split())
