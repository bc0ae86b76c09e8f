"""Markup by example: what people type, and the whole of what readers get."""

from pathlib import Path

import pytest

from commentbox.markup import clean, render

SAMPLES = Path(__file__).parent.parent / "samples" / "markup"


@pytest.mark.parametrize("name", sorted(path.stem for path in SAMPLES.glob("*.md")))
def test_a_sample_becomes_the_expected_html(name: str) -> None:
    source = (SAMPLES / f"{name}.md").read_text(encoding="utf-8")
    expected = (SAMPLES / f"{name}.html").read_text(encoding="utf-8")
    assert f"{render(source)}\n" == expected


@pytest.mark.parametrize("name", sorted(path.stem for path in SAMPLES.glob("*.foreign.html")))
def test_foreign_html_becomes_the_expected_html(name: str) -> None:
    foreign = (SAMPLES / f"{name}.html").read_text(encoding="utf-8")
    expected = (SAMPLES / f"{name.removesuffix('.foreign')}.cleaned.html").read_text("utf-8")
    assert f"{clean(foreign.rstrip())}\n" == expected
