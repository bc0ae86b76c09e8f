"""The proof of who writes: an earlier comment's edit token, through every entrance."""

import pytest

from commentbox.actions.moderate import Ruling, decide
from commentbox.actions.sites import set_policy
from commentbox.models import Entrance, State
from tests.web.readers import Reader


@pytest.fixture
def token(reader: Reader) -> str:
    """Return the token of an approved comment, on a site where strangers wait."""
    first = reader.posted("First.")
    with reader.app.app_context():
        set_policy("blog", {"moderation": "known"})
        decide(first.id, State.PUBLISHED, Ruling(Entrance.CLI))
    return first.edit_token


def test_a_known_author_is_published_by_json_and_by_form(reader: Reader, token: str) -> None:
    stranger = Reader(reader.app, reader.site)
    assert stranger.post("Who am I?").status_code == 202
    known = stranger.post("It is me.", proof=token)
    assert known.status_code == 201
    assert stranger.post("Me again.", proof=known.json["edit_token"]).status_code == 201
    assert "#comment-" in stranger.post_by_page("By form.", proof=token).location
    assert stranger.read()["count"] == 4


@pytest.mark.parametrize(
    "spoil", [lambda t: t[:-1], lambda t: "x" + t, lambda t: "ä", lambda t: ""]
)
def test_a_spoilt_proof_proves_nothing_and_loses_nothing(reader: Reader, token: str, spoil) -> None:
    assert reader.post("Spoilt.", proof=spoil(token)).status_code == 202


def test_a_ticket_is_no_proof(reader: Reader, token: str) -> None:
    assert reader.post("A ticket.", proof=reader.ticket()).status_code == 202


def test_the_form_keeps_its_proof_when_it_is_shown_again(reader: Reader, token: str) -> None:
    again = reader.post_by_page("", proof=token)
    assert again.status_code == 422
    assert f'name="proof" value="{token}"' in again.text
