"""A backup holds everything, is tried out before it counts, and comes back on either database."""

import gzip
import threading
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Engine, delete, select

from commentbox.db import atomic, own_engine, session
from commentbox.errors import CommentboxError, SetupError
from commentbox.models import Comment, Moderator, Site, Thread
from commentbox.transfer.backup import back_up, restore
from tests.factories import ada, write, write_chain, write_held
from tests.grounds import bare_app
from tests.transfer.laws import require_laws

pytestmark = pytest.mark.usefixtures("_in_the_app")


@pytest.fixture
def backup(site: Site, tmp_path: Path) -> Path:
    """Return a backup of a site with some comments."""
    write_chain(site, 3)
    write_held(site, page="/b", text="Grüße 🌍")
    ada()
    path = tmp_path / "backup.gz"
    assert back_up(path).comments == 4
    return path


def numbers() -> list[tuple[int, str, str]]:
    """Return what is there."""
    session().expire_all()
    comments = session().scalars(select(Comment).order_by(Comment.id))
    return [(comment.id, comment.text, comment.state) for comment in comments]


@pytest.mark.long
def test_what_was_lost_comes_back(site: Site, backup: Path) -> None:
    before = numbers()
    with atomic() as current:
        current.execute(delete(Site))
        current.execute(delete(Moderator))
    assert restore(backup).comments == 4
    assert numbers() == before
    there = session().scalars(select(Site)).one()
    assert session().scalars(select(Moderator)).one().email == "ada@example.org"
    require_laws(there)
    assert write(there).id > before[-1][0]


@pytest.mark.long
def test_nothing_is_overwritten_without_being_told(site: Site, backup: Path) -> None:
    later = write(site, page="/later")
    with pytest.raises(SetupError, match="--force"):
        restore(backup)
    assert later.id in [number for number, *_ in numbers()]
    version = session().get_one(Site, site.id).version
    restore(backup, overwrite=True)
    assert later.id not in [number for number, *_ in numbers()]
    # Prepared answers of before are out of date, and numbers are not given twice.
    session().expire_all()
    assert session().scalars(select(Site)).one().version > version


@pytest.mark.long
def test_a_backup_moves_from_one_kind_of_database_to_the_other(
    site: Site, backup: Path, engine: Engine, request: pytest.FixtureRequest
) -> None:
    before = numbers()
    is_sqlite = engine.dialect.name == "sqlite"
    other = own_engine(request.getfixturevalue("postgresql_url" if is_sqlite else "sqlite_url"))
    with bare_app(other).app_context():
        restore(backup)
        assert numbers() == before
        require_laws(session().scalars(select(Site)).one())
    other.dispose()


@pytest.mark.long
@pytest.mark.parametrize("cut", [0, 1, 50, -30])
def test_a_damaged_backup_changes_nothing(site: Site, backup: Path, cut: int) -> None:
    before = numbers()
    backup.write_bytes(backup.read_bytes()[:cut] if cut else b"no backup")
    with pytest.raises(CommentboxError, match=r"backup\.gz"):
        restore(backup, overwrite=True)
    assert numbers() == before


def test_a_backup_of_a_newer_release_is_refused(site: Site, tmp_path: Path) -> None:
    path = tmp_path / "backup.gz"
    path.write_bytes(gzip.compress(b'{"type":"commentbox-backup","version":1,"schema":"9999"}\n'))
    with pytest.raises(CommentboxError, match="newer release"):
        restore(path)


@pytest.mark.long
def test_writes_go_on_while_a_backup_is_made(app: Flask, site: Site, tmp_path: Path) -> None:
    stop = threading.Event()
    written: list[int] = []

    def writing() -> None:
        with app.app_context():
            while not stop.is_set() and len(written) < 50:
                written.append(write(site, page="/busy").id)

    writer = threading.Thread(target=writing)
    writer.start()
    path = tmp_path / "backup.gz"
    told = back_up(path)
    stop.set()
    writer.join()
    restore(path, overwrite=True)
    thread = session().scalars(select(Thread)).one_or_none()
    assert (thread.count if thread else 0) == told.comments
