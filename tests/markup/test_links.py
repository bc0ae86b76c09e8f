"""Links in rendered HTML."""

import pytest

from commentbox.markup import count_links, render


def test_links_are_counted_in_rendered_html() -> None:
    assert count_links(render("https://a.example [b](https://b.example) `https://c.example`")) == 2


@pytest.mark.parametrize(
    "text",
    ["www.", "www...", "http://", "https://a@b.example", "ahttp://a.example", "xwww.a.example",
     "http://.example", "http://" + "a" * 3_000 + ".example", "www.a.example:99999"],
)  # fmt: skip
def test_what_only_looks_like_an_address_stays_text(text: str) -> None:
    assert render(text) == f"<p>{text}</p>"


@pytest.mark.parametrize(
    "closing", [".", ",", ")", "!?", "…", "“", "**", "’", ")).", "_", "~~", "]"]
)
def test_the_signs_after_an_address_belong_to_the_sentence(closing: str) -> None:
    assert 'href="https://a.example/b"' in render(f"https://a.example/b{closing}")
