"""Who wants to be forgotten is forgotten, and no backup and no import brings anything back."""

from pathlib import Path

import pytest
from sqlalchemy import select

from commentbox.actions.erase import erase_again, erase_person
from commentbox.actions.moderate import Ruling
from commentbox.db import atomic, session
from commentbox.models import Comment, Entrance, ErasureMode, Site
from commentbox.reading.person import data_of
from commentbox.transfer.backup import back_up, restore
from commentbox.transfer.importer import Plan, import_found
from commentbox.transfer.record import Page, Record
from tests.factories import WRITTEN_AT, write
from tests.transfer.laws import require_laws

BY_COMMAND = Ruling(Entrance.CLI)
CY = "cy@example.org"


def erase(mode: ErasureMode, email: str = " CY@Example.org ") -> int:
    """Forget Cy on the site “blog”."""
    return erase_person("blog", email, mode, BY_COMMAND, WRITTEN_AT).comments


def stored() -> list[Comment]:
    """Return the comments as they are on disk."""
    session().expire_all()
    return list(session().scalars(select(Comment).order_by(Comment.id)))


def test_words_may_stay_without_their_author(site: Site) -> None:
    write(site, text="Well said!")
    version = stored()[0].thread_id
    assert erase(ErasureMode.ANONYMISE) == 1
    (comment,) = stored()
    assert (comment.name, comment.email, comment.website, comment.network) == ("", "", "", "")
    assert (comment.text, comment.state) == ("Well said!", "published")
    assert version == comment.thread_id
    assert data_of(session(), site, CY)["comments"] == []


def test_words_may_go_and_replies_stay(site: Site) -> None:
    first = write(site, text="Secret")
    other = write(site, parent=first.id, name="Dee")
    with_other_address(other.id)
    assert erase(ErasureMode.DELETE) == 1
    gone, reply = stored()
    assert (gone.is_erased, gone.email, reply.is_published) == (True, "", True)
    require_laws(site)


def test_what_names_the_address_is_counted(site: Site) -> None:
    other = write(site, text=f"Write to {CY}!")
    with_other_address(other.id)
    erased = erase_person("blog", CY, ErasureMode.DELETE, BY_COMMAND, WRITTEN_AT)
    assert (erased.comments, erased.mentions) == (0, 1)


def test_a_restore_brings_nothing_back(site: Site, tmp_path: Path) -> None:
    write(site, text="Secret")
    path = tmp_path / "backup.gz"
    back_up(path)
    erase(ErasureMode.DELETE)
    restore(path, overwrite=True)
    assert stored()[0].text == "Secret"
    assert erase_again(BY_COMMAND) == 1
    assert stored()[0].is_erased
    assert erase_again(BY_COMMAND) == 0


@pytest.mark.parametrize("mode", list(ErasureMode))
def test_an_import_brings_nothing_back(site: Site, mode: ErasureMode) -> None:
    erase(mode)
    page = Page(key="/a")
    found = [
        Record(
            id="1", page=page, text="Old", created_at=WRITTEN_AT, name="Cy", email="Cy@example.org"
        ),
        Record(id="2", page=page, text="Reply", created_at=WRITTEN_AT, parent="1"),
    ]
    assert import_found(found, Plan("blog", format="isso")).new == 2
    old, reply = stored()
    assert (old.name, old.email) == ("", "")
    assert old.text == ("" if mode is ErasureMode.DELETE else "Old")
    assert reply.parent_id == old.id


def test_people_are_shown_what_is_kept_of_them(site: Site) -> None:
    comment = write(site, text="Well said!")
    data = data_of(session(), site, CY.upper())
    (told,) = data["comments"]  # type: ignore[misc]
    assert (told["id"], told["text"], told["email"]) == (comment.id, "Well said!", CY)
    assert data["subscriptions"] == []


def with_other_address(number: int) -> None:
    """Let a comment be somebody else's."""
    with atomic() as current:
        current.get_one(Comment, number).email = "dee@example.org"
