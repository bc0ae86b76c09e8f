"""Who wants to be forgotten is forgotten, and no backup and no import brings anything back."""

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, select

from commentbox.actions.bans import Wish, ban
from commentbox.actions.erase import erase_again, erase_person
from commentbox.actions.erasure_list import ErasureList
from commentbox.actions.moderate import Ruling
from commentbox.db import atomic, session
from commentbox.models import Ban, BanKind, Comment, Entrance, ErasureMode, Site
from commentbox.models.ban import bans_in_force
from commentbox.reading.person import data_of
from commentbox.transfer.backup import back_up, restore
from commentbox.transfer.importer import Plan, import_found
from commentbox.transfer.record import Page, Record
from tests.factories import WRITTEN_AT, write
from tests.transfer.laws import require_laws

BY_COMMAND = Ruling(Entrance.CLI)
CY = "cy@example.org"


@pytest.fixture
def kept(tmp_path: Path) -> ErasureList:
    """Return the list of erasures beside the database."""
    return ErasureList(tmp_path / "data")


def erase(kept: ErasureList, mode: ErasureMode, email: str = " CY@Example.org ") -> int:
    """Forget Cy on the site “blog”."""
    return erase_person("blog", email, mode, BY_COMMAND, WRITTEN_AT, kept).comments


def stored() -> list[Comment]:
    """Return the comments as they are on disk."""
    session().expire_all()
    return list(session().scalars(select(Comment).order_by(Comment.id)))


def test_words_may_stay_without_their_author(kept: ErasureList, site: Site) -> None:
    write(site, text="Well said!")
    version = stored()[0].thread_id
    assert erase(kept, ErasureMode.ANONYMISE) == 1
    (comment,) = stored()
    assert (comment.name, comment.email, comment.website, comment.network) == ("", "", "", "")
    assert (comment.text, comment.state) == ("Well said!", "published")
    assert version == comment.thread_id
    assert data_of(session(), site, CY)["comments"] == []


@pytest.mark.parametrize(
    ("written", "asked"), [("ÄDA@Example.org", "äda@example.org"), ("äda@x.org", "ÄDA@x.org")]
)
def test_an_address_is_found_however_its_letters_are_written(
    kept: ErasureList, site: Site, written: str, asked: str
) -> None:
    comment = write(site)
    with atomic() as current:
        current.get_one(Comment, comment.id).email = written
    assert len(data_of(session(), site, asked)["comments"]) == 1  # type: ignore[arg-type]
    assert erase(kept, ErasureMode.ANONYMISE, asked) == 1


def test_words_may_go_and_replies_stay(kept: ErasureList, site: Site) -> None:
    first = write(site, text="Secret")
    other = write(site, parent=first.id, name="Dee")
    with_other_address(other.id)
    assert erase(kept, ErasureMode.DELETE) == 1
    gone, reply = stored()
    assert (gone.is_erased, gone.email, reply.is_published) == (True, "", True)
    require_laws(site)


def test_what_names_the_address_is_counted(kept: ErasureList, site: Site) -> None:
    other = write(site, text=f"Write to {CY}!")
    with_other_address(other.id)
    erased = erase_person("blog", CY, ErasureMode.DELETE, BY_COMMAND, WRITTEN_AT, kept)
    assert (erased.comments, erased.mentions) == (0, 1)


@pytest.mark.long
def test_a_restore_brings_nothing_back(kept: ErasureList, site: Site, tmp_path: Path) -> None:
    write(site, text="Secret")
    path = tmp_path / "backup.gz"
    back_up(path)
    erase(kept, ErasureMode.DELETE)
    restore(path, overwrite=True)
    assert stored()[0].text == "Secret"
    assert erase_again(BY_COMMAND) == 1
    assert stored()[0].is_erased
    assert erase_again(BY_COMMAND) == 0


@pytest.mark.long
def test_an_erasure_after_the_backup_is_known_when_the_database_was_lost(
    kept: ErasureList, site: Site, tmp_path: Path
) -> None:
    write(site, text="Secret")
    path = tmp_path / "backup.gz"
    back_up(path)
    erase(kept, ErasureMode.ANONYMISE)
    erase(kept, ErasureMode.DELETE)
    with (tmp_path / "data" / "erasures.jsonl").open("a", encoding="utf-8") as file:
        file.write('{"site": "blog", "dig')  # the power went
    with atomic() as current:
        current.execute(delete(Site))
    restore(path)
    assert erase_again(BY_COMMAND) == 0
    ErasureList(tmp_path / "data").take_over()
    assert erase_again(BY_COMMAND) == 1
    assert stored()[0].is_erased
    assert CY not in (tmp_path / "data" / "erasures.jsonl").read_text(encoding="utf-8")


def test_who_comes_back_after_an_erasure_is_not_erased_again(kept: ErasureList, site: Site) -> None:
    erase(kept, ErasureMode.DELETE)
    later = write(site, text="Here I am again.", at=WRITTEN_AT + timedelta(days=1))
    assert erase_again(BY_COMMAND) == 0
    assert session().get_one(Comment, later.id).text == "Here I am again."


@pytest.mark.parametrize("mode", list(ErasureMode))
def test_bans_go_on_without_a_name(kept: ErasureList, site: Site, mode: ErasureMode) -> None:
    comment = write(site)
    for wish in (
        Wish(BanKind.ADDRESS, comment=comment, reason="Cy insults"),
        Wish(BanKind.AUTHOR, comment=comment, reason="Cy insults"),
        Wish(BanKind.NETWORK, comment=comment, reason="Cy insults"),
        Wish(BanKind.ADDRESS, "@spam.example", reason="nobody in particular"),
    ):
        ban(site, wish, None, WRITTEN_AT)
    erase(kept, mode)
    session().expire_all()
    placed = session().scalars(select(Ban).order_by(Ban.id)).all()
    assert CY not in " ".join(each.value for each in placed)
    assert [(each.label, each.reason) for each in placed] == [
        *[("", "")] * 3, ("", "nobody in particular")
    ]  # fmt: skip
    there = session().get_one(Site, site.id)
    found = bans_in_force(session(), there, WRITTEN_AT, author=None, email=CY.upper(), networks=[])
    assert [each.is_of_erased for each in found] == [True]


@pytest.mark.parametrize("mode", list(ErasureMode))
def test_an_import_brings_nothing_back(kept: ErasureList, site: Site, mode: ErasureMode) -> None:
    erase(kept, mode)
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


def test_people_are_shown_what_is_kept_of_them(kept: ErasureList, site: Site) -> None:
    comment = write(site, text="Well said!")
    data = data_of(session(), site, CY.upper())
    (told,) = data["comments"]  # type: ignore[misc]
    assert (told["id"], told["text"], told["email"]) == (comment.id, "Well said!", CY)
    assert data["subscriptions"] == []


def with_other_address(number: int) -> None:
    """Let a comment be somebody else's."""
    with atomic() as current:
        current.get_one(Comment, number).email = "dee@example.org"
