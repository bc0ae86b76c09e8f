"""The documentation says what the code does."""

import pytest

from commentbox.models import EventType
from tests.documents import DOCS, documents, meanings_of_values


@pytest.mark.parametrize("name", ["settings.md", "errors.md"])
def test_generated_pages_are_those_of_the_docstrings(name: str) -> None:
    written = (DOCS / name).read_text(encoding="utf-8")
    assert written == documents()[name], "run “python -m tests.documents”"


def test_every_event_is_described_in_its_own_words() -> None:
    page = (DOCS / "webhooks.md").read_text(encoding="utf-8")
    meanings = meanings_of_values(EventType)
    assert set(meanings) == set(EventType)
    for event, meaning in meanings.items():
        assert f"| `{event}` | {meaning} |" in page
