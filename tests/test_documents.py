"""The documentation says what the code does."""

import pytest

from tests.documents import DOCS, documents


@pytest.mark.parametrize("name", ["settings.md", "errors.md"])
def test_generated_pages_are_those_of_the_docstrings(name: str) -> None:
    written = (DOCS / name).read_text(encoding="utf-8")
    assert written == documents()[name], "run “python -m tests.documents”"
