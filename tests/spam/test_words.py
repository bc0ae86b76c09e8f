"""Listed words: what an entry finds, and that no text makes it slow."""

import pytest

from commentbox.spam import found_entries, read_entries
from commentbox.spam.words import finds_too_much


@pytest.mark.parametrize(
    ("entry", "text"),
    [
        ("casino", "The CASINO, again"),
        ("casino", "casino"),
        ("casino*", "casinos"),
        ("*casino", "onlinecasino."),
        ("*casino*", "bestcasinos"),
        ("c*o", "casino"),
        ("c*s*o", "cassino"),
        ("ca*in*o", "cainino"),
        ("payday loan", "a payday\n loan"),
        ("pay* loan*", "Payday loans"),
        ("a * c", "a b c"),
        ("c++", "learn c++ now"),
        ("*.ru", "see example.ru"),
        ("@spam.example", "cy@spam.example"),
        ("$$$", "earn$$$now"),
        ("straße", "STRASSE"),
        ("Ärzte", "ärzte"),
        ("casino", "ｃａｓｉｎｏ"),
        ("казино", "Лучшее КАЗИНО"),
    ],
)
def test_an_entry_finds_whole_words_in_any_writing(entry: str, text: str) -> None:
    assert found_entries([text], [entry]) == [entry]


@pytest.mark.parametrize(
    ("entry", "text"),
    [
        ("casino", "casinos"),
        ("casino", "onlinecasino"),
        ("casino*", "onlinecasino"),
        ("*casino", "casinos"),
        ("c*o", "casinos"),
        ("payday loan", "payday, loan"),
        ("ass", "grass class assess"),
        ("Ärzte", "Ärzten"),
        ("a.c", "abc"),
        ("[abc]", "a"),
    ],
)
def test_an_entry_finds_nothing_else(entry: str, text: str) -> None:
    assert found_entries([text], [entry]) == []


def test_entries_stand_one_a_line_and_doubles_are_one() -> None:
    assert read_entries("casino*\n\n Payday   loan \r\ncasino*\n") == ("casino*", "Payday loan")


def test_an_entry_of_signs_alone_would_find_everything() -> None:
    assert finds_too_much("*")
    assert finds_too_much("* *")
    assert not finds_too_much("*a")


@pytest.mark.parametrize(
    ("entry", "text"),
    [
        ("*a*a*a*a*a*a*a*b", "a" * 100_000 + " b"),
        ("a*a*a*a*a*a*a*b", "a" * 100_000 + " b"),
        ("*.ru", "x" * 100_000 + " .ruu"),
        ("a b c d", "a " * 50_000 + "d"),
        ("a* b", ("a" + " " * 1000) * 100 + "b"),
        ("* * * *x", "y " * 50_000 + "x"),
    ],
)
def test_no_entry_goes_back_over_a_text(entry: str, text: str) -> None:
    # Were one to, the test would not end.
    assert isinstance(found_entries([text], [entry]), list)
