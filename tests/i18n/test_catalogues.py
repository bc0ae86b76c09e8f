"""Every language says everything, and says it with the same facts."""

import re

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from commentbox.i18n import CATALOGUES, LANGUAGES, SOURCE
from tests.i18n.messages import messages

TRANSLATED = sorted(set(LANGUAGES) - {SOURCE})


def catalogue(code: str) -> Catalog:
    with (CATALOGUES / code / "LC_MESSAGES" / "commentbox.po").open("rb") as source:
        return read_po(source, locale=code)


@pytest.mark.long
@pytest.mark.parametrize("code", TRANSLATED)
def test_every_message_has_a_translation(code: str) -> None:
    translated = {message.id for message in catalogue(code) if _is_translated(message.string)}
    assert sorted(map(str, messages() - translated)) == []


@pytest.mark.long
@pytest.mark.parametrize("code", TRANSLATED)
def test_no_translation_outlives_its_message(code: str) -> None:
    written = {message.id for message in catalogue(code) if message.id}
    assert sorted(map(str, written - messages())) == []


@pytest.mark.parametrize("code", TRANSLATED)
def test_a_translation_has_the_places_of_its_message(code: str) -> None:
    for message in catalogue(code):
        if not message.id:
            continue
        ids, strings = _forms(message.id), _forms(message.string)
        assert {_places(string) for string in strings} <= {_places(text) for text in ids}, ids


@pytest.mark.long
def test_messages_of_templates_errors_fields_and_reasons_are_all_found() -> None:
    found = messages()
    assert "Cancel reply" in found
    assert ("%(num)s comment", "%(num)s comments") in found
    assert "Comments are closed." in found
    assert "Please fill in this field." in found
    assert "The hidden field was filled in, as programs do." in found
    assert "Its ticket was not made by this service." in found


def _is_translated(string: str | tuple[str, ...]) -> bool:
    return all(_forms(string))


def _forms(text: str | tuple[str, ...]) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text)


def _places(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"%\((\w+)\)s|%%", text))
