"""The beginning of a comment on one line."""

import pytest

from commentbox.markup import excerpt, render


@pytest.mark.parametrize(
    ("source", "max_chars", "text"),
    [
        ("Short *enough*.", 40, "Short enough."),
        ("One line,\nanother.\n\n- a\n- b", 40, "One line, another. a b"),
        ("Cut after a word, please.", 18, "Cut after a word…"),
        ("Cut after a word, please.", 17, "Cut after a word…"),
        ("Cut after a word, please.", 16, "Cut after a…"),
        ("Donaudampfschifffahrt", 6, "Donau…"),
        ("a < b & c", 20, "a < b & c"),
        ("", 10, ""),
        ("word", 0, ""),
    ],
)
def test_an_excerpt_is_cut_after_a_word(source: str, max_chars: int, text: str) -> None:
    assert excerpt(render(source), max_chars) == text
