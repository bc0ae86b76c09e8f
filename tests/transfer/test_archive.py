"""An archive loses nothing: what is imported from it is exported again byte for byte."""

import csv
import gzip
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, delete, select

from commentbox.actions.edit import edit
from commentbox.actions.report import report
from commentbox.actions.sites import add_site
from commentbox.db import atomic, session
from commentbox.errors import SetupError
from commentbox.models import Comment, Moderator, Site, State, Thread
from commentbox.transfer.exporter import export_csv, export_site, guarded
from commentbox.transfer.importer import Plan, import_file
from commentbox.transfer.record import Page
from commentbox.transfer.report import Report
from commentbox.transfer.source import SourceFile
from tests.factories import ORIGIN, WRITTEN_AT, ada, alias, rule, with_policy, write, write_held
from tests.transfer.laws import require_laws
from tests.transfer.test_importer import bring, record

pytestmark = pytest.mark.usefixtures("_in_the_app")

Archive = Callable[[], Path]


@pytest.fixture
def full_site(site: Site) -> Site:
    """Return a site with everything that an archive keeps."""
    with_policy(site, moderation="open", max_depth=3, held_words="casino", name="Adas Notizen")
    first = write(site, name=" Ben ", text="*Gut*\n\n„ü“ <b>")
    reply = write(site, parent=first.id, at=WRITTEN_AT + timedelta(seconds=1, microseconds=7))
    edit(reply.id, "Besser.", WRITTEN_AT + timedelta(seconds=60))
    held = write_held(site, page="/b")
    owner = ada()
    rule(held, State.SPAM, owner, "Werbung")
    rule(reply, State.REMOVED)
    report(first.id, "Hm", "192.0.2.9", WRITTEN_AT)
    thread = session().get_one(Thread, first.thread_id)
    alias(thread, "/alt")
    with atomic() as current:
        kept = current.get_one(Thread, thread.id)
        kept.pinned_id, kept.is_open = first.id, False
        current.add(Thread(site_id=site.id, key="/leer", title="Ohne Kommentar"))
    bring(
        record("1", page=Page(key="/c"), anchor="isso-1", score=4),
        record("2", "1", page=Page(key="/c"), text="<i>x</i>", text_format="html", state="held"),
        record("3", page=Page(key="/c"), state="removed", text=""),
        record("4", "3", page=Page(key="/c")),
    )
    return site


def written(site_key: str, path: Path) -> bytes:
    """Return the archive of a site as it is now."""
    export_site(site_key, path)
    return path.read_bytes()


def bring_archive(path: Path, site_key: str = "blog", **plan: object) -> Report:
    """Import an archive."""
    return import_file(SourceFile(path), Plan(site_key, **plan))  # type: ignore[arg-type]


def forget_everything(engine: Engine) -> None:
    """Leave an empty service behind; numbers begin at 1 again."""
    with atomic() as current:
        current.execute(delete(Site))
        current.execute(delete(Moderator))


def test_an_archive_comes_back_byte_for_byte(
    full_site: Site, engine: Engine, tmp_path: Path
) -> None:
    path = tmp_path / "blog.commentbox.gz"
    before = written("blog", path)
    assert written("blog", tmp_path / "again.gz") == before
    forget_everything(engine)
    dry = bring_archive(path, is_dry_run=True)
    assert session().scalars(select(Site)).all() == []
    wet = bring_archive(path)
    assert (wet.new, wet.known, wet.skipped, wet.fault) == (dry.new, 0, {}, None)
    assert (wet.pages_created, wet.states) == (dry.pages_created, dry.states)
    site = session().scalars(select(Site)).one()
    require_laws(site)
    after = written("blog", tmp_path / "after.gz")
    assert gzip.decompress(after).decode() == gzip.decompress(before).decode()
    assert after == before
    again = bring_archive(path)
    assert (again.new, again.known, again.pages_created) == (0, wet.new, 0)
    assert written("blog", tmp_path / "after.gz") == before
    assert write(site, page="/new").id > max(
        number for (number,) in session().execute(select(Comment.id).where(Comment.name != "Cy"))
    )


def test_nothing_secret_is_in_an_archive(full_site: Site, tmp_path: Path) -> None:
    text = gzip.decompress(written("blog", tmp_path / "a.gz")).decode()
    assert "scrypt" not in text
    assert "network" not in text
    header, first, *_ = (json.loads(line) for line in text.splitlines())
    assert header == {"type": "commentbox", "version": 1}
    assert (first["type"], first["key"], first["max_depth"]) == ("site", "blog", 3)


def test_an_archive_in_a_service_with_other_comments_gets_new_numbers(
    full_site: Site, tmp_path: Path
) -> None:
    path = tmp_path / "a.gz"
    export_site("blog", path)
    other = add_site("other", [ORIGIN])
    report = bring_archive(path, "other")
    assert report.new == 7
    require_laws(full_site)
    assert bring_archive(path, "other").known == 7
    numbers = select(Comment).where(Comment.site_id == other.id)
    theirs = session().scalars(numbers).all()
    assert {c.anchor for c in theirs} >= {"isso-1"}
    assert len(theirs) == 7


def test_a_newer_archive_and_a_damaged_one_say_so(site: Site, tmp_path: Path) -> None:
    path = tmp_path / "a.gz"
    path.write_bytes(gzip.compress(b'{"type":"commentbox","version":2}\n'))
    assert "newer release" in str(bring_archive(path).fault)
    write(site)
    export_site("blog", path)
    path.write_bytes(path.read_bytes()[:-20])
    assert "ends too early" in str(bring_archive(path).fault)


def test_lines_written_by_hand_are_read_as_far_as_they_make_sense(
    site: Site, tmp_path: Path
) -> None:
    odd = {
        "type": "comment", "id": "x", "parent_id": [], "text": "a\0b", "state": "glorious",
        "is_by_moderator": "yes", "score": 10**30, "reasons": 7, "author_id": 2**70,
        "created_at": "tomorrow", "decisions": [7, {}], "reports": "many", "anchor": "<",
    }  # fmt: skip
    lines = [
        {"type": "commentbox", "version": 1},
        {"type": "thread", "key": "/a", "url": 7},
        odd,
        7,
    ]
    path = tmp_path / "a.json"
    text = "\n".join(json.dumps(line, separators=(",", ":")) for line in lines)
    path.write_text(text, encoding="utf-8")
    assert bring_archive(path).new == 1
    require_laws(site)


def test_no_cell_of_a_table_is_taken_for_a_formula(site: Site, tmp_path: Path) -> None:
    for text in ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =2", "fine"):
        write(site, text=text, name="=HYPERLINK()")
    path = tmp_path / "a.csv"
    assert export_csv("blog", path) == 7
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["text"][0] for row in rows[:5]] == ["'"] * 5
    assert rows[5]["text"] == "' =2"
    assert (rows[6]["text"], rows[6]["name"]) == ("fine", "'=HYPERLINK()")
    assert guarded(None) == ""


def test_an_unknown_site_leaves_no_file(tmp_path: Path, site: Site) -> None:
    with pytest.raises(SetupError):
        export_site("nowhere", tmp_path / "a.gz")
    assert list(tmp_path.glob("*.gz*")) == []
