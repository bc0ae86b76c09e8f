"""Names as readers see them."""

import pytest

from commentbox.markup import visible_name


@pytest.mark.parametrize(
    "name",
    ["Ada", "Ada B. Lovelace", "Åsa", "Nguyễn Văn A", "אָדָה", "می\u200cخواهم", "क्\u200dष",
     "葛\U000e0100城", "👩\u200d💻", "❤\ufe0f\u200d🔥", "👍🏽", "1\ufe0f\u20e3", "<b>Ben</b>",
     "\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f"],
)  # fmt: skip
def test_a_name_in_any_script_stays_as_it_is(name: str) -> None:
    assert visible_name(name) == name


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("  Ada \n\t Lovelace ", "Ada Lovelace"),
        ("Ada\u202egpj.exe", "Adagpj.exe"),
        ("A\u200bd\u200da\u2060\ufeff\u00ad", "Ada"),
        ("Ada\ufe0f", "Ada"),
        ("A\u0301\u0302\u0303\u0304\u0305\u0306da", "A\u0301\u0302\u0303\u0304da"),
        ("\u0301Ada", "Ada"),
        ("Ada\x00\x07\ud800", "Ada\ufffd"),
        ("Ada\u3164Ben", "AdaBen"),
    ],
)
def test_what_reaches_beyond_its_place_is_taken_out(name: str, shown: str) -> None:
    assert visible_name(name) == shown


@pytest.mark.parametrize(
    "name", ["", " ", "\u200b\u200d", "\u3164\u2800", "\u0301\u0302", "\u202e\u2069", "\ufe0f"]
)
def test_a_name_of_which_nothing_can_be_seen_is_empty(name: str) -> None:
    assert visible_name(name) == ""
